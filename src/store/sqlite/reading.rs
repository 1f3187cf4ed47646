//! What is read from the database. Without a file everything is empty, and none is made.

use super::super::backend::Trouble;
use super::super::question::{Page, Wanted, pieces};
use super::super::record::{ContactRow, Loaded, Message};
use super::Sqlite;
use super::rows::{self, CONTACT, MESSAGE, SETTINGS, whole};
use rusqlite::{Connection, OptionalExtension, Result, named_params, params};

type Answer<T> = std::result::Result<T, Trouble>;

impl Sqlite {
    pub fn sessions(&mut self) -> Answer<Vec<String>> {
        self.with_what_is_there(|connection| {
            let mut names = connection.prepare("SELECT name FROM sessions ORDER BY name")?;
            names.query_map([], |row| row.get(0))?.collect()
        })
    }

    pub fn load(&mut self, session: &str) -> Answer<Option<Loaded>> {
        self.with_what_is_there(|connection| {
            let select = format!("SELECT {SETTINGS}, session FROM sessions WHERE name = ?1");
            let found = connection
                .query_row(&select, [session], |row| Ok((rows::settings(row)?, row.get::<_, i64>(3)?)));
            let Some((settings, number)) = found.optional()? else { return Ok(None) };
            let select =
                format!("SELECT {CONTACT} FROM contacts WHERE session = ?1 AND source = ?2 ORDER BY place");
            let mut select = connection.prepare(&select)?;
            let mut given_by = |source: &str| -> Result<Vec<ContactRow>> {
                select.query_map(params![number, source], rows::contact)?.collect()
            };
            let (supplied, learned) = (given_by(rows::CLIENT)?, given_by(rows::BACKEND)?);
            Ok(Some(Loaded { supplied, learned, settings }))
        })
    }

    pub fn history(&mut self, wanted: &Wanted, count: usize) -> Answer<Page> {
        self.with_what_is_there(|connection| page(connection, wanted, count, 0))
    }

    pub fn last(&mut self, wanted: &Wanted, position: usize) -> Answer<Option<Message>> {
        let Some(newer) = position.checked_sub(1) else { return Ok(None) };
        self.with_what_is_there(|connection| Ok(page(connection, wanted, 1, newer)?.messages.pop()))
    }

    pub fn search(&mut self, session: &str, query: &str, count: usize) -> Answer<Vec<Message>> {
        self.with_what_is_there(|connection| {
            let number = "SELECT session FROM sessions WHERE name = ?1";
            let number = connection.query_row(number, [session], |row| row.get(0)).optional()?;
            let Some(expression) = number.and_then(|number| expression(query, number)) else {
                return Ok(Vec::new());
            };
            let mut select = connection.prepare(&format!(
                "SELECT {MESSAGE} FROM words CROSS JOIN messages AS m ON m.row = words.rowid
                WHERE words MATCH ?1 AND m.session = ?2 ORDER BY words.rowid DESC LIMIT ?3"
            ))?;
            let wanted = params![expression, number, whole(count)];
            let found = select.query_map(wanted, |row| rows::message(row, session))?;
            let mut found = Page::of(found, count)?.messages;
            found.reverse();
            Ok(found)
        })
    }

    pub fn count(&mut self, wanted: &Wanted) -> Answer<usize> {
        self.with_what_is_there(|connection| {
            let select = format!("SELECT count(*) FROM messages AS m WHERE {}", condition(wanted));
            let Wanted { session, contact_id, direction, before } = wanted;
            let before = before.map_or(i64::MAX, |cursor| cursor.0);
            let named = named_params! {
                ":session": session, ":contact": contact_id, ":direction": direction, ":before": before,
            };
            let count: i64 = connection.query_row(&select, named, |row| row.get(0))?;
            Ok(usize::try_from(count).unwrap_or_default())
        })
    }
}

/// So many of those wanted, but for the newest that are passed over.
fn page(connection: &Connection, wanted: &Wanted, count: usize, passed_over: usize) -> Result<Page> {
    let condition = condition(wanted);
    let mut select = connection.prepare(&format!(
        "SELECT {MESSAGE} FROM messages AS m WHERE {condition}
        ORDER BY m.row DESC LIMIT :count OFFSET :passed_over"
    ))?;
    let Wanted { session, contact_id, direction, before } = wanted;
    let before = before.map_or(i64::MAX, |cursor| cursor.0);
    let named = named_params! {
        ":session": session, ":contact": contact_id, ":direction": direction, ":before": before,
        ":count": whole(count.saturating_add(1)), ":passed_over": whole(passed_over),
    };
    Page::of(select.query_map(named, |row| rows::message(row, session))?, count)
}

/// In a form that goes by the index that fits. Every name is in each of them.
fn condition(wanted: &Wanted) -> &'static str {
    if wanted.contact_id.is_some() {
        "m.session = (SELECT session FROM sessions WHERE name = :session) AND m.contact_id = :contact
        AND m.row < :before AND (:direction IS NULL OR m.direction = :direction)"
    } else {
        "m.session = (SELECT session FROM sessions WHERE name = :session)
        AND m.row < :before AND (:direction IS NULL OR m.direction = :direction) AND :contact IS NULL"
    }
}

/// Every piece in quotes, so that nothing in it is a sign of the search's language. The session's number is a word
/// like the others: so the messages of other sessions are not even looked at.
fn expression(query: &str, session: i64) -> Option<String> {
    let quoted = |piece: &str| format!("\"{}\"", piece.replace('"', "\"\""));
    let pieces: Vec<String> = pieces(query).into_iter().map(quoted).collect();
    (!pieces.is_empty()).then(|| format!("session : \"{session}\" AND text : ({} *)", pieces.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_typed_is_a_sign_of_the_searchs_language() {
        let of_7 = |words: &str| Some(format!("session : \"7\" AND text : ({words})"));
        assert_eq!(expression("red app", 7), of_7("\"red\" \"app\" *"));
        assert_eq!(expression("a\"b NEAR(x", 7), of_7("\"a\"\"b\" \"NEAR(x\" *"));
        assert_eq!(expression(" -- * ", 7), None);
    }
}
