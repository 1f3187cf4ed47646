//! Many who are away at once: what it costs the others, and that the house does not do too much in one go.

use std::collections::BTreeSet;

use strowger::core::{
    ClientHash, Command, ConnId, Effect, Input, Matchmaker, Millis, NodeId, Notice, PersonId, Presence,
    Registration, Role, Rules, SessionHash, Tags, TokenHash,
};

use crate::house::{ANN, BOB, CAT, DAN, EVE, House, name};
use crate::{JUST_UNDER_8_S, MOMENT};

/// How many lose the connection.
const CROWD: u64 = 1_000;
/// The most that may be told to others in one entry, and the most who may go in it, unless it is one.
const MOST_TOLD: usize = 2_048;
const MOST_GONE: usize = 64;

/// A machine with this crowd, each in this session.
struct Crowd {
    machine: Matchmaker,
    now: Millis,
}

impl Crowd {
    fn enters(rules: Rules, session_of: impl Fn(u64) -> u64) -> Self {
        let mut crowd = Self { machine: Matchmaker::default(), now: Millis::seconds(1) };
        crowd.enter(Input::RulesSet(rules));
        for number in 0..CROWD {
            let registration = Registration {
                client: ClientHash(number.into()),
                person: PersonId(number.into()),
                session: SessionHash(session_of(number).into()),
                role: Role::Client,
                nickname: name(conn(number)),
                is_chosen: true,
                only_reads: false,
                token: TokenHash(number.into()),
                resume: None,
            };
            crowd.enter(Input::Registered { conn: conn(number), registration });
        }
        crowd
    }

    fn enter(&mut self, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.machine.handle(self.now, input, &mut effects);
        effects
    }

    /// Ticks as long as there is something to do now. What each entry did.
    fn settle(&mut self) -> Vec<Vec<Effect>> {
        let mut entries = Vec::new();
        while self.machine.next_deadline().is_some_and(|deadline| deadline <= self.now) {
            entries.push(self.enter(Input::Tick));
        }
        assert_eq!(self.machine.broken_invariant(), None);
        entries
    }
}

fn conn(number: u64) -> ConnId {
    ConnId { node: NodeId(1), serial: number }
}

fn told(entry: &[Effect]) -> usize {
    let told = entry.iter().map(|effect| if let Effect::Announce { to, .. } = effect { to.len() } else { 0 });
    told.sum()
}

fn gone(entry: &[Effect]) -> usize {
    entry.iter().filter(|effect| matches!(effect, Effect::Forget { .. })).count()
}

#[test]
fn nobody_looks_again_for_somebody_who_is_away() {
    let mut house = House::open();
    house.enter(Input::RulesSet(Rules { grace: Millis::seconds(60), ..Rules::default() }));
    house.meets(ANN, "music");
    house.enter(Input::WentAway { conn: ANN });
    let back_by = house.now.plus(Millis::seconds(60));
    assert_eq!(house.machine.next_deadline(), Some(back_by), "and not when the tags give way");
}

#[test]
fn who_comes_back_is_looked_for_again_as_if_they_had_never_been_away() {
    let mut house = House::open();
    house.meets(ANN, "music");
    house.enter(Input::WentAway { conn: ANN });
    house.passes(Millis::seconds(3));
    house.meets(BOB, "films");
    house.comes_back(ANN);
    house.passes(Millis(4_999));
    assert!(house.waits(BOB));
    house.passes(MOMENT);
    assert_eq!(house.told(BOB), [Notice::Connected(name(ANN))], "8 s after Ann began to wait");
}

#[test]
fn who_comes_back_after_the_tags_gave_way_meets_at_once() {
    let mut house = House::open();
    house.meets(ANN, "music");
    house.enter(Input::WentAway { conn: ANN });
    house.passes(JUST_UNDER_8_S.plus(MOMENT));
    house.meets(BOB, "films");
    assert!(house.waits(ANN) && house.waits(BOB));
    house.comes_back(ANN);
    assert_eq!(house.told(BOB), [Notice::Connected(name(ANN))]);
}

