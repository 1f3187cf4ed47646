//! The directory and its files: when they are made, who may read them, who has them, and what is left in them.

use crate::room::{DAY, MANY, Room, close, contact, message, said, texts};
use std::fs;
use std::path::Path;
use std::time::Duration;
use strowger::config::{Flag, Settings};
use strowger::hub::Clock;
use strowger::server::House;
use strowger::store::{
    Calendar, Loaded, Message, MessageState, NotKept, NotOpened, Page, Record, SettingsRow, Shelf, Wanted,
};

const MARKER: &str = "marzipan";

fn holds_marker(room: &Room) -> bool {
    room.bytes().windows(MARKER.len()).any(|bytes| bytes == MARKER.as_bytes())
}

#[tokio::test]
async fn what_is_kept_is_there_after_a_restart() {
    let room = Room::new();
    let store = room.open();
    let row = SettingsRow { last_contact: Some("john".into()), auto_reply: true, has_bridge: false };
    store.keep(said("team", "john", 1, "hello")).unwrap();
    store.keep(Record::Supplied { session: "team".into(), rows: vec![contact("john")] }).unwrap();
    store.keep(Record::Settings { session: "team".into(), row: row.clone() }).unwrap();
    close(store).await;
    let store = room.open();
    let loaded = store.load("team").await.unwrap().unwrap();
    assert_eq!((loaded.supplied, loaded.settings), (vec![contact("john")], row));
    assert_eq!(texts(&store.search("team", "hel", 1).await.unwrap()), ["hello"]);
    close(store).await;
}

#[tokio::test]
async fn a_store_that_is_dropped_has_written() {
    let room = Room::new();
    let store = room.open();
    store.keep(said("team", "john", 1, "hello")).unwrap();
    drop(store);
    let store = room.open();
    assert_eq!(store.count(Wanted::of("team")).await.unwrap(), 1);
    close(store).await;
}

#[tokio::test]
async fn a_database_is_made_with_the_first_record() {
    let room = Room::new();
    let store = room.open();
    assert_eq!(store.sessions().await.unwrap(), [""; 0]);
    store.flush().await.unwrap();
    assert!(!room.database().exists());
    store.keep(said("team", "john", 1, "hello")).unwrap();
    store.flush().await.unwrap();
    assert!(room.database().exists());
    close(store).await;
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let room = Room::new();
    let store = room.open();
    store.keep(said("team", "john", 1, "hello")).unwrap();
    store.flush().await.unwrap();
    assert_eq!(mode(&room.directory), 0o700);
    let files: Vec<_> = fs::read_dir(&room.directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 4, "database, -wal, -shm and lock: {files:?}");
    files.iter().for_each(|file| assert_eq!(mode(file), 0o600, "{file:?}"));
    close(store).await;
    // As a copy that somebody put there may be.
    fs::set_permissions(room.database(), PermissionsExt::from_mode(0o644)).unwrap();
    let store = room.open();
    store.flush().await.unwrap();
    let files = fs::read_dir(&room.directory).unwrap().map(|entry| entry.unwrap().path());
    files.for_each(|file| assert_eq!(mode(&file), 0o600, "{file:?}"));
    close(store).await;
}

#[tokio::test]
async fn only_one_may_have_a_directory() {
    let room = Room::new();
    let first = room.open();
    let Err(error) = room.try_open() else { panic!("two have it") };
    assert!(matches!(error, NotOpened::InUse { .. }));
    let told = error.to_string();
    assert!(told.contains("in use") && told.contains("data.dir") && !told.contains('\n'), "{told}");
    close(first).await;
    close(room.open()).await;
}

#[tokio::test]
async fn what_is_no_directory_is_said_with_what_to_do() {
    let room = Room::new();
    fs::create_dir_all(room.directory.parent().unwrap()).unwrap();
    fs::write(&room.directory, "a file").unwrap();
    let Err(error) = room.try_open() else { panic!("that is a file") };
    let told = error.to_string();
    assert!(told.contains(room.directory.to_str().unwrap()) && told.contains("data.dir"), "{told}");
    fs::remove_file(&room.directory).unwrap();
}

