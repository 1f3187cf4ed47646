//! What changes the database: records by the batch, and forgetting.

use super::super::backend::Trouble;
use super::super::record::{ContactRow, Message, MessageState, Record, SettingsRow};
use super::Sqlite;
use super::rows::whole;
use rusqlite::{Connection, Result, Statement, TransactionBehavior, params};

const SESSION: &str = "INSERT INTO sessions (name) VALUES (?1) ON CONFLICT (name) DO NOTHING";
const MESSAGE: &str =
    "INSERT INTO messages (session, id, contact_id, contact_name, direction, text, state, at)
    VALUES ((SELECT session FROM sessions WHERE name = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8)
    ON CONFLICT (session, id) DO NOTHING";
const STATE: &str = "UPDATE messages SET state = ?3
    WHERE session = (SELECT session FROM sessions WHERE name = ?1) AND id = ?2";
const NOBODY_SUPPLIED: &str = "DELETE FROM contacts
    WHERE session = (SELECT session FROM sessions WHERE name = ?1) AND source = 'client'";
const SUPPLIED: &str = "INSERT INTO contacts (session, source, place, name, phone, id)
    VALUES ((SELECT session FROM sessions WHERE name = ?1), 'client', ?2, ?3, ?4, ?5)";
/// At the end, unless the backend told of this one before.
const LEARNED: &str = "INSERT INTO contacts (session, source, place, mark, name, phone, id)
    SELECT s.session, 'backend', (
        SELECT coalesce(max(c.place), -1) + 1 FROM contacts AS c WHERE c.session = s.session AND c.source = 'backend'
    ), ?2, ?3, ?4, ?5 FROM sessions AS s WHERE s.name = ?1
    ON CONFLICT (session, mark) DO UPDATE
    SET name = excluded.name, phone = coalesce(excluded.phone, phone), id = excluded.id";
const SETTINGS: &str =
    "UPDATE sessions SET last_contact = ?2, auto_reply = ?3, has_bridge = ?4 WHERE name = ?1";

const CROWDED_CHATS: &str =
    "SELECT session, contact_id FROM messages GROUP BY session, contact_id HAVING count(*) > ?1";
/// The newest one that is too many, and all before it.
const SURPLUS: &str = "DELETE FROM messages WHERE session = ?1 AND contact_id = ?2 AND row <= (
    SELECT row FROM messages WHERE session = ?1 AND contact_id = ?2 ORDER BY row DESC LIMIT 1 OFFSET ?3)";
const EMPTY_SESSIONS: &str =
    "DELETE FROM sessions WHERE last_contact IS NULL AND NOT auto_reply AND NOT has_bridge
    AND NOT EXISTS (SELECT 1 FROM contacts WHERE contacts.session = sessions.session)
    AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.session = sessions.session)";

impl Sqlite {
    pub fn write(&mut self, records: &[Record]) -> std::result::Result<(), Trouble> {
        self.with(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut pen = Pen::new(&transaction)?;
            records.iter().try_for_each(|record| pen.write(record))?;
            drop(pen);
            transaction.commit()
        })
    }

    pub fn purge(&mut self, oldest: i64, per_chat: usize) -> std::result::Result<(), Trouble> {
        self.with_what_is_there(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute("DELETE FROM messages WHERE at < ?1", [oldest])?;
            remove_surplus(&transaction, whole(per_chat))?;
            transaction.execute(EMPTY_SESSIONS, [])?;
            transaction.commit()?;
            // Until then, what was deleted stands in the log beside the database.
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        })
    }
}

fn remove_surplus(connection: &Connection, per_chat: i64) -> Result<()> {
    let mut crowded = connection.prepare(CROWDED_CHATS)?;
    let chats = crowded.query_map([per_chat], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (session, contact) in chats.collect::<Result<Vec<(i64, String)>>>()? {
        connection.execute(SURPLUS, params![session, contact, per_chat])?;
    }
    Ok(())
}

/// What a batch is written with.
struct Pen<'a> {
    session: Statement<'a>,
    message: Statement<'a>,
    state: Statement<'a>,
    nobody_supplied: Statement<'a>,
    supplied: Statement<'a>,
    learned: Statement<'a>,
    settings: Statement<'a>,
}

impl<'a> Pen<'a> {
    fn new(connection: &'a Connection) -> Result<Self> {
        Ok(Self {
            session: connection.prepare(SESSION)?,
            message: connection.prepare(MESSAGE)?,
            state: connection.prepare(STATE)?,
            nobody_supplied: connection.prepare(NOBODY_SUPPLIED)?,
            supplied: connection.prepare(SUPPLIED)?,
            learned: connection.prepare(LEARNED)?,
            settings: connection.prepare(SETTINGS)?,
        })
    }

    fn write(&mut self, record: &Record) -> Result<()> {
        match record {
            Record::Message(message) => self.message(message),
            Record::State { session, id, state } => self.state(session, id, *state),
            Record::Supplied { session, rows } => self.supplied(session, rows),
            Record::Learned { session, mark, row } => self.learned(session, mark, row),
            Record::Settings { session, row } => self.settings(session, row),
        }
    }

    fn message(&mut self, message: &Message) -> Result<()> {
        let Message { session, id, contact_id, contact_name, direction, text, state, at } = message;
        self.session.execute([session])?;
        let row = params![session, id, contact_id, contact_name, direction, text, state, at];
        self.message.execute(row).map(drop)
    }

    fn state(&mut self, session: &str, id: &str, state: MessageState) -> Result<()> {
        self.state.execute(params![session, id, state]).map(drop)
    }

    fn supplied(&mut self, session: &str, rows: &[ContactRow]) -> Result<()> {
        self.session.execute([session])?;
        self.nobody_supplied.execute([session])?;
        for (place, ContactRow { name, phone, id }) in (0_i64..).zip(rows) {
            self.supplied.execute(params![session, place, name, phone, id])?;
        }
        Ok(())
    }

    fn learned(&mut self, session: &str, mark: &str, row: &ContactRow) -> Result<()> {
        let ContactRow { name, phone, id } = row;
        self.session.execute([session])?;
        self.learned.execute(params![session, mark, name, phone, id]).map(drop)
    }

    fn settings(&mut self, session: &str, row: &SettingsRow) -> Result<()> {
        let SettingsRow { last_contact, auto_reply, has_bridge } = row;
        self.session.execute([session])?;
        self.settings.execute(params![session, last_contact, auto_reply, has_bridge]).map(drop)
    }
}
