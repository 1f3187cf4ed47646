//! Whatever somebody types into a search, it is answered.

use crate::room::{Room, close, said, texts};
use strowger::store::Shelf;

/// Signs that mean something to a full text search, and a few that mean something to others.
const SIGNS: &[&str] = &[
    "\"",
    "'",
    "*",
    "^",
    ":",
    "(",
    ")",
    "{",
    "}",
    "+",
    "-",
    ",",
    ".",
    "\0",
    "\\",
    "%",
    "_",
    ";",
    "--",
    "NEAR",
    "NEAR(",
    "AND",
    "OR",
    "NOT",
    "text",
    "words",
    "rank",
    "a",
    "red",
    "ß",
    "É",
    "हिन्दी",
    "ि",
    "\u{301}",
    "日本",
    "👍",
    " ",
    "\t",
    "\n",
    "\u{200b}",
    "①",
    "0",
    "🇩🇪",
];

/// Texts of these signs, by a small generator that always says the same.
fn random_texts(count: usize) -> Vec<String> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut text = || {
        let length = next(30);
        (0..length).map(|_| SIGNS[next(SIGNS.len())]).collect::<String>()
    };
    (0..count).map(|_| text()).collect()
}

#[tokio::test]
async fn a_thousand_strange_searches_are_answered() {
    let room = Room::new();
    let (disk, memory) = (room.open(), room.open_on(&Shelf::Memory).unwrap());
    for store in [&disk, &memory] {
        store.keep(said("team", "john", 1, "a red text AND NOT another")).unwrap();
        for query in random_texts(1_000) {
            store.search("team", &query, 10).await.unwrap_or_else(|error| panic!("{query:?}: {error:?}"));
        }
        for query in ["x".repeat(100_000), "x ".repeat(100_000), "\"".repeat(100_000)] {
            store.search("team", &query, 10).await.unwrap();
        }
        assert_eq!(texts(&store.search("team", "AND NOT", 10).await.unwrap()).len(), 1, "they are words");
    }
    close(disk).await;
    close(memory).await;
}

/// What is kept is found as it was typed, in both.
#[tokio::test]
async fn strange_texts_are_found() {
    let room = Room::new();
    let store = room.open();
    let strange = random_texts(300);
    for (number, text) in (0..).zip(&strange) {
        store.keep(said("team", "john", number, text)).unwrap();
    }
    let history = store.history(strowger::store::Wanted::of("team"), 1_000).await.unwrap();
    assert_eq!(texts(&history.messages), strange);
    close(store).await;
}

#[tokio::test]
async fn accents_do_not_matter_on_disk() {
    let room = Room::new();
    let store = room.open();
    store.keep(said("team", "john", 1, "Ein Café in Łódź, im Frühling")).unwrap();
    for query in ["cafe", "CAFÉ", "fruhling", "frühl"] {
        assert_eq!(store.search("team", query, 10).await.unwrap().len(), 1, "{query}");
    }
    close(store).await;
}
