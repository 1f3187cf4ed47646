//! Who meets whom, and what each of them hears: one rule a test, at its exact moment.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "matchmaking/comings.rs"]
mod comings;
#[path = "matchmaking/crowds.rs"]
mod crowds;
#[path = "matchmaking/house.rs"]
mod house;

use house::{ANN, BOB, CAT, DAN, EVE, House, name};
use strowger::core::{Command, ConnId, Input, Millis, NodeId, Notice, Place, Rules, State};

const MOMENT: Millis = Millis(1);
const JUST_UNDER_8_S: Millis = Millis(7_999);
const JUST_UNDER_10_S: Millis = Millis(9_999);

#[test]
fn first_come_first_served() {
    let mut house = House::open();
    house.meets(ANN, "music");
    house.meets(BOB, "films");
    house.meets(CAT, "chess");
    assert_eq!(house.meets(DAN, ""), Notice::Connected(name(ANN)));
    assert_eq!(house.meets(EVE, "chess, films"), Notice::Connected(name(BOB)));
    assert!(house.waits(CAT));
}

#[test]
fn whoever_waits_longest_takes_the_longest_waiting_when_the_tags_give_way() {
    let mut house = House::open();
    for (conn, tag) in [(ANN, "music"), (BOB, "films"), (CAT, "chess")] {
        house.meets(conn, tag);
        house.passes(Millis::seconds(1));
    }
    house.passes(Millis::seconds(5));
    assert!(house.talk(ANN, BOB) && house.waits(CAT));
}

#[test]
fn nobody_takes_the_partner_of_one_who_waits_longer_and_may_meet_at_the_same_moment() {
    let mut house = House::open();
    house.pair(ANN, BOB);
    house.asks(ANN, Command::Block);
    house.pair(ANN, CAT);
    house.asks(ANN, Command::Bye);
    house.pair(CAT, BOB);
    house.asks(CAT, Command::Bye);
    house.meets(ANN, "");
    house.passes(Millis::seconds(1));
    house.meets(BOB, "");
    house.meets(CAT, "");
    house.passes(Millis::seconds(10));
    assert!(house.talk(ANN, CAT) && house.waits(BOB), "Ann has waited a second longer");
}

#[test]
fn each_of_a_pair_is_counted_with_the_time_that_they_waited() {
    let mut house = House::open();
    house.meets(ANN, "music");
    house.passes(Millis::seconds(3));
    house.meets(BOB, "films");
    house.passes(Millis::seconds(5));
    assert!(house.talk(ANN, BOB));
    assert_eq!(house.waits_counted(), [(ANN, Millis::seconds(8)), (BOB, Millis::seconds(5))]);
    house.meets(CAT, "");
    house.asks(CAT, Command::Bye);
    assert_eq!(house.waits_counted(), [], "who gave up met nobody");
    house.meets(DAN, "");
    house.passes(Millis::seconds(1));
    house.meets(EVE, "");
    assert_eq!(house.waits_counted(), [(DAN, Millis::seconds(1)), (EVE, Millis(0))]);
}

#[test]
fn nobody_meets_themselves_at_another_line() {
    let mut house = House::open();
    let elsewhere = ConnId { node: NodeId(2), serial: 9 };
    house.registers(elsewhere, ANN.serial);
    assert_eq!(house.meets(ANN, ""), Notice::Searching);
    assert_eq!(house.meets(elsewhere, ""), Notice::Searching);
    assert_eq!(house.machine.counts().waiting, 1);
    assert_eq!(house.meets(BOB, ""), Notice::Connected(name(elsewhere)));
    assert_eq!((house.told(ANN), house.told(elsewhere)), (vec![], vec![Notice::Connected(name(BOB))]));
}

#[test]
fn tags_agree_without_case_or_when_one_has_none() {
    let mut house = House::open();
    house.meets(ANN, "Music, cats");
    assert_eq!(house.meets(BOB, "MUSIC"), Notice::Connected(name(ANN)));
    house.meets(CAT, "");
    assert_eq!(house.meets(DAN, "films"), Notice::Connected(name(CAT)));
}