#[test]
fn a_file_that_is_no_database_is_named_and_left_alone() {
    let room = Room::new();
    fs::create_dir_all(&room.directory).unwrap();
    let garbage = b"this is no database, and long enough to be taken for one. ".repeat(100);
    fs::write(room.database(), &garbage).unwrap();
    let Err(error) = room.try_open() else { panic!("that is no database") };
    assert!(error.to_string().contains(room.database().to_str().unwrap()), "{error}");
    assert_eq!(fs::read(room.database()).unwrap(), garbage);
}

#[tokio::test]
async fn a_database_that_was_cut_off_is_named_and_left_alone() {
    let room = Room::new();
    let store = room.open();
    for number in 0..500 {
        store.keep(Record::Message(message("team", "john", number))).unwrap();
    }
    close(store).await;
    let whole = fs::read(room.database()).unwrap();
    fs::write(room.database(), &whole[..whole.len() / 2]).unwrap();
    let Err(error) = room.try_open() else { panic!("half of it is missing") };
    assert!(error.to_string().contains(room.database().to_str().unwrap()), "{error}");
    assert_eq!(fs::read(room.database()).unwrap().len(), whole.len() / 2);
}

#[tokio::test]
async fn no_message_reaches_the_disk_if_none_is_to_be_kept() {
    let room = Room::keeping(None, MANY);
    let store = room.open();
    store.keep(said("team", "john", 1, MARKER)).unwrap();
    store.keep(Record::Supplied { session: "team".into(), rows: vec![contact("john")] }).unwrap();
    store.flush().await.unwrap();
    assert!(room.database().exists() && !holds_marker(&room));
    close(store).await;
    assert!(!holds_marker(&room));
}

#[tokio::test]
async fn what_is_forgotten_is_gone_from_the_files() {
    let mut room = Room::new();
    let store = room.open();
    for number in 0..100 {
        store.keep(said("team", "john", number, &format!("{MARKER} {number}"))).unwrap();
    }
    store.flush().await.unwrap();
    assert!(holds_marker(&room));
    room.calendar.step(31 * DAY);
    store.flush().await.unwrap();
    assert_eq!(store.count(Wanted::of("team")).await.unwrap(), 0);
    assert!(!holds_marker(&room), "while it runs");
    let (text, at) = (MARKER.to_owned(), room.calendar.now());
    store.keep(Record::Message(Message { text, at, ..message("team", "john", 7) })).unwrap();
    close(store).await;
    assert!(holds_marker(&room));
    room.retention.history = None;
    let store = room.open();
    store.flush().await.unwrap();
    close(store).await;
    assert!(!holds_marker(&room), "if no history is wanted any more");
}

#[tokio::test]
async fn contacts_that_were_replaced_are_gone_after_the_end() {
    let room = Room::new();
    let store = room.open();
    let rows = |name: &str| (0..50).map(|_| contact(name)).collect();
    store.keep(Record::Supplied { session: "team".into(), rows: rows(MARKER) }).unwrap();
    store.keep(Record::Learned { session: "team".into(), mark: "1".into(), row: contact(MARKER) }).unwrap();
    store.flush().await.unwrap();
    store.keep(Record::Supplied { session: "team".into(), rows: rows("nobody") }).unwrap();
    store.keep(Record::Learned { session: "team".into(), mark: "1".into(), row: contact("nobody") }).unwrap();
    close(store).await;
    assert!(!holds_marker(&room));
}

