//! The backend that keeps everything in memory: gone with the process.
//!
//! It does what the one on disk does, in the plainest way. It must never write anything anywhere.

use super::question::{Cursor, Page, Wanted, pieces};
use super::record::{ContactRow, Loaded, Message, MessageState, Record, SettingsRow};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;

/// All sessions.
#[derive(Default)]
pub struct Memory {
    sessions: BTreeMap<String, Session>,
    last_row: i64,
}

/// What one session keeps.
#[derive(Default)]
struct Session {
    supplied: Vec<ContactRow>,
    learned: Vec<ContactRow>,
    /// Where the one with a mark stands among these.
    marks: HashMap<String, usize>,
    settings: SettingsRow,
    /// By their row, so in the order in which they came.
    messages: BTreeMap<i64, Message>,
    row_of_id: HashMap<String, i64>,
    rows_of_contact: HashMap<String, BTreeSet<i64>>,
}

impl Memory {
    pub fn write(&mut self, records: &[Record]) {
        for record in records {
            self.write_one(record.clone());
        }
    }

    fn write_one(&mut self, record: Record) {
        match record {
            Record::Message(message) => {
                self.last_row += 1;
                self.sessions.entry(message.session.clone()).or_default().add(self.last_row, message);
            }
            Record::State { session, id, state } => {
                self.sessions.get_mut(&session).into_iter().for_each(|session| session.step(&id, state));
            }
            Record::Supplied { session, rows } => {
                self.sessions.entry(session).or_default().supplied = rows;
            }
            Record::Learned { session, mark, row } => {
                self.sessions.entry(session).or_default().learn(mark, row);
            }
            Record::Settings { session, row } => self.sessions.entry(session).or_default().settings = row,
        }
    }

    /// Forgets messages from before this time, the oldest of chats with too many, and sessions that are empty.
    pub fn purge(&mut self, oldest: i64, per_chat: usize) {
        for session in self.sessions.values_mut() {
            session.purge(oldest, per_chat);
        }
        self.sessions.retain(|_, session| !session.is_empty());
    }

    pub fn sessions(&self) -> Vec<String> {
        self.sessions.keys().cloned().collect()
    }

    pub fn load(&self, session: &str) -> Option<Loaded> {
        let Session { supplied, learned, settings, .. } = self.sessions.get(session)?;
        let (supplied, learned) = (supplied.clone(), learned.clone());
        Some(Loaded { supplied, learned, settings: settings.clone() })
    }

    pub fn history(&self, wanted: &Wanted, count: usize) -> Page {
        page(self.newest_first(wanted), count)
    }

    pub fn last(&self, wanted: &Wanted, position: usize) -> Option<Message> {
        let (_, message) = self.newest_first(wanted).nth(position.checked_sub(1)?)?;
        Some(message.clone())
    }

    pub fn search(&self, session: &str, query: &str, count: usize) -> Vec<Message> {
        let phrases: Vec<Vec<String>> = pieces(query).into_iter().map(words).collect();
        let Some(session) = self.sessions.get(session).filter(|_| !phrases.is_empty()) else {
            return Vec::new();
        };
        let rows = session.messages.iter().rev().map(|(row, message)| (*row, message));
        let mut found = page(rows.filter(|(_, message)| holds(&message.text, &phrases)), count).messages;
        found.reverse();
        found
    }

    pub fn count(&self, wanted: &Wanted) -> usize {
        self.newest_first(wanted).count()
    }

    fn newest_first<'a>(&'a self, wanted: &'a Wanted) -> impl Iterator<Item = (i64, &'a Message)> {
        let session = self.sessions.get(&wanted.session);
        let before = wanted.before.map_or(i64::MAX, |cursor| cursor.0);
        let of_wanted = move |message: &Message| {
            wanted.contact_id.as_ref().is_none_or(|contact| *contact == message.contact_id)
                && wanted.direction.is_none_or(|direction| direction == message.direction)
        };
        let rows = session.into_iter().flat_map(move |session| session.messages.range(..before).rev());
        rows.map(|(row, message)| (*row, message)).filter(move |(_, message)| of_wanted(message))
    }
}

impl Session {
    fn add(&mut self, row: i64, message: Message) {
        if self.row_of_id.contains_key(&message.id) {
            return;
        }
        self.row_of_id.insert(message.id.clone(), row);
        self.rows_of_contact.entry(message.contact_id.clone()).or_default().insert(row);
        self.messages.insert(row, message);
    }

    fn learn(&mut self, mark: String, row: ContactRow) {
        let place = *self.marks.entry(mark).or_insert(self.learned.len());
        match self.learned.get_mut(place) {
            Some(known) => {
                let phone = row.phone.or_else(|| known.phone.take());
                *known = ContactRow { phone, ..row };
            }
            None => self.learned.push(row),
        }
    }

    fn step(&mut self, id: &str, state: MessageState) {
        let row = self.row_of_id.get(id);
        if let Some(message) = row.and_then(|row| self.messages.get_mut(row)) {
            message.state = state;
        }
    }

    fn purge(&mut self, oldest: i64, per_chat: usize) {
        let old = self.messages.iter().filter(|(_, message)| message.at < oldest).map(|(row, _)| *row);
        for row in old.collect::<Vec<_>>() {
            self.remove(row);
        }
        let surplus = self.rows_of_contact.values();
        let surplus = surplus.flat_map(|rows| rows.iter().take(rows.len().saturating_sub(per_chat)));
        for row in surplus.copied().collect::<Vec<_>>() {
            self.remove(row);
        }
        self.rows_of_contact.retain(|_, rows| !rows.is_empty());
    }

    fn remove(&mut self, row: i64) {
        let Some(message) = self.messages.remove(&row) else { return };
        self.row_of_id.remove(&message.id);
        if let Some(rows) = self.rows_of_contact.get_mut(&message.contact_id) {
            rows.remove(&row);
        }
    }

    fn is_empty(&self) -> bool {
        self.supplied.is_empty()
            && self.learned.is_empty()
            && self.messages.is_empty()
            && self.settings == SettingsRow::default()
    }
}

fn page<'a>(newest_first: impl Iterator<Item = (i64, &'a Message)>, count: usize) -> Page {
    let rows = newest_first.map(|(row, message)| Ok::<_, Infallible>((Cursor(row), message.clone())));
    let Ok(page) = Page::of(rows, count);
    page
}

/// The words of a text, in small letters.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// Whether all of these stand in the text, the last one perhaps as the beginning of something longer.
fn holds(text: &str, phrases: &[Vec<String>]) -> bool {
    let words = words(text);
    let last = phrases.len().saturating_sub(1);
    phrases.iter().enumerate().all(|(place, phrase)| {
        words.windows(phrase.len().max(1)).any(|here| begins(here, phrase, place == last))
    })
}

fn begins(words: &[String], phrase: &[String], may_go_on: bool) -> bool {
    let last = phrase.len().saturating_sub(1);
    words.iter().zip(phrase).enumerate().all(|(place, (word, wanted))| {
        if may_go_on && place == last { word.starts_with(wanted) } else { word == wanted }
    })
}