#[test]
fn tags_give_way_once_the_longer_waiting_has_waited_8_s() {
    let mut house = House::open();
    house.meets(ANN, "music");
    house.passes(Millis::seconds(3));
    house.meets(BOB, "films");
    assert_eq!(house.machine.next_deadline(), Some(house.now.plus(Millis::seconds(5))));
    house.passes(Millis(4_999));
    assert!(house.waits(ANN) && house.waits(BOB));
    house.passes(MOMENT);
    assert!(house.talk(ANN, BOB));
    assert_eq!(house.told(ANN), [Notice::Connected(name(BOB))]);
    assert_eq!(house.told(BOB), [Notice::Connected(name(ANN))]);
}

#[test]
fn a_new_search_while_waiting_changes_the_tags_and_keeps_the_place() {
    let mut house = House::open();
    house.meets(ANN, "music");
    house.passes(JUST_UNDER_8_S);
    house.meets(BOB, "films");
    let reply = house.asks(ANN, Command::Again);
    assert_eq!(reply.notice, Notice::SearchingAnew);
    assert!(matches!(reply.state, State::Waiting { position: 1, .. }));
    assert_eq!(house.meets(ANN, "films"), Notice::Connected(name(BOB)));
    assert_eq!(house.told(BOB), [Notice::Connected(name(ANN))]);
}

#[test]
fn two_who_just_parted_meet_again_once_both_have_waited_10_s() {
    let mut house = House::open();
    house.pair(ANN, BOB);
    house.asks(ANN, Command::Bye);
    house.meets(ANN, "");
    house.passes(Millis::seconds(4));
    house.meets(BOB, "");
    house.passes(JUST_UNDER_10_S);
    assert!(house.waits(ANN) && house.waits(BOB));
    house.passes(MOMENT);
    assert!(house.talk(ANN, BOB));
}

#[test]
fn a_third_person_is_preferred_over_the_one_just_left() {
    let mut house = House::open();
    house.pair(ANN, BOB);
    assert_eq!(house.asks(ANN, Command::Again).notice, Notice::SearchingAnew);
    house.meets(BOB, "");
    assert_eq!(house.meets(CAT, ""), Notice::Connected(name(ANN)));
    assert!(house.waits(BOB));
    assert_eq!(house.asks(ANN, Command::Again).notice, Notice::SearchingAnew);
    assert_eq!(house.meets(DAN, ""), Notice::Connected(name(BOB)));
}

#[test]
fn again_ends_one_chat_and_begins_the_next_at_once() {
    let mut house = House::open();
    house.pair(ANN, BOB);
    house.meets(CAT, "");
    let reply = house.asks(ANN, Command::Again);
    assert_eq!(reply.notice, Notice::ConnectedAnew(name(CAT)));
    assert_eq!(reply.state, State::Paired(name(CAT)));
    assert_eq!(house.told(BOB).last(), Some(&Notice::PartnerLeft));
    assert_eq!(house.told(CAT), [Notice::Connected(name(ANN))]);
    assert_eq!(house.machine.place_of(BOB), Some(Place::Idle));
}

#[test]
fn two_who_parted_more_than_a_minute_ago_meet_at_once() {
    for (ago, second_hears) in [(60_000, Notice::Searching), (60_001, Notice::Connected(name(ANN)))] {
        let mut house = House::open();
        house.pair(ANN, BOB);
        house.asks(ANN, Command::Bye);
        house.passes(Millis(ago));
        assert_eq!(house.meets(ANN, ""), Notice::Searching);
        assert_eq!(house.meets(BOB, ""), second_hears);
    }
}

#[test]
fn a_block_keeps_two_apart_until_it_is_lifted() {
    let mut house = House::open();
    house.pair(ANN, BOB);
    assert_eq!(house.asks(ANN, Command::Block).notice, Notice::Blocked);
    assert_eq!(house.told(BOB), [Notice::PartnerLeft]);
    house.meets(ANN, "");
    house.meets(BOB, "");
    house.passes(Millis::seconds(3_600));
    assert!(house.waits(ANN) && house.waits(BOB));
    assert_eq!(house.asks(BOB, Command::Unblock).notice, Notice::BlockListEmptied);
    assert!(house.waits(ANN), "only who blocked can lift it");
    let reply = house.asks(ANN, Command::Unblock);
    assert_eq!((reply.notice, reply.state), (Notice::BlockListEmptied, State::Paired(name(BOB))));
    assert_eq!(house.told(BOB), [Notice::Connected(name(ANN))]);
}