#[tokio::test]
async fn more_than_has_room_is_refused_and_nothing_that_was_taken_is_lost() {
    let room = Room::new();
    let store = room.open();
    let heavy = "x".repeat(1 << 20);
    let mut taken = 0;
    for number in 0..200 {
        taken += usize::from(store.keep(said("team", "john", number, &heavy)).is_ok());
    }
    assert!((60..200).contains(&taken), "{taken}");
    assert_eq!(store.count(Wanted::of("team")).await.unwrap(), taken);
    store.keep(said("team", "john", 1_000, "now there is room")).unwrap();
    close(store).await;
    let page = room.metrics.page();
    let refused = format!("strowger_store_records_total{{outcome=\"refused\"}} {}", 200 - taken);
    assert!(page.contains(&refused), "{page}");
}

#[tokio::test]
async fn in_memory_nothing_is_written() {
    let room = Room::new();
    let store = room.open_on(&Shelf::Memory).unwrap();
    store.keep(said("team", "john", 1, MARKER)).unwrap();
    store.flush().await.unwrap();
    store.close(std::time::Instant::now() + Duration::from_secs(1)).await;
    assert!(!room.directory.exists());
}

/// Something that is wrong with one record must not hold up the others.
#[tokio::test]
async fn a_record_that_cannot_be_written_is_left_out() {
    let room = Room::new();
    let store = room.open();
    store.keep(said("team", "john", 0, "the first")).unwrap();
    close(store).await;
    let refuses = "CREATE TRIGGER picky BEFORE INSERT ON messages WHEN new.text = 'bad' BEGIN
        SELECT raise(ABORT, 'no'); END";
    rusqlite::Connection::open(room.database()).unwrap().execute_batch(refuses).unwrap();
    let store = room.open();
    for number in 1..100 {
        let text = if number % 30 == 0 { "bad" } else { "good" };
        store.keep(said("team", "john", number, text)).unwrap();
    }
    assert_eq!(store.flush().await, Ok(()));
    assert_eq!(store.count(Wanted::of("team")).await.unwrap(), 97);
    assert_eq!(store.last(Wanted::of("team"), 1).await.unwrap().unwrap().id, "id 99");
    assert!(room.metrics.page().contains("strowger_store_records_total{outcome=\"refused\"} 3"));
    close(store).await;
}

#[test]
fn rows_print_nothing_of_anybody() {
    let message = Message { text: MARKER.into(), contact_name: MARKER.into(), ..message(MARKER, MARKER, 1) };
    let row = SettingsRow { last_contact: Some(MARKER.into()), ..SettingsRow::default() };
    let loaded =
        Loaded { supplied: vec![contact(MARKER)], learned: vec![contact(MARKER)], settings: row.clone() };
    let page = Page { messages: vec![message.clone()], older: None };
    let shown = format!("{loaded:?} {page:?} {:?} {row:?}", Wanted::of(MARKER).with(MARKER));
    assert!(!shown.contains(MARKER), "{shown}");
    let session = MARKER.to_owned();
    for record in [
        Record::Message(message),
        Record::State { session: session.clone(), id: session.clone(), state: MessageState::Read },
        Record::Supplied { session: session.clone(), rows: vec![contact(MARKER)] },
        Record::Learned { session: session.clone(), mark: MARKER.into(), row: contact(MARKER) },
        Record::Settings { session, row },
    ] {
        assert!(!format!("{record:?}").contains(MARKER), "{record:?}");
    }
}

#[tokio::test]
async fn a_house_that_closes_has_written() {
    let room = Room::new();
    let directory = format!("data.dir={}", room.directory.display());
    let flags = ["server.port=0", &directory].map(|flag| Flag::set(flag).unwrap());
    let loaded = Settings::load(flags, std::iter::empty(), Path::new("/nonexistent")).unwrap();
    let house = House::open(&loaded.settings, Clock::stepped()).await.unwrap();
    let now = Message { at: Calendar::real().now(), ..message("team", "john", 1) };
    house.store().keep(Record::Message(now.clone())).unwrap();
    let late = house.store().clone();
    house.close().await;
    assert_eq!(late.keep(Record::Message(now)), Err(NotKept::Closed));
    let store = room.open();
    assert_eq!(store.count(Wanted::of("team")).await.unwrap(), 1);
    close(store).await;
}
