//! What every backend promises, asked of each of them.

use crate::room::{DAY, MANY, Room, TODAY, close, contact, message, said, texts};
use std::time::Duration;
use strowger::store::{
    Direction, LARGEST_PAGE, Loaded, Message, MessageState, NotKept, Record, SettingsRow, Shelf, Store,
    Unanswered, Wanted,
};

/// One test for each backend, from one body.
macro_rules! contract {
    ($($name:ident in $room:expr => $body:expr;)+) => {
        mod memory {
            use super::*;
            $(#[tokio::test]
            async fn $name() {
                let room = $room;
                let store = room.open_on(&Shelf::Memory).unwrap();
                assert!(!store.is_on_disk());
                $body(&room, store.clone()).await;
                close(store).await;
                assert!(!room.directory.exists());
            })+
        }
        mod disk {
            use super::*;
            $(#[tokio::test]
            async fn $name() {
                let room = $room;
                let store = room.open();
                assert!(store.is_on_disk());
                $body(&room, store.clone()).await;
                close(store).await;
            })+
        }
    };
}

contract! {
    of_an_unknown_session_nothing_is_known in Room::new() => unknown;
    contacts_are_replaced_as_a_whole in Room::new() => contacts;
    what_a_backend_tells_is_kept_one_by_one in Room::new() => learned;
    a_newer_list_takes_the_place_of_one_that_waits in Room::new() => lists;
    settings_are_replaced_as_a_whole in Room::new() => settings;
    one_session_sees_nothing_of_another in Room::new() => apart;
    history_comes_in_pages in Room::new() => pages;
    long_messages_make_short_pages in Room::new() => heavy;
    a_message_is_kept_once_and_goes_on in Room::new() => once;
    the_last_ones_are_counted_from_the_newest in Room::new() => last;
    whole_words_are_found_and_the_beginning_of_the_last in Room::new() => search;
    what_is_old_is_forgotten in Room::keeping(Some(30 * DAY), MANY) => retention;
    a_chat_has_a_bound in Room::keeping(Some(30 * DAY), 10) => per_chat;
    no_history_is_none in Room::keeping(None, MANY) => no_history;
    nothing_is_taken_after_the_end in Room::new() => end;
    order_is_kept_over_many_batches in Room::new() => order;
}

fn keep(store: &Store, records: impl IntoIterator<Item = Record>) {
    records.into_iter().for_each(|record| store.keep(record).unwrap());
}

async fn all(store: &Store, wanted: Wanted) -> Vec<Message> {
    store.history(wanted, LARGEST_PAGE).await.unwrap().messages
}

async fn unknown(_: &Room, store: Store) {
    assert_eq!(store.sessions().await.unwrap(), [""; 0]);
    assert_eq!(store.load("team").await.unwrap(), None);
    assert_eq!(store.history(Wanted::of("team"), 10).await.unwrap(), Default::default());
    assert_eq!(store.last(Wanted::of("team"), 1).await.unwrap(), None);
    assert_eq!(store.search("team", "text", 10).await.unwrap(), []);
    assert_eq!(store.count(Wanted::of("team")).await.unwrap(), 0);
    store.flush().await.unwrap();
}

async fn contacts(_: &Room, store: Store) {
    let bare = strowger::store::ContactRow { phone: None, id: None, ..contact("b") };
    let rows = vec![contact("z"), bare, contact("a")];
    keep(&store, [Record::Supplied { session: "team".into(), rows: rows.clone() }]);
    assert_eq!(store.load("team").await.unwrap().unwrap().supplied, rows);
    let rows = vec![contact("y")];
    keep(&store, [Record::Supplied { session: "team".into(), rows: rows.clone() }]);
    assert_eq!(store.load("team").await.unwrap().unwrap().supplied, rows);
    keep(&store, [Record::Supplied { session: "team".into(), rows: vec![] }]);
    assert_eq!(store.load("team").await.unwrap(), Some(Loaded::default()));
}

