//! Who comes and goes: outages, lost nodes, inactivity, other lines and names.

use strowger::core::{
    Answer, Command, ConnId, ContactHead, Effect, Input, Millis, Nickname, NodeId, Notice, PersonId, Place,
    Registration, Resume, Rules, TokenHash,
};

use crate::MOMENT;
use crate::house::{ANN, BOB, CAT, DAN, EVE, House, name, registration};

#[test]
fn an_outage_moves_all_deadlines() {
    let mut house = House::open();
    house.meets(ANN, "music");
    house.passes(Millis::seconds(3));
    house.meets(BOB, "films");
    house.passes(Millis::seconds(2));
    house.meets(CAT, "chess");
    // The first deadline is in 3 s; an hour after it somebody looks again: 8 s of Ann's wait are over, no more.
    house.passes_unseen(Millis::seconds(3 + 3_600));
    assert!(house.talk(ANN, BOB) && house.waits(CAT));
    // Cat has waited 3 s.
    house.meets(DAN, "music");
    house.passes(Millis(4_999));
    assert!(house.waits(CAT) && house.waits(DAN));
    house.passes(MOMENT);
    assert!(house.talk(CAT, DAN));
}

#[test]
fn half_a_minute_unseen_is_no_outage_and_a_moment_more_is_one() {
    // Two who just parted: the first deadline comes at 8 s, and at 10 s they may meet.
    for (late, meet) in [(Millis(30_000), true), (Millis(30_001), false)] {
        let mut house = House::open();
        house.pair(ANN, BOB);
        house.part_and_search(ANN, BOB);
        house.passes_unseen(Millis::seconds(8).plus(late));
        assert_eq!(house.talk(ANN, BOB), meet);
    }
}

#[test]
fn a_node_lost_twice_is_lost_once() {
    let mut house = House::open();
    house.pair(ANN, EVE);
    house.meets(BOB, "");
    let effects = house.enter(Input::NodeLost { node: EVE.node });
    let away = Effect::Tell { to: ANN, notice: Notice::PartnerAway };
    assert_eq!(effects, [Effect::CutOff { node: EVE.node }, away]);
    assert_eq!(house.told(ANN), [Notice::Connected(name(EVE)), Notice::PartnerAway]);
    assert!(house.waits(BOB), "nobody else loses the place");
    let before = house.machine.clone();
    assert_eq!(house.enter(Input::NodeLost { node: EVE.node }), []);
    assert_eq!(house.machine, before);
    house.passes(Rules::default().grace);
    assert_eq!(house.told(ANN), [Notice::PartnerLeft]);
    assert_eq!(house.machine.place_of(EVE), None);
}

#[test]
fn what_a_lost_node_still_says_is_not_heard() {
    let mut house = House::open();
    house.enter(Input::NodeLost { node: EVE.node });
    let before = house.machine.clone();
    house.registers(EVE, EVE.serial);
    for input in [
        Input::HungUp { conn: EVE },
        Input::Asked { conn: EVE, command: Command::Again },
        Input::Renamed { conn: EVE, nickname: name(EVE), token: TokenHash(0) },
        Input::WentIdle { conn: EVE },
    ] {
        assert_eq!(house.enter(input), []);
    }
    assert_eq!(house.machine, before);
}

#[test]
fn inactivity_ends_a_chat_or_a_search_but_no_registration() {
    let mut house = House::open();
    house.pair(ANN, BOB);
    house.meets(CAT, "music");
    house.enter(Input::WentIdle { conn: BOB });
    house.enter(Input::WentIdle { conn: CAT });
    assert_eq!(house.told(ANN).last(), Some(&Notice::PartnerLeft));
    assert_eq!((house.told(BOB), house.told(CAT)), (vec![Notice::Expired], vec![Notice::Expired]));
    assert!([ANN, BOB, CAT].iter().all(|conn| house.machine.place_of(*conn) == Some(Place::Idle)));
    assert_eq!(house.enter(Input::WentIdle { conn: BOB }), [], "who is idle already is left alone");
}

