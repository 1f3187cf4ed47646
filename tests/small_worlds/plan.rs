//! How large a small world is, what must hold in it, and which mistake may be planted.

use strowger::core::{Millis, Rules};

/// How many people there are.
pub const PEOPLE: u8 = 3;
/// How many nodes there are.
pub const NODES: u8 = 2;

/// What must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Law {
    /// A person is in exactly one place, and those who are told so are told the right one.
    OnePlace,
    /// Both of a pair are in it, each with the other, nobody with oneself; so are the calls at their doors.
    MutualPairs,
    /// The figures equal a recount.
    Counters,
    /// No two people who may be matched are both waiting.
    NobodyWaitsInVain,
    /// Nobody is matched past somebody who waits longer and may be matched too.
    FirstComeFirstServed,
    /// Who is away keeps the place, and is not matched.
    AbsenceChangesNothing,
    /// Saying the same again changes nothing.
    RepeatsChangeNothing,
    /// A text is shown to the other one of its pair, and only while they know to be in it.
    TextsStayInTheirPair,
    /// An accepted text is shown once and in order, or its sender is told once; never both, and never neither.
    ShownOrTold,
    /// A text whose fate is open is somewhere.
    NothingDropped,
    /// Who is left hears so once, and not after something newer.
    EndToldOnce,
    /// Whether a text is masked was decided by its sender when it was taken.
    MaskedByItsSender,
    /// Who was on a node that is lost comes back or is gone.
    LostNodesLeave,
    /// No mailbox holds more texts than it may.
    MailboxesAreBounded,
    /// `#who` names the partner and nobody else.
    WhoNamesThePartner,
}

/// A law that was broken, and how it shows.
#[derive(Debug, Clone)]
pub struct Broken {
    pub law: Law,
    #[allow(dead_code, reason = "it is printed")]
    pub how: String,
}

/// Shorthand for an error.
pub fn broken<T>(law: Law, how: impl Into<String>) -> Result<T, Broken> {
    Err(Broken { law, how: how.into() })
}

/// Something that is built wrongly, to see that it is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// `#meet` reads the whole state, and writes it back in a second step.
    MeetReadsThenWrites,
    /// A door shows a text without a look at its pair.
    TextsWithoutPair,
    /// That the partner left is told by the leaver's node, past the log, and without the pair.
    EndsWithoutPair,
    /// Nobody says that a node is lost.
    NobodyReaps,
    /// A lost node is reaped, but who wrote to its people is not told.
    ReaperIsSilent,
    /// A text counts as shown once it is in the mailbox.
    MailboxConfirms,
    /// A node that was out goes on at once, and reads the log when it comes to it.
    WakesAndTalks,
    /// Texts to a lost node are given up before its last words were heard.
    LastWordsUnheard,
    /// Texts that came to the door of somebody's new connection before their node read that they are back, are
    /// dropped when it takes over the old mailbox.
    ReturnDropsEarlyTexts,
    /// Who comes back to another node is not taken to know of their call, so that its texts wait for ever.
    ReturnForgetsCall,
    /// What a lost node sent after it was said to be lost is heard.
    LostNodeIsHeard,
    /// A text from the connection that its sender had before is shown also after one from the newer.
    OldConnectionIsHeard,
    /// Only the node to which somebody comes back is told of it.
    OldNodeIsNotTold,
}

/// The bounds of a world.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub name: &'static str,
    /// The node where each person begins.
    pub homes: [u8; PEOPLE as usize],
    /// What each is interested in; two agree if they are equal or one is 0.
    pub tags: [u8; PEOPLE as usize],
    /// The first two people are alike, so the second does nothing before the first did: half the orders say it all.
    pub twins: bool,
    /// How many searches (`#meet` when idle, `#again` when talking) each may begin.
    pub searches: [u8; PEOPLE as usize],
    /// How many `#bye`, `#hide` and texts there are among all.
    pub byes: u8,
    pub hides: u8,
    pub texts: u8,
    /// How many say goodbye for good, lose the connection, and come back to any node.
    pub leaves: u8,
    pub losses: u8,
    pub returns: u8,
    /// How often a node goes out, and wakes up again.
    pub outages: u8,
    pub wakes: u8,
    /// How often a node that is out is said to be lost.
    pub reaps: u8,
    /// How many texts a mailbox holds.
    pub mailbox: usize,
    pub mistake: Option<Mistake>,
}

impl Plan {
    /// Nobody does anything.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            homes: [0, 0, 1],
            tags: [0; PEOPLE as usize],
            twins: false,
            searches: [0; PEOPLE as usize],
            byes: 0,
            hides: 0,
            texts: 0,
            leaves: 0,
            losses: 0,
            returns: 0,
            outages: 0,
            wakes: 0,
            reaps: 1,
            mailbox: 2,
            mistake: None,
        }
    }

    /// The same world with something built wrongly.
    pub const fn with(mut self, mistake: Mistake) -> Self {
        self.mistake = Some(mistake);
        self
    }

    pub fn has(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }

    /// Nothing but interests keeps people apart, so that they meet as often as can be.
    pub fn rules(&self) -> Rules {
        let grace = Rules::default().grace;
        let tags_give_way = Millis(u64::MAX);
        Rules { rematch_after: Millis(0), tags_give_way, grace, most_away: 0, meets_per_minute: 0 }
    }

    /// Whether the interests of two people let them meet.
    pub fn agree(&self, one: u8, other: u8) -> bool {
        let (one, other) = (self.tags[usize::from(one)], self.tags[usize::from(other)]);
        one == 0 || other == 0 || one == other
    }
}
