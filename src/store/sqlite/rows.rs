//! Rows as SQLite has them, and as the store has them.

use super::super::question::Cursor;
use super::super::record::{ContactRow, Direction, Message, MessageState, SettingsRow};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Result, Row};

/// The columns of a message, in the order in which [`message`] reads them.
pub(super) const MESSAGE: &str =
    "m.row, m.id, m.contact_id, m.contact_name, m.direction, m.text, m.state, m.at";

pub(super) fn message(row: &Row<'_>, session: &str) -> Result<(Cursor, Message)> {
    let message = Message {
        session: session.to_owned(),
        id: row.get(1)?,
        contact_id: row.get(2)?,
        contact_name: row.get(3)?,
        direction: row.get(4)?,
        text: row.get(5)?,
        state: row.get(6)?,
        at: row.get(7)?,
    };
    Ok((Cursor(row.get(0)?), message))
}

/// The columns of a contact, in the order in which [`contact`] reads them.
pub(super) const CONTACT: &str = "name, phone, id";

pub(super) fn contact(row: &Row<'_>) -> Result<ContactRow> {
    Ok(ContactRow { name: row.get(0)?, phone: row.get(1)?, id: row.get(2)? })
}

/// The columns of a session's settings, in the order in which [`settings`] reads them.
pub(super) const SETTINGS: &str = "last_contact, auto_reply, has_bridge";

pub(super) fn settings(row: &Row<'_>) -> Result<SettingsRow> {
    Ok(SettingsRow { last_contact: row.get(0)?, auto_reply: row.get(1)?, has_bridge: row.get(2)? })
}

/// Who said that somebody is a contact, as it is written into the file.
pub(super) const CLIENT: &str = "client";
pub(super) const BACKEND: &str = "backend";

impl ToSql for Direction {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl FromSql for Direction {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::named(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

impl ToSql for MessageState {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl FromSql for MessageState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::named(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

/// A count as the database has it.
pub fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
