//! What it costs to keep a message on disk, alone and with others, and to find one again among many.
//!
//! `cargo bench --bench store`; the disk is that of the build directory.

#[path = "common/rounds.rs"]
mod rounds;

use futures::executor::block_on;
use rounds::{Subject, compare, is_to_measure};
use std::cell::RefCell;
use std::fs;
use std::path::PathBuf;
use std::rc::Rc;
use strowger::metrics::Metrics;
use strowger::store::{Calendar, Direction, Message, MessageState, Record, Retention, Shelf, Store, Wanted};

const TODAY: i64 = 1_767_323_045_678;
/// So many are put in at a time: fewer than may wait.
const PART: i64 = 10_000;
/// One of so many messages has the rare word.
const RARE: i64 = 1_000;

fn main() {
    // To see that it still works, a few do.
    let many = if is_to_measure() { 100_000 } else { 2_000 };
    let store = Rc::new(Kept::with(many));
    let among = |name, operation: fn(&Store)| {
        let store = store.clone();
        Subject::new(name, move || {
            let store = store.clone();
            move || operation(&store.0)
        })
    };
    let subjects = vec![
        Subject::new("1 message, until it is on the disk", || keeping(1)),
        Subject::new("64 messages, until they are on the disk", || keeping(64)),
        Subject::new("1,024 messages, until they are on the disk", || keeping(1_024)),
        among("the last 20 of a chat; 100,000 messages", |store| {
            let page = block_on(store.history(Wanted::of("team").with("contact 7"), 20));
            assert!(page.is_ok_and(|page| page.messages.len() == 20));
        }),
        among("a search that finds 20 of 100; 100,000 messages", |store| search(store, "marzi", 2)),
        among("a search that finds 20 of all; 100,000 messages", |store| search(store, "the old to", 20)),
        among("a search that finds nothing; 100,000 messages", |store| search(store, "nothing", 0)),
        among("a search for a word of 100,000 messages of others", |store| {
            let found = block_on(store.search("other", "lisbon", 20));
            assert!(found.is_ok_and(|found| found.len() == 1));
        }),
    ];
    compare("the store", subjects);
}

/// A store in a directory of its own, which is gone at the end.
struct Kept(Store, PathBuf);

impl Kept {
    fn with(messages: i64) -> Self {
        thread_local!(static NEXT: RefCell<u32> = const { RefCell::new(0) });
        let number = NEXT.with_borrow_mut(|next| std::mem::replace(next, *next + 1));
        let name = format!("store-bench-{}-{number}", std::process::id());
        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let (retention, calendar) = (Retention::of(Some(std::time::Duration::MAX)), Calendar::stepped(TODAY));
        let shelf = Shelf::Directory(directory.clone());
        let store = Store::open(&shelf, retention, calendar, Metrics::new()).unwrap_or_else(|error| {
            eprintln!("{error}");
            std::process::exit(1)
        });
        let kept = Self(store, directory);
        let other = Message { session: "other".to_owned(), ..message(0) };
        assert!(kept.0.keep(Record::Message(other)).is_ok(), "there is room");
        for number in 0..messages {
            kept.keep(number);
            if number % PART == 0 {
                kept.flush();
            }
        }
        kept.flush();
        kept
    }

    fn keep(&self, number: i64) {
        assert!(self.0.keep(Record::Message(message(number))).is_ok(), "fewer than may wait");
    }

    fn flush(&self) {
        assert!(block_on(self.0.flush()).is_ok(), "the disk has room");
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        block_on(self.0.close(std::time::Instant::now()));
        // What can't be removed goes with the build directory.
        let _ = fs::remove_dir_all(&self.1);
    }
}

fn keeping(count: i64) -> impl FnMut() {
    // The first one makes the database.
    let kept = Kept::with(1);
    let mut next = 1;
    move || {
        (next..next + count).for_each(|number| kept.keep(number));
        next += count;
        kept.flush();
    }
}

fn search(store: &Store, query: &str, at_least: usize) {
    let found = block_on(store.search("team", query, 20));
    assert!(found.is_ok_and(|found| (at_least..=20).contains(&found.len())));
}

fn message(number: i64) -> Message {
    let word = if number % RARE == 7 { "marzipan" } else { "coffee" };
    Message {
        session: "team".to_owned(),
        id: number.to_string(),
        contact_id: format!("contact {}", number % 50),
        contact_name: "Somebody".to_owned(),
        direction: Direction::Incoming,
        text: format!("I was in Lisbon last spring; the old town at night, with {word}, is what I miss most"),
        state: MessageState::Delivered,
        at: TODAY + number,
    }
}