#[test]
fn the_position_counts_who_is_away_too_since_they_keep_the_place() {
    let mut house = House::open();
    for (conn, tag) in [(ANN, "music"), (BOB, "films"), (CAT, "chess"), (DAN, "cats")] {
        house.meets(conn, tag);
    }
    house.enter(Input::WentAway { conn: ANN });
    house.enter(Input::WentAway { conn: CAT });
    assert_eq!(house.position(BOB), Some(2));
    assert_eq!(house.position(DAN), Some(4));
    house.meets(EVE, "dogs");
    assert_eq!(house.position(EVE), Some(5));
    house.asks(BOB, Command::Bye);
    assert_eq!((house.position(DAN), house.position(EVE)), (Some(3), Some(4)));
}

#[test]
fn when_a_whole_session_goes_at_once_each_entry_does_a_bounded_part_of_it() {
    let mut crowd = Crowd::enters(Rules::default(), |_| 0);
    let (stay, all) = (10, CROWD as usize);
    for number in stay..CROWD {
        crowd.enter(Input::WentAway { conn: conn(number) });
    }
    crowd.now = crowd.now.plus(Rules::default().grace);
    let entries = crowd.settle();
    for entry in &entries {
        assert!(gone(entry) <= MOST_GONE && told(entry) <= MOST_TOLD, "{} go at once", gone(entry));
    }
    assert_eq!(crowd.machine.counts().clients, stay as usize);
    let mut left = BTreeSet::new();
    for effect in entries.iter().flatten() {
        if let Effect::Announce { about, presence, to } = effect {
            assert_eq!((*presence, to.len()), (Presence::Left, stay as usize), "only who stays hears of it");
            left.insert(*about);
        }
    }
    assert_eq!(left.len(), all - stay as usize);
}

#[test]
fn what_was_not_done_in_one_entry_is_no_outage_and_others_come_between() {
    let mut crowd = Crowd::enters(Rules::default(), |_| 0);
    for number in 2..CROWD {
        crowd.enter(Input::WentAway { conn: conn(number) });
    }
    crowd.now = crowd.now.plus(Rules::default().grace);
    crowd.enter(Input::Tick);
    assert!(crowd.machine.counts().away > 0, "not all at once");
    assert_eq!(crowd.machine.next_deadline(), Some(crowd.now), "but at once after that");
    let effects = crowd.enter(Input::Asked { conn: conn(0), command: Command::Meet(Tags::default()) });
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Answer { .. })));
    crowd.settle();
    crowd.enter(Input::Asked { conn: conn(1), command: Command::Meet(Tags::default()) });
    assert_eq!((crowd.machine.counts().pairs, crowd.machine.counts().clients), (1, 2));
}

#[test]
fn who_is_away_longest_makes_room_when_too_many_are() {
    let mut house = House::open();
    house.enter(Input::RulesSet(Rules { most_away: 2, ..Rules::default() }));
    house.pair(ANN, EVE);
    house.enter(Input::WentAway { conn: ANN });
    house.passes(MOMENT);
    house.enter(Input::WentAway { conn: BOB });
    assert_eq!(house.told(EVE), [Notice::PartnerAway]);
    let effects = house.enter(Input::WentAway { conn: CAT });
    assert!(effects.contains(&Effect::Forget { client: ANN }));
    assert_eq!(house.told(EVE), [Notice::PartnerLeft], "as at the end of the grace");
    assert_eq!(house.machine.place_of(ANN), None);
    let counts = house.machine.counts();
    assert_eq!((counts.away, counts.crowded_out), (2, 1));
    house.passes(Rules::default().grace);
    let counts = house.machine.counts();
    assert_eq!((counts.away, counts.crowded_out), (0, 1), "whose time is over makes no room");
}

#[test]
fn a_lost_node_with_more_than_may_be_away_keeps_those_who_may() {
    let mut crowd = Crowd::enters(Rules { most_away: 100, ..Rules::default() }, |number| number % 3);
    let entry = crowd.enter(Input::NodeLost { node: NodeId(1) });
    assert!(gone(&entry) <= MOST_GONE);
    // Nobody looked for a while, and yet nothing stood still.
    crowd.now = crowd.now.plus(Millis::seconds(20));
    crowd.settle();
    let counts = crowd.machine.counts();
    assert_eq!((counts.away, counts.clients, counts.crowded_out), (100, 100, CROWD - 100));
    crowd.now = crowd.now.plus(Millis::seconds(39));
    crowd.enter(Input::Tick);
    assert_eq!(crowd.machine.counts().away, 100);
    crowd.now = crowd.now.plus(Millis::seconds(1));
    crowd.settle();
    assert_eq!(crowd.machine.counts().away, 0);
}
