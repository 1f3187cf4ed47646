//! What a person is told. JSON, the sentences and the lines of text doors are renderings of these.

use super::{ContactHead, Millis, Nickname, Verb};

/// One thing to tell a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// `#meet`: nobody is there yet; also asked again while waiting.
    Searching,
    /// `#again`: nobody is there yet.
    SearchingAnew,
    /// Matched.
    Connected(Nickname),
    /// `#again` found somebody at once.
    ConnectedAnew(Nickname),
    /// `#meet` while talking.
    AlreadyTalking,
    /// `#bye` while talking.
    Ended,
    /// `#bye` while waiting.
    SearchCancelled,
    /// `#bye`, `#block` or `#report` without a partner.
    NotTalking,
    /// The partner ended the chat or is gone for good.
    PartnerLeft,
    /// The partner's connection broke; they may come back.
    PartnerAway,
    /// The partner came back.
    PartnerBack,
    /// `#who`.
    Partner(Nickname),
    /// `#who` without a partner.
    NobodyToName,
    /// `#hide`: whether masking is on now.
    Masking(bool),
    /// `#help`.
    Help,
    /// `#block`.
    Blocked,
    /// `#unblock`.
    BlockListEmptied,
    /// `#report`.
    Reported,
    /// Nothing came from the person for `chat.idle_after`.
    Expired,
    /// The partner types, or stopped.
    Typing(bool),
    /// A text without a partner to send it to.
    NoPartner,
    /// Too many of something: when to come back.
    TooFast(Millis),
    /// A text over the limit, in characters.
    TooLong(usize),
    /// A text that its receiver's mailbox has no room for.
    PartnerTooSlow,
    /// A text whose receiver can't be reached just now: their node is lost, or they are moving to another.
    PartnerOutOfReach,
}

/// Where a person is, as their own client may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Idle,
    Waiting {
        /// 1 is the one who waits longest.
        position: usize,
        /// What a wait took lately, once anybody was matched.
        expected_wait: Option<Millis>,
    },
    /// Talking with this nickname.
    Paired(Nickname),
}

/// The answer to a command: what was asked, what to say, and the state after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub verb: Verb,
    pub notice: Notice,
    pub state: State,
}

/// What a connection hears about its own input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The client is registered, or changed its nickname.
    Registered(Nickname),
    /// Somebody lives under this `client_id`.
    ClientIdTaken,
    /// Somebody wanted to go on with a registration, but under another `client_id`.
    OtherClient,
    /// The same, but in another session, or from another node without names.
    OtherSession,
    /// Somebody wanted to go on with a registration, but in another role.
    OtherRole,
    /// The session has a bridge already.
    BridgeTaken,
    /// A request from a connection that never registered.
    NotRegistered,
    /// A command was carried out, or not, with a reason.
    Command(Reply),
    /// The contact list as the whole session sees it now.
    Contacts(ContactHead),
}
