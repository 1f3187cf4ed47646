//! The tables of the database, version by version.
//!
//! A file says of which version it is in its `user_version`. What once was a migration stays as it is; a change is
//! one more at the end.

use super::Unfit;
use rusqlite::{Connection, TransactionBehavior};

/// Each makes of the version before it the next one; the first makes version 1 of an empty file.
const MIGRATIONS: [&str; 4] = [
    // What is kept. Names of directions and states stand there in full, for whoever looks into the file.
    "CREATE TABLE sessions (
        session INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        last_contact TEXT,
        auto_reply INTEGER NOT NULL DEFAULT 0,
        has_bridge INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE contacts (
        session INTEGER NOT NULL,
        place INTEGER NOT NULL,
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        phone TEXT,
        sources TEXT NOT NULL,
        aliases TEXT NOT NULL,
        PRIMARY KEY (session, place)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE messages (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        session INTEGER NOT NULL,
        id TEXT NOT NULL,
        contact_id TEXT NOT NULL,
        contact_name TEXT NOT NULL,
        direction TEXT NOT NULL,
        text TEXT NOT NULL,
        state TEXT NOT NULL,
        at INTEGER NOT NULL,
        UNIQUE (session, id)
    ) STRICT;
    CREATE INDEX messages_of_session ON messages (session);
    CREATE INDEX messages_of_contact ON messages (session, contact_id);
    CREATE INDEX messages_by_time ON messages (at);",
    // Full text search. What is deleted is to be gone from it, too, and at once.
    "CREATE VIRTUAL TABLE words USING fts5 (
        text, content = 'messages', content_rowid = 'row', tokenize = 'unicode61 remove_diacritics 2'
    );
    INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
    INSERT INTO words (words) VALUES ('rebuild');
    CREATE TRIGGER message_kept AFTER INSERT ON messages BEGIN
        INSERT INTO words (rowid, text) VALUES (new.row, new.text);
    END;
    CREATE TRIGGER message_gone AFTER DELETE ON messages BEGIN
        INSERT INTO words (words, rowid, text) VALUES ('delete', old.row, old.text);
    END;",
    // Contacts as each was given, and not the people that were made of them. Ids that were made here are left out.
    "CREATE TABLE given (
        session INTEGER NOT NULL,
        source TEXT NOT NULL,
        place INTEGER NOT NULL,
        mark TEXT,
        name TEXT NOT NULL,
        phone TEXT,
        id TEXT,
        PRIMARY KEY (session, source, place),
        UNIQUE (session, mark)
    ) STRICT, WITHOUT ROWID;
    WITH names (session, source, place, nth, name, phone, id) AS (
        SELECT session, sources, place, -1, name, phone, id FROM contacts
        UNION ALL
        SELECT c.session, c.sources, c.place, alias.key, alias.value, c.phone, c.id
        FROM contacts AS c, json_each(c.aliases) AS alias
    ), sourced AS (
        SELECT session, iif(instr(source, '\"client\"') > 0, 'client', 'backend') AS source, place, nth, name, phone,
            iif(substr(id, 1, 5) = 'name:', NULL, id) AS id
        FROM names
    )
    INSERT INTO given (session, source, place, name, phone, id)
    SELECT session, source, row_number() OVER (PARTITION BY session, source ORDER BY place, nth) - 1, name, phone, id
    FROM sourced;
    DROP TABLE contacts;
    ALTER TABLE given RENAME TO contacts;",
    // The words of one session are found without those of all others.
    "DROP TRIGGER message_kept;
    DROP TRIGGER message_gone;
    DROP TABLE words;
    CREATE VIRTUAL TABLE words USING fts5 (
        text, session, content = 'messages', content_rowid = 'row', tokenize = 'unicode61 remove_diacritics 2'
    );
    INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
    INSERT INTO words (words) VALUES ('rebuild');
    CREATE TRIGGER message_kept AFTER INSERT ON messages BEGIN
        INSERT INTO words (rowid, text, session) VALUES (new.row, new.text, new.session);
    END;
    CREATE TRIGGER message_gone AFTER DELETE ON messages BEGIN
        INSERT INTO words (words, rowid, text, session) VALUES ('delete', old.row, old.text, old.session);
    END;",
];

/// The version that this program writes.
pub(super) const VERSION: usize = MIGRATIONS.len();

/// Makes a file of any version that is known one of the newest.
pub(super) fn bring_up_to_date(connection: &mut Connection) -> Result<(), Unfit> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let version = usize::try_from(found).ok().filter(|version| *version <= VERSION);
    let Some(version) = version else { return Err(Unfit::Newer { version: found }) };
    for (migration, next) in MIGRATIONS.iter().zip(1_i64..).skip(version) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", next)?;
        transaction.commit()?;
    }
    Ok(())
}