#[test]
fn inactivity_at_another_line_means_nothing() {
    let mut house = House::open();
    let elsewhere = ConnId { node: NodeId(2), serial: 9 };
    house.registers(elsewhere, ANN.serial);
    house.meets(BOB, "");
    house.meets(ANN, "");
    assert_eq!(house.enter(Input::WentIdle { conn: elsewhere }), []);
    assert!(house.talk(ANN, BOB));
}

#[test]
fn a_new_nickname_reaches_the_partners_call() {
    let mut house = House::open();
    house.pair(ANN, BOB);
    let before = house.call(BOB).expect("Bob talks");
    let nickname = Nickname::random(77);
    house.enter(Input::Renamed { conn: ANN, nickname: nickname.clone(), token: TokenHash(99) });
    let after = house.call(BOB).expect("Bob talks");
    assert_eq!((after.pair, after.partner, after.nickname), (before.pair, ANN, nickname.clone()));
    assert_eq!(house.asks(BOB, Command::Who).notice, Notice::Partner(nickname));
}

#[test]
fn who_comes_back_hears_that_the_contacts_are_gone_and_who_is_new_hears_of_none() {
    let shown = |effects: &[Effect], conn: ConnId| {
        effects.iter().find_map(|effect| match effect {
            Effect::Share { to, contacts } if to.contains(&conn) => Some(contacts.total),
            _ => None,
        })
    };
    let mut house = House::open();
    house.enter(Input::ContactsReplaced { conn: BOB, contacts: ContactHead::of(["John"].into_iter()) });
    house.enter(Input::WentAway { conn: ANN });
    house.enter(Input::ContactsReplaced { conn: BOB, contacts: ContactHead::default() });
    let again = ConnId { serial: ANN.serial + 100, ..ANN };
    assert_eq!(shown(&house.comes_back(ANN), again), Some(0));
    let new = ConnId { serial: 77, ..ANN };
    assert_eq!(shown(&house.registers(new, 77), new), None);
}

#[test]
fn no_time_is_too_late() {
    let mut house = House::open();
    house.meets(ANN, "music");
    house.passes(Millis::seconds(10));
    house.now = Millis(u64::MAX / 2);
    assert_eq!(house.meets(BOB, ""), Notice::Connected(name(ANN)));
    house.meets(CAT, "");
    house.passes(MOMENT);
    assert_eq!(house.meets(DAN, ""), Notice::Connected(name(CAT)));
}

/// Connections of people with a name of their own, who leave and come again.
const FAY: ConnId = ConnId { node: NodeId(1), serial: 21 };
const GUS: ConnId = ConnId { node: NodeId(1), serial: 22 };

fn two_principals() -> House {
    let mut house = House::open();
    house.registers_as(FAY, 1);
    house.registers_as(GUS, 2);
    house
}

#[test]
fn who_was_reported_is_not_met_again_by_a_principal_who_left_and_came_back() {
    for verb in [Command::Report, Command::Block] {
        let mut house = two_principals();
        house.pair(FAY, GUS);
        house.asks(FAY, verb);
        for (conn, user) in [(FAY, 1), (GUS, 2)] {
            house.enter(Input::HungUp { conn });
            house.registers_as(conn, user);
        }
        house.passes(Millis::seconds(60));
        assert_eq!(house.meets(FAY, ""), Notice::Searching);
        assert_eq!(house.meets(GUS, ""), Notice::Searching);
        house.passes(Millis::seconds(60));
        assert!(house.waits(FAY) && house.waits(GUS));
    }
}

#[test]
fn leaving_gives_a_principal_no_further_searches() {
    let mut house = two_principals();
    let limit = Rules::default().meets_per_minute;
    for _ in 0..limit {
        house.meets(FAY, "");
        house.asks(FAY, Command::Bye);
    }
    house.enter(Input::HungUp { conn: FAY });
    house.registers_as(FAY, 1);
    assert!(matches!(house.meets(FAY, ""), Notice::TooFast(_)));
}

