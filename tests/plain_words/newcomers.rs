//! Contacts are the same, whether somebody looked at them before the last ones were learned or not.

use crate::properties::holds;
use proptest::prelude::*;
use proptest::sample::select;
use strowger::core::contacts::{ContactId, Supplied};
use strowger::core::{ContactName, Contacts};

// Few of each, so that they are often the same.
const NAMES: &[&str] = &["Anna", "anna", "Bob", "Carl", "+4917011", " "];
const PHONES: &[Option<&str>] =
    &[None, None, Some("+4917011"), Some("49 170 22"), Some("+4917033"), Some("none")];
const IDS: &[Option<&str>] = &[None, None, Some("1"), Some("2"), Some("3"), Some("name:bob")];

fn given() -> impl Strategy<Value = Supplied> {
    (select(NAMES), select(PHONES), select(IDS)).prop_map(|(name, phone, id)| Supplied {
        name: ContactName::new(name),
        phone: phone.map(Into::into),
        id: id.map(ContactId::new),
    })
}

/// All that can be seen of them.
fn seen(contacts: &Contacts) -> Vec<String> {
    let everybody = contacts.iter().map(|contact| {
        let ids = contact.other_ids.iter().map(ContactId::as_str);
        let names = contact.aliases.iter().map(ContactName::as_str);
        let all =
            [contact.id.as_str(), contact.name.as_str(), contact.phone.as_ref().map_or("", |p| p.as_str())];
        let found = contacts.get(&contact.id).map(|found| found.name.as_str());
        format!(
            "{:?} {:?} {found:?}",
            contact.source,
            all.into_iter().chain(ids).chain(names).collect::<Vec<_>>()
        )
    });
    let meant = NAMES.iter().chain(PHONES.iter().flatten()).chain(IDS.iter().flatten()).map(|typed| {
        let told = contacts.resolve(typed, &[]).map(|found| {
            let phone = found.phone.map(|phone| phone.as_str().to_owned());
            (found.id.as_str().to_owned(), found.contact.as_str().to_owned(), phone, found.how)
        });
        format!("{typed}: {told:?} {:?}", contacts.get(&ContactId::new(*typed)).map(|one| one.name.as_str()))
    });
    everybody.chain(meant).collect()
}

#[test]
fn who_is_learned_later_is_the_same_as_if_all_were_made_anew() {
    let lists = (proptest::collection::vec(given(), 0..5), proptest::collection::vec(given(), 1..9));
    holds(lists, |(supplied, learned)| {
        let mut watched = Contacts::default();
        watched.replace_supplied(supplied.iter().cloned());
        for (at, one) in learned.iter().enumerate() {
            let _ = watched.len();
            let _ = watched.learn(one.clone());
            let mut anew = Contacts::default();
            anew.replace_supplied(supplied.iter().cloned());
            for one in learned.iter().take(at + 1) {
                let _ = anew.learn(one.clone());
            }
            prop_assert_eq!(seen(&watched), seen(&anew));
        }
        Ok(())
    });
}
