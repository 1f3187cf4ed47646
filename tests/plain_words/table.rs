//! Runs the table of sentences.

use strowger::core::contacts::{Names, Supplied, Unresolved};
use strowger::core::plain::{self, Book, Meant, NotUnderstood};
use strowger::core::{Action, ContactName, Contacts, Which};

const TABLE: &str = include_str!("sentences.txt");
/// Fewer rows than this, and something is wrong with how the table is read.
const FEWEST: usize = 80;

#[test]
fn every_sentence_means_what_the_table_says() {
    let is_row = |line: &&str| !line.trim().is_empty() && !line.starts_with('#');
    let rows: Vec<&str> = TABLE.lines().filter(is_row).collect();
    assert!(rows.len() >= FEWEST, "{} rows", rows.len());
    let wrong: Vec<String> = rows.iter().filter_map(|row| complaint(row)).collect();
    assert!(wrong.is_empty(), "\n\n{}\n", wrong.join("\n"));
}

fn complaint(row: &str) -> Option<String> {
    let cells: Vec<&str> = row.split('|').map(str::trim).collect();
    let [sentence, known, expected] = cells[..] else {
        return Some(format!("{row}\n    has not three cells"));
    };
    let meant = meaning(&sentence.replace("\\n", "\n"), known);
    (meant != expected).then(|| format!("{row}\n    means: {meant}"))
}

fn meaning(sentence: &str, known: &str) -> String {
    let (known, last) =
        known.split_once("; last: ").map_or((known, None), |(known, last)| (known, Some(last)));
    let mut contacts = Contacts::default();
    contacts.replace_supplied(known.split(", ").filter(|name| !name.is_empty()).map(Supplied::named));
    let last = last.map(ContactName::new);
    let names = Names::new(&contacts, &[]);
    let book = Book { names: &names, last: last.as_ref(), wrote_else: false };
    match plain::read(sentence, &book) {
        Ok(Meant::Help) => "help".to_owned(),
        Ok(Meant::Act { action, names_contact }) => told(&action, names_contact, &contacts),
        Err(NotUnderstood::Unknown) => "unknown".to_owned(),
        Err(NotUnderstood::WhichContact) => "which contact".to_owned(),
        Err(NotUnderstood::UnknownName) => "unknown name".to_owned(),
        Err(NotUnderstood::TwoWays) => "two ways".to_owned(),
    }
}

fn told(action: &Action, names_contact: bool, contacts: &Contacts) -> String {
    let name = action.contact().map(|name| who(name, names_contact, contacts)).unwrap_or_default();
    match action {
        Action::Send { message, .. } => format!("send {name}: {}", message.as_str().replace('\n', "\\n")),
        Action::Read { count, which, .. } => format!("read {name}: {count}, {}", part(*which)),
        Action::Summary { .. } => format!("summary {name}"),
        Action::Suggest { .. } => format!("suggest {name}"),
        Action::List => "list".to_owned(),
        Action::Status => "status".to_owned(),
        Action::AutoReply(on) => format!("auto {}", if *on { "on" } else { "off" }),
        Action::Search { query } => format!("search: {}", query.as_str()),
    }
}

fn part(which: Which) -> String {
    match which {
        Which::All => "all".to_owned(),
        Which::LastFromContact => "last from contact".to_owned(),
        Which::LastFromMe => "last from me".to_owned(),
        Which::PositionFromContact(at) => format!("{at} from the end"),
    }
}

/// The name as typed, and in brackets whom it means.
fn who(name: &ContactName, is_named: bool, contacts: &Contacts) -> String {
    let typed = name.as_str();
    match contacts.resolve(typed, &[]) {
        _ if !is_named => format!("{typed} (meant)"),
        Ok(found) if found.contact == *name => typed.to_owned(),
        Ok(found) => format!("{typed} ({})", found.contact.as_str()),
        Err(Unresolved::Unknown) => format!("{typed} (?)"),
        Err(Unresolved::Ambiguous(names)) => {
            let names: Vec<&str> = names.iter().map(ContactName::as_str).collect();
            format!("{typed} ({})", names.join(" or "))
        }
    }
}