async fn learned(_: &Room, store: Store) {
    let told = |mark: &str, row| Record::Learned { session: "team".into(), mark: mark.into(), row };
    let bare = |name: &str| strowger::store::ContactRow { name: name.into(), phone: None, id: None };
    keep(&store, [told("1", contact("z")), told("2", bare("b")), told("3", contact("a"))]);
    keep(&store, [Record::Supplied { session: "team".into(), rows: vec![contact("c")] }]);
    keep(
        &store,
        [told("1", strowger::store::ContactRow { phone: None, ..contact("y") }), told("2", contact("b"))],
    );
    keep(&store, [Record::Supplied { session: "team".into(), rows: vec![] }]);
    let loaded = store.load("team").await.unwrap().unwrap();
    assert_eq!(loaded.supplied, []);
    assert_eq!(loaded.learned, [contact("y"), contact("b"), contact("a")], "in place, and the number stays");
    assert_eq!(store.load("other").await.unwrap(), None);
}

async fn lists(_: &Room, store: Store) {
    for number in 0..20_000 {
        let rows = vec![contact(&number.to_string())];
        keep(&store, [Record::Supplied { session: "team".into(), rows }]);
    }
    assert_eq!(store.load("team").await.unwrap().unwrap().supplied, [contact("19999")]);
}

async fn settings(_: &Room, store: Store) {
    let set = |row: &SettingsRow| Record::Settings { session: "team".into(), row: row.clone() };
    let row = SettingsRow { last_contact: Some("john".into()), auto_reply: true, has_bridge: true };
    keep(&store, [set(&row)]);
    assert_eq!(store.load("team").await.unwrap().unwrap().settings, row);
    let row = SettingsRow { last_contact: None, auto_reply: false, has_bridge: true };
    keep(&store, [set(&row)]);
    assert_eq!(store.load("team").await.unwrap().unwrap().settings, row);
}

async fn apart(_: &Room, store: Store) {
    for session in ["b", "a", "'; DROP TABLE messages"] {
        keep(&store, [said(session, "john", 1, session)]);
        keep(&store, [Record::Supplied { session: session.into(), rows: vec![contact(session)] }]);
    }
    assert_eq!(store.sessions().await.unwrap(), ["'; DROP TABLE messages", "a", "b"]);
    assert_eq!(texts(&all(&store, Wanted::of("a")).await), ["a"]);
    assert_eq!(texts(&store.search("b", "a", 10).await.unwrap()), [""; 0]);
    assert_eq!(store.load("a").await.unwrap().unwrap().supplied, [contact("a")]);
    keep(&store, [Record::State { session: "b".into(), id: "id 1".into(), state: MessageState::Failed }]);
    assert_eq!(all(&store, Wanted::of("a")).await[0].state, MessageState::Delivered);
}

async fn pages(_: &Room, store: Store) {
    for number in 0..25 {
        keep(
            &store,
            [Record::Message(message("team", ["john", "sarah"][usize::from(number % 5 == 0)], number))],
        );
    }
    let wanted = Wanted::of("team").with("john");
    let page = store.history(wanted.clone(), 8).await.unwrap();
    assert_eq!(
        page.messages.iter().map(|message| message.at - TODAY).collect::<Vec<_>>(),
        [16, 17, 18, 19, 21, 22, 23, 24]
    );
    assert_eq!(page.messages[0], message("team", "john", 16), "whole, as it was kept");
    // A message that comes meanwhile moves nothing.
    keep(&store, [Record::Message(message("team", "john", 26))]);
    let page = store.history(wanted.clone().before(page.older), 8).await.unwrap();
    assert_eq!(texts(&page.messages)[..2], ["text 6", "text 7"]);
    let cursor = page.older.unwrap().to_string().parse().unwrap();
    let page = store.history(wanted.clone().before(Some(cursor)), 8).await.unwrap();
    assert_eq!((texts(&page.messages), page.older), (vec!["text 1", "text 2", "text 3", "text 4"], None));
    assert_eq!(store.count(wanted).await.unwrap(), 21);
    assert_eq!(store.count(Wanted::of("team")).await.unwrap(), 26);
    let page = store.history(Wanted::of("team"), 26).await.unwrap();
    assert_eq!((page.messages.len(), page.older), (26, None), "exactly as many as there are");
    assert_eq!(store.history(Wanted::of("team"), 0).await.unwrap().messages, []);
    assert_eq!(store.history(Wanted::of("team"), usize::MAX).await.unwrap().messages.len(), 26);
}