#[test]
fn a_report_outlives_unblock_and_ends_after_30_days() {
    let mut house = House::open();
    house.pair(ANN, BOB);
    assert_eq!(house.asks(BOB, Command::Report).notice, Notice::Reported);
    let ends = house.now.plus(Millis::seconds(30 * 24 * 3_600));
    house.meets(ANN, "");
    house.meets(BOB, "");
    house.passes(Millis::seconds(3_600));
    house.asks(BOB, Command::Unblock);
    assert!(house.waits(ANN) && house.waits(BOB));
    assert_eq!(house.machine.next_deadline(), Some(ends));
    house.passes(ends.since(house.now));
    assert!(house.talk(ANN, BOB));
}

#[test]
fn block_and_report_need_a_partner() {
    let mut house = House::open();
    house.meets(ANN, "");
    let reply = house.asks(ANN, Command::Block);
    assert_eq!(reply.notice, Notice::NotTalking);
    assert!(matches!(reply.state, State::Waiting { position: 1, .. }));
    assert_eq!(house.asks(BOB, Command::Report).notice, Notice::NotTalking);
}

#[test]
fn whoever_searches_too_fast_hears_when_to_come_back() {
    let mut house = House::open();
    house.enter(Input::RulesSet(Rules { meets_per_minute: 2, ..Rules::default() }));
    house.pair(ANN, BOB);
    assert_eq!(house.asks(ANN, Command::Again).notice, Notice::SearchingAnew);
    assert_eq!(house.meets(ANN, ""), Notice::Searching, "who waits already begins no search");
    house.asks(ANN, Command::Bye);
    assert_eq!(house.meets(ANN, ""), Notice::TooFast(Millis::seconds(30)));
    house.passes(Millis(29_999));
    let reply = house.asks(ANN, Command::Again);
    assert_eq!((reply.notice, reply.state), (Notice::TooFast(MOMENT), State::Idle));
    house.passes(MOMENT);
    assert_eq!(house.meets(ANN, ""), Notice::Searching);
    assert_eq!(house.meets(CAT, ""), Notice::Connected(name(ANN)), "others are not held back");
}

#[test]
fn a_refused_again_ends_nothing() {
    let mut house = House::open();
    house.enter(Input::RulesSet(Rules { meets_per_minute: 1, ..Rules::default() }));
    house.pair(ANN, BOB);
    let reply = house.asks(ANN, Command::Again);
    assert_eq!(reply.notice, Notice::TooFast(Millis::seconds(60)));
    assert_eq!(reply.state, State::Paired(name(BOB)));
    assert!(house.talk(ANN, BOB));
}

#[test]
fn the_position_counts_those_before_and_the_wait_is_learned_from_matches() {
    let mut house = House::open();
    let state = |house: &mut House, conn| house.asks(conn, Command::Who).state;
    house.meets(ANN, "music");
    house.meets(BOB, "films");
    house.meets(CAT, "chess");
    assert_eq!(state(&mut house, CAT), State::Waiting { position: 3, expected_wait: None });
    house.passes(Millis::seconds(4));
    assert_eq!(house.meets(DAN, "music"), Notice::Connected(name(ANN)));
    let expected_wait = Some(Millis::seconds(4));
    assert_eq!(state(&mut house, BOB), State::Waiting { position: 1, expected_wait });
    assert_eq!(state(&mut house, CAT), State::Waiting { position: 2, expected_wait });
    house.passes(Millis::seconds(2));
    assert_eq!(house.meets(EVE, "films"), Notice::Connected(name(BOB)));
    let expected_wait = Some(Millis((7 * 4_000 + 6_000) / 8));
    assert_eq!(state(&mut house, CAT), State::Waiting { position: 1, expected_wait });
}
