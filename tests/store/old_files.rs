//! Files of other versions: older ones are brought up to date, newer ones left alone.

use crate::room::{Room, TODAY, close, contact, texts};
use rusqlite::Connection;
use std::fs;
use strowger::store::{ContactRow, Direction, MessageState, NotOpened, Record, Wanted};

const VERSION_1: &str = include_str!("fixtures/version_1.sql");

/// People as that version had them.
const PEOPLE: &str = r#"INSERT INTO contacts VALUES
    (2, 0, 'name:jane', 'Jane', NULL, '["client"]', '[]'),
    (2, 1, 'crm-1', 'Zoë', '+15550101', '["client"]', '["Zo"]'),
    (2, 2, 'name:mike', 'Mike', '+15550102', '["backend"]', '[]');"#;

fn database(room: &Room) -> Connection {
    fs::create_dir_all(&room.directory).unwrap();
    Connection::open(room.database()).unwrap()
}

#[tokio::test]
async fn a_file_of_version_1_is_brought_up_to_date() {
    let room = Room::new();
    database(&room).execute_batch(VERSION_1).unwrap();
    let store = room.open();
    assert_eq!(store.sessions().await.unwrap(), ["family", "team"]);
    let loaded = store.load("team").await.unwrap().unwrap();
    let nickname = ContactRow { name: "Johnny \"J\"".into(), ..contact("john") };
    assert_eq!((loaded.learned, loaded.supplied), (vec![contact("john"), nickname], vec![]));
    assert_eq!(loaded.settings.last_contact.as_deref(), Some("john"));
    assert!(loaded.settings.auto_reply && !loaded.settings.has_bridge);
    let page = store.history(Wanted::of("team").with("john"), 10).await.unwrap();
    assert_eq!(texts(&page.messages), ["Hello John!", "A red apple"]);
    let first = &page.messages[0];
    assert_eq!((first.direction, first.state, first.at), (Direction::Outgoing, MessageState::Read, TODAY));
    assert_eq!(texts(&store.search("team", "red app", 10).await.unwrap()), ["A red apple"]);
    store.keep(crate::room::said("team", "john", 3, "red is new")).unwrap();
    assert_eq!(store.search("team", "red", 10).await.unwrap().len(), 2);
    close(store).await;
    let version: i64 = database(&room).query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 4);
    close(room.open()).await;
}

/// People were kept once, under ids that were made here: what was given of each is kept now.
#[tokio::test]
async fn contacts_of_version_2_are_what_was_given() {
    let room = Room::new();
    database(&room).execute_batch(VERSION_1).unwrap();
    database(&room).execute_batch(PEOPLE).unwrap();
    let store = room.open();
    let loaded = store.load("family").await.unwrap().unwrap();
    let given = |name: &str, phone: Option<&str>, id: Option<&str>| ContactRow {
        name: name.into(),
        phone: phone.map(Into::into),
        id: id.map(Into::into),
    };
    assert_eq!(
        loaded.supplied,
        [
            given("Jane", None, None),
            given("Zoë", Some("+15550101"), Some("crm-1")),
            given("Zo", Some("+15550101"), Some("crm-1"))
        ]
    );
    assert_eq!(loaded.learned, [given("Mike", Some("+15550102"), None)]);
    // Whom the backend tells of from here on stands behind them.
    let row = given("Ann", None, None);
    store
        .keep(Record::Learned { session: "family".into(), mark: "name:ann:".into(), row: row.clone() })
        .unwrap();
    assert_eq!(store.load("family").await.unwrap().unwrap().learned[1], row);
    close(store).await;
}

#[test]
fn a_file_of_a_later_version_is_named_and_left_alone() {
    let room = Room::new();
    database(&room).execute_batch("PRAGMA user_version = 99; CREATE TABLE later (what)").unwrap();
    let before = fs::read(room.database()).unwrap();
    let Err(error) = room.try_open() else { panic!("nobody knows what is in it") };
    assert!(matches!(error, NotOpened::Newer { version: 99, .. }));
    let told = error.to_string();
    assert!(told.contains("version 99") && told.contains(room.database().to_str().unwrap()), "{told}");
    assert_eq!(fs::read(room.database()).unwrap(), before);
}