async fn heavy(_: &Room, store: Store) {
    let long = |length: usize| format!("word {}", "x".repeat(length));
    for number in 0..10 {
        keep(&store, [said("team", "john", number, &long(60_000))]);
    }
    keep(&store, [said("team", "john", 10, &long(1_000_000))]);
    let (mut lengths, mut before) = (Vec::new(), None);
    loop {
        let page = store.history(Wanted::of("team").before(before), 500).await.unwrap();
        lengths.push(page.messages.len());
        before = page.older;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(lengths, [1, 4, 4, 2], "none is left out, and none is shown twice");
    assert_eq!(store.search("team", "word", 500).await.unwrap().len(), 1);
    assert_eq!(store.last(Wanted::of("team"), 2).await.unwrap().unwrap().id, "id 9");
}

async fn once(_: &Room, store: Store) {
    keep(&store, [said("team", "john", 1, "first"), said("team", "john", 1, "again")]);
    let step = |id: &str, state| Record::State { session: "team".into(), id: id.into(), state };
    assert_eq!(texts(&all(&store, Wanted::of("team")).await), ["first"]);
    for state in MessageState::ALL {
        keep(&store, [step("id 1", state), step("unknown", state)]);
        assert_eq!(all(&store, Wanted::of("team")).await[0].state, state);
    }
    keep(
        &store,
        [Record::State { session: "nobody's".into(), id: "id 1".into(), state: MessageState::Read }],
    );
    assert_eq!(store.sessions().await.unwrap(), ["team"], "a step makes no session");
}

async fn last(_: &Room, store: Store) {
    for number in 0..10 {
        let direction = Direction::ALL[usize::from(number % 2 == 0)];
        keep(&store, [Record::Message(Message { direction, ..message("team", "john", number) })]);
    }
    let last = async |wanted: &Wanted, position| {
        store.last(wanted.clone(), position).await.unwrap().map(|message| message.text)
    };
    let wanted = Wanted::of("team").with("john");
    assert_eq!(last(&wanted, 1).await.as_deref(), Some("text 9"));
    assert_eq!(last(&wanted, 10).await.as_deref(), Some("text 0"));
    assert_eq!((last(&wanted, 0).await, last(&wanted, 11).await), (None, None));
    assert_eq!((last(&wanted, usize::MAX).await, last(&wanted, 1 << 62).await), (None, None));
    assert_eq!(last(&wanted, 1).await.as_deref(), Some("text 9"), "and it goes on");
    let outgoing = wanted.going(Direction::Outgoing);
    assert_eq!(last(&outgoing, 1).await.as_deref(), Some("text 8"));
    assert_eq!(last(&outgoing, 2).await.as_deref(), Some("text 6"));
    assert_eq!(store.count(outgoing).await.unwrap(), 5);
    assert_eq!(last(&Wanted::of("team").with("sarah"), 1).await, None);
}

async fn search(_: &Room, store: Store) {
    let said = ["The red apple", "red wine, and green", "REDUCED price", "an Apple-pie", "nothing"];
    for (number, text) in (0..).zip(said) {
        keep(&store, [crate::room::said("team", "john", number, text)]);
    }
    for (query, found) in [
        ("red", &["REDUCED price", "red wine, and green", "The red apple"][..]),
        ("red apple", &["The red apple"]),
        ("apple red", &["The red apple"]),
        ("apple re", &["The red apple"]),
        ("APP", &["an Apple-pie", "The red apple"]),
        ("apple-pie", &["an Apple-pie"]),
        ("pie-apple", &[]),
        ("", &[]),
        ("* \" -", &[]),
        ("OR", &[]),
        ("wine NOT and", &[]),
        ("text:red", &[]),
    ] {
        assert_eq!(texts(&store.search("team", query, 10).await.unwrap()), found, "{query:?}");
    }
    assert_eq!(texts(&store.search("team", "red", 1).await.unwrap()), ["REDUCED price"]);
    // A number that says which session it is counts for nothing as a word.
    keep(&store, [crate::room::said("other", "john", 9, "red, and 1 or 2 more")]);
    for (session, query, found) in [
        ("team", "1", 0),
        ("team", "2", 0),
        ("other", "1", 1),
        ("other", "2 more", 1),
        ("other", "red", 1),
        ("nobody's", "red", 0),
    ] {
        assert_eq!(store.search(session, query, 10).await.unwrap().len(), found, "{query} in {session}");
    }
}

async fn retention(room: &Room, store: Store) {
    keep(&store, [said("team", "john", 0, "old"), said("gone", "john", 0, "old")]);
    keep(&store, [Record::Supplied { session: "team".into(), rows: vec![contact("john")] }]);
    store.flush().await.unwrap();
    room.calendar.step(20 * DAY);
    let late = Message { at: TODAY + 20 * 86_400_000, ..message("team", "john", 1) };
    keep(&store, [Record::Message(late)]);
    assert_eq!(texts(&all(&store, Wanted::of("team")).await), ["old", "text 1"]);
    room.calendar.step(10 * DAY + Duration::from_millis(1));
    // Whatever happens next makes it look.
    store.flush().await.unwrap();
    assert_eq!(texts(&all(&store, Wanted::of("team")).await), ["text 1"]);
    assert_eq!(texts(&store.search("team", "old", 10).await.unwrap()), [""; 0]);
    assert_eq!(store.sessions().await.unwrap(), ["team"], "of the other one nothing is left");
    keep(&store, [said("team", "john", 0, "new, under an id that is free again")]);
    assert_eq!(store.count(Wanted::of("team")).await.unwrap(), 2);
    assert_eq!(store.load("team").await.unwrap().unwrap().supplied.len(), 1);
}

async fn per_chat(room: &Room, store: Store) {
    for number in 0..25 {
        keep(&store, [Record::Message(message("team", ["john", "sarah"][usize::from(number > 20)], number))]);
    }
    store.flush().await.unwrap();
    room.calendar.step(DAY);
    store.flush().await.unwrap();
    let john = all(&store, Wanted::of("team").with("john")).await;
    assert_eq!((john.len(), john[0].text.as_str()), (10, "text 11"));
    assert_eq!(store.count(Wanted::of("team").with("sarah")).await.unwrap(), 4);
}

async fn no_history(_: &Room, store: Store) {
    let row = SettingsRow { last_contact: Some("john".into()), ..SettingsRow::default() };
    keep(&store, [said("team", "john", 1, "a secret"), Record::Settings { session: "team".into(), row }]);
    keep(&store, [Record::State { session: "team".into(), id: "id 1".into(), state: MessageState::Read }]);
    assert_eq!(store.count(Wanted::of("team")).await.unwrap(), 0);
    assert_eq!(store.search("team", "secret", 10).await.unwrap(), []);
    let loaded = store.load("team").await.unwrap().unwrap();
    assert_eq!(loaded.settings.last_contact.as_deref(), Some("john"));
}

async fn end(room: &Room, store: Store) {
    keep(&store, [said("team", "john", 1, "kept")]);
    close(store.clone()).await;
    assert_eq!(store.keep(said("team", "john", 2, "late")), Err(NotKept::Closed));
    assert_eq!(store.sessions().await, Err(Unanswered::Closed));
    assert_eq!(store.flush().await, Err(Unanswered::Closed));
    let page = room.metrics.page();
    assert!(page.contains("strowger_store_records_total{outcome=\"kept\"} 1"), "{page}");
    assert!(page.contains("strowger_store_records_total{outcome=\"refused\"} 1"), "{page}");
    assert!(page.contains("strowger_store_failing 0"), "{page}");
    close(store).await;
}

async fn order(_: &Room, store: Store) {
    for number in 0..1_000 {
        keep(&store, [Record::Message(message("team", "john", number))]);
        if number % 137 == 0 {
            assert_eq!(store.count(Wanted::of("team")).await.unwrap() as i64, number + 1);
        }
    }
    let all = all(&store, Wanted::of("team")).await;
    assert!(all.iter().map(|message| message.at - TODAY).eq(0..1_000));
}