#[test]
fn masking_goes_with_the_person_to_their_other_line() {
    let mut house = House::open();
    let elsewhere = ConnId { node: NodeId(2), serial: 9 };
    house.registers(elsewhere, ANN.serial);
    assert_eq!(house.asks(elsewhere, Command::Hide).notice, Notice::Masking(false));
    house.pair(BOB, ANN);
    assert_eq!(house.call(ANN).map(|call| call.masking), Some(false));
    assert_eq!(house.asks(ANN, Command::Hide).notice, Notice::Masking(true));
    house.asks(elsewhere, Command::Who);
    assert_eq!(house.call(elsewhere).map(|call| call.masking), Some(true));
    assert_eq!(house.call(BOB).map(|call| call.masking), Some(true));
}

#[test]
fn a_resume_token_is_worth_nothing_to_another_principal() {
    let mut house = two_principals();
    let resumes = |user| {
        let to = ConnId { serial: 30, ..FAY };
        let person = PersonId::of_principal(user);
        let resume = Resume {
            token: TokenHash(FAY.serial.into()),
            person: None,
            client: None,
            session: None,
            role: None,
            nickname: None,
        };
        let registration = registration(to, 0);
        Input::Registered {
            conn: to,
            registration: Registration { person, resume: Some(Box::new(resume)), ..registration },
        }
    };
    let resumed = |effects: Vec<Effect>| effects.iter().any(|effect| matches!(effect, Effect::Resume { .. }));
    assert!(!resumed(house.enter(resumes(2))));
    house.enter(Input::HungUp { conn: ConnId { serial: 30, ..FAY } });
    assert!(resumed(house.enter(resumes(1))));
}

/// Another registration of Fay's person.
fn another_of_fay(house: &mut House, change: impl Fn(&mut Registration)) -> (ConnId, Vec<Effect>) {
    let conn = ConnId { serial: 30, ..FAY };
    let mut registration = Registration { person: PersonId::of_principal(1), ..registration(conn, 0) };
    change(&mut registration);
    (conn, house.enter(Input::Registered { conn, registration }))
}

#[test]
fn who_comes_to_read_leaves_the_chat_where_it_is() {
    let mut house = two_principals();
    house.asks(FAY, Command::Hide);
    house.pair(FAY, GUS);
    let (conn, effects) = another_of_fay(&mut house, |registration| registration.only_reads = true);
    assert!(effects.contains(&Effect::Answer { to: conn, answer: Answer::Registered(name(FAY)) }));
    assert!(
        !effects.iter().any(|effect| matches!(effect, Effect::Connect { .. } | Effect::Disconnect { .. }))
    );
    assert_eq!(house.call(FAY).map(|call| call.masking), Some(false));
    // Until they say something there, or the other line is gone.
    let is_at = |house: &House, line| house.call(GUS).is_some_and(|call| call.partner == line);
    assert!(is_at(&house, FAY));
    house.asks(conn, Command::Who);
    assert!(is_at(&house, conn));
    house.asks(FAY, Command::Who);
    assert!(is_at(&house, FAY));
    house.enter(Input::HungUp { conn: FAY });
    assert!(is_at(&house, conn));
}

#[test]
fn a_nickname_that_nobody_chose_gives_way_to_the_one_that_the_person_has() {
    let mut house = two_principals();
    let (conn, effects) = another_of_fay(&mut house, |registration| registration.is_chosen = false);
    assert!(effects.contains(&Effect::Answer { to: conn, answer: Answer::Registered(name(FAY)) }));
    house.enter(Input::HungUp { conn });
    let (_, effects) = another_of_fay(&mut house, |_| {});
    assert!(effects.contains(&Effect::Answer { to: conn, answer: Answer::Registered(name(conn)) }));
}
