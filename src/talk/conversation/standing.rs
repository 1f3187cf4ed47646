//! How things stand, for the status line and the prompt, and so for whom a line without a mark is.
//!
//! It must never know: what was said.

use crate::client::{Registration, Return, Status};
use crate::talk::clean::clean;
use std::collections::BTreeSet;

/// So many names are known to Tab; a session has no more contacts.
const MOST_NAMES: usize = 10_000;

/// See the module.
pub struct Standing {
    hub: String,
    pub(super) link: Link,
    nickname: String,
    pub(super) place: Place,
    /// Whether the chat is what this person was last busy with.
    ///
    /// It stays so when a partner leaves: a line typed to them a moment too late must not be read as a sentence that
    /// sends something to somebody else.
    in_chat: bool,
    /// Numbers the chats.
    chat: u64,
    pub(super) masking: bool,
    pub(super) partner_is_away: bool,
    pub(super) partner_types: bool,
    whatsapp: Option<String>,
    auto_reply: Option<bool>,
    clients: Option<u64>,
    names: BTreeSet<String>,
}

/// Where the hub is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    Away,
    Here,
    /// It is one of this client's own.
    Own,
}

/// Where this person is in the random chat.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    Idle,
    Waiting(u64),
    Paired(String),
}

impl Standing {
    pub(super) fn new(hub: &str) -> Self {
        Self {
            hub: hub.to_owned(),
            link: Link::Away,
            nickname: String::new(),
            place: Place::Idle,
            in_chat: false,
            chat: 0,
            masking: true,
            partner_is_away: false,
            partner_types: false,
            whatsapp: None,
            auto_reply: None,
            clients: None,
            names: BTreeSet::new(),
        }
    }

    pub(super) fn moves(&mut self, hub: &str, link: Link) {
        // What was typed for a partner who is not here is for nobody here.
        let (in_chat, chat) = (self.in_chat, self.chat);
        *self = Self { link, in_chat, chat, ..Self::new(hub) };
    }

    pub fn hub(&self) -> &str {
        &self.hub
    }

    /// Whether a partner hears what is typed.
    pub fn is_paired(&self) -> bool {
        matches!(self.place, Place::Paired(_))
    }

    /// Whether a line without a mark is for the partner, and not a sentence for the shared line.
    pub fn is_to_partner(&self) -> bool {
        self.in_chat
    }

    /// The chat that this person is in, by a number of its own.
    pub(super) fn chat(&self) -> Option<u64> {
        self.is_paired().then_some(self.chat)
    }

    /// The number of that, or of the one before.
    pub(super) fn last_chat(&self) -> u64 {
        self.chat
    }

    /// A chat is wanted.
    pub(super) fn seeks(&mut self) {
        self.in_chat = true;
    }

    /// There is somebody else from now on.
    pub(super) fn meets(&mut self, partner: Option<&str>) {
        self.place = Place::Idle;
        self.goes("paired", partner, None);
    }

    /// The names that Tab knows.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    pub(super) fn learn<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        for name in names {
            if self.names.len() < MOST_NAMES {
                self.names.insert(clean(name));
            }
        }
    }

    pub(super) fn registered(&mut self, registration: &Registration) {
        self.nickname = clean(&registration.nickname);
        if self.link == Link::Away {
            self.link = Link::Here;
        }
        if matches!(registration.how, Return::First | Return::Anew) {
            (self.place, self.masking) = (Place::Idle, true);
            (self.partner_is_away, self.partner_types) = (false, false);
        }
    }

    pub(super) fn renamed(&mut self, nickname: &str) {
        self.nickname = clean(nickname);
    }

    /// The answer to a command says where it led.
    pub(super) fn goes(&mut self, state: &str, partner: Option<&str>, position: Option<u64>) {
        let place = match (state, partner) {
            ("paired", partner) => Place::Paired(clean(partner.unwrap_or("your partner"))),
            ("waiting", _) => Place::Waiting(position.unwrap_or(1)),
            _ => Place::Idle,
        };
        self.chat += u64::from(place != self.place && matches!(place, Place::Paired(_)));
        self.place = place;
        (self.partner_is_away, self.partner_types) = (false, false);
        self.in_chat = self.in_chat || self.place != Place::Idle;
    }

    /// This person ended it, and so is busy with something else.
    pub(super) fn turns_away(&mut self) {
        self.in_chat = self.place != Place::Idle;
    }

    pub(super) fn whatsapp(&self) -> Option<&str> {
        self.whatsapp.as_deref()
    }

    pub(super) fn stands(&mut self, status: &Status) {
        if let Some(whatsapp) = &status.whatsapp {
            self.whatsapp = Some(clean(whatsapp));
        }
        self.auto_reply = self.auto_reply.or(status.auto_reply);
        self.clients = status.clients.or(self.clients);
    }

    /// What auto-reply is now, if that is another than before.
    pub(super) fn changes_auto_reply(&mut self, now: Option<bool>) -> Option<bool> {
        let before = self.auto_reply;
        self.auto_reply = now.or(before);
        now.filter(|now| before.is_some_and(|before| before != *now))
    }

    /// The partner wrote, perhaps under another name than before.
    pub(super) fn partner_is(&mut self, name: &str) {
        self.partner_types = false;
        if let Place::Paired(partner) = &mut self.place {
            *partner = clean(name);
        }
    }

    pub(super) fn counts(&mut self, by: i64) {
        self.clients = self.clients.map(|clients| clients.saturating_add_signed(by));
    }

    /// What stands before what is typed.
    pub fn prompt(&self) -> String {
        match (&self.place, self.in_chat) {
            (Place::Paired(partner), _) => format!("{partner}> "),
            (Place::Waiting(_), _) => "nobody yet> ".to_owned(),
            (Place::Idle, true) => "nobody> ".to_owned(),
            (Place::Idle, false) => "> ".to_owned(),
        }
    }

    /// All in one line, what matters most first.
    pub fn status(&self, under_way: usize) -> String {
        let mut parts = vec![match &self.place {
            _ if self.link == Link::Away => "not connected, trying again".to_owned(),
            Place::Idle => "in no chat".to_owned(),
            Place::Waiting(position) => format!("looking for somebody, place {position}"),
            Place::Paired(partner) if self.partner_is_away => format!("{partner} lost the connection"),
            Place::Paired(partner) if self.partner_types => format!("{partner} is typing"),
            Place::Paired(partner) => format!("talking with {partner}"),
        }];
        parts.extend((under_way > 0).then(|| format!("{under_way} on the way")));
        parts.extend((!self.masking).then(|| "numbers are NOT hidden".to_owned()));
        parts.extend(self.whatsapp.as_ref().map(|whatsapp| format!("WhatsApp {whatsapp}")));
        parts.extend((self.auto_reply == Some(true)).then(|| "auto-reply".to_owned()));
        let others = self.clients.filter(|clients| *clients > 1);
        parts.extend(others.map(|clients| format!("{clients} clients")));
        parts.push(match self.link {
            Link::Away => self.hub.clone(),
            Link::Here => format!("{} at {}", self.nickname, self.hub),
            Link::Own => format!("{}, alone", self.nickname),
        });
        parts.join(" · ")
    }
}
