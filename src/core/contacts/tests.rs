//! What holds for contacts: who is one person, in which order they stand, and whom a typed name means.

use super::*;

/// `name`, `name +number`, `name #id` or all three.
fn given(text: &str) -> Supplied {
    let (text, id) =
        text.split_once(" #").map_or((text, None), |(text, id)| (text, Some(ContactId::new(id))));
    let (name, phone) =
        text.split_once(" +").map_or((text, None), |(name, phone)| (name, Some(phone.into())));
    Supplied { name: ContactName::new(name), phone, id }
}

fn supplied(texts: &[&str]) -> Contacts {
    let mut contacts = Contacts::default();
    contacts.replace_supplied(texts.iter().map(|text| given(text)));
    contacts
}

fn names(contacts: &Contacts) -> Vec<&str> {
    contacts.iter().map(|contact| contact.name.as_str()).collect()
}

/// The name in full and how, or the candidates after a question mark.
fn resolved(contacts: &Contacts, typed: &str) -> String {
    told(contacts.resolve(typed, &[]))
}

fn told(result: Result<Found, Unresolved>) -> String {
    match result {
        Ok(found) => format!("{} {:?}", found.contact.as_str(), found.how),
        Err(Unresolved::Unknown) => "?".to_owned(),
        Err(Unresolved::Ambiguous(names)) => {
            let names: Vec<&str> = names.iter().map(ContactName::as_str).collect();
            format!("? {}", names.join(", "))
        }
    }
}

#[test]
fn the_order_given_is_kept_and_nobody_stands_there_twice() {
    let contacts = supplied(&["John", "anna", "JOHN", "Bob +4917012345", "Robert +49 170 12345", " ", "Zoë"]);
    assert_eq!(names(&contacts), ["John", "anna", "Bob", "Zoë"]);
    let bob = contacts.iter().nth(2).unwrap();
    assert_eq!(bob.aliases, [ContactName::new("Robert")]);
    assert_eq!((contacts.head().total, contacts.head().first.len()), (4, 4));
}

#[test]
fn what_clients_supplied_is_replaced_and_what_the_backend_knows_stays() {
    let mut contacts = supplied(&["Anna", "Bob"]);
    assert!(contacts.learn(given("Carl #c")));
    assert!(contacts.learn(given("bob +4917012345 #b")));
    assert_eq!(names(&contacts), ["Anna", "Bob", "Carl"]);
    let bob = contacts.get(&ContactId::new("b")).unwrap();
    assert_eq!((bob.name.as_str(), bob.source), ("Bob", Source::Backend));
    assert_eq!(bob.phone, Some("4917012345".into()));

    contacts.replace_supplied(std::iter::once(given("Dora")));
    assert_eq!(names(&contacts), ["Dora", "Carl", "bob"]);
    assert_eq!(contacts.iter().next().unwrap().source, Source::Client);
}

#[test]
fn learning_says_whether_it_was_news() {
    let mut contacts = Contacts::default();
    assert!(contacts.learn(given("Anna +49170111 #a")));
    assert!(!contacts.learn(given("Anna +49170111 #a")));
    assert!(!contacts.learn(given("Anna #a")), "what is left out stays");
    assert!(contacts.learn(given("Anna Maria #a")));
    assert_eq!(names(&contacts), ["Anna Maria"]);
    assert!(contacts.iter().all(|contact| contact.phone.is_some()));
    assert!(contacts.learn(given("Bob")) && !contacts.learn(given("Bob")));
}

#[test]
fn a_name_joins_nobody_who_could_be_another() {
    let by_id = supplied(&["John #1", "John #2", "John #1"]);
    assert_eq!(names(&by_id), ["John", "John"]);
    assert_eq!(resolved(&by_id, "john"), "? John (1), John (2)");
    let by_number = supplied(&["John +4917011", "John +4917022"]);
    assert_eq!(by_number.len(), 2);
    assert_ne!(by_number.iter().next().unwrap().id, by_number.iter().nth(1).unwrap().id);
    assert_eq!(supplied(&["John #1", "John +4917011"]).len(), 1);
    assert_eq!(supplied(&["John #1", "John #2", "John +4917011"]).len(), 3);
    assert_eq!(supplied(&["John #1", "John #2", "John"]).len(), 2);
}

#[test]
fn an_id_and_a_number_join_whoever_has_them() {
    let mut contacts = supplied(&["Mum +4917011", "Anna #a"]);
    assert!(contacts.learn(given("Anna Berg +4917011 #a")));
    assert_eq!(names(&contacts), ["Mum"]);
    let mum = contacts.iter().next().unwrap();
    assert_eq!(mum.aliases, [ContactName::new("Anna"), ContactName::new("Anna Berg")]);
    assert_eq!(resolved(&contacts, "anna berg"), "Mum Exact");
    assert!(contacts.learn(given("Mum +4917011 #b")));
    assert_eq!(contacts.get(&ContactId::new("b")), contacts.get(&ContactId::new("a")));
}

#[test]
fn pages_follow_each_other() {
    let mut contacts = Contacts::default();
    contacts.replace_supplied((0..25).map(|i| given(&format!("Person {i} +4917000{i:02}"))));
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let (page, next) = contacts.page(None, after.as_ref(), 10);
        seen.extend(page.iter().map(|contact| contact.name.clone()));
        after = next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, contacts.iter().map(|contact| contact.name.clone()).collect::<Vec<_>>());
    let found = |query| contacts.page(Some(query), None, 100).0.len();
    assert_eq!((found("PERSON 1"), found("nobody"), found("+49170 0007"), found("")), (11, 0, 1, 25));
    assert_eq!(contacts.page(None, Some(&ContactId::new("gone")), 10), (Vec::new(), None));
    assert_eq!(contacts.page(None, None, 0), (Vec::new(), None));
}

#[test]
fn a_list_has_an_end() {
    let mut contacts = Contacts::default();
    contacts.replace_supplied((0..MOST + 5).map(|i| given(&format!("S{i}"))));
    assert_eq!(contacts.len(), MOST);
    for i in 0..MOST {
        contacts.learn(given(&format!("L{i}")));
    }
    assert!(!contacts.learn(given("One more")));
    assert_eq!((contacts.len(), contacts.head().total), (MOST, MOST));
}

#[test]
fn a_typed_name_means_whoever_is_called_so() {
    let contacts =
        supplied(&["John Smith", "Mary-Ann", "Bob", "Bobby", "Straße", "+4917012345", "Ed +49151777888"]);
    for (typed, means) in [
        ("john smith", "John Smith Exact"),
        ("JOHN  SMITH", "John Smith Exact"),
        ("john", "John Smith Part"),
        ("smith", "John Smith Part"),
        ("ann", "Mary-Ann Part"),
        ("bob", "Bob Exact"),
        ("bobb", "Bobby Part"),
        ("bo", "? Bob, Bobby"),
        ("STRASSE", "Straße Exact"),
        ("+49 151 777 888", "Ed Exact"),
        ("49151777888", "Ed Exact"),
        ("151777888", "?"),
        ("mith", "John Smith Part"),
        ("jonh smith", "John Smith Spelling"),
        ("ohn smiht", "John Smith Spelling"),
        ("edd", "?"),
        ("nobody", "?"),
        ("", "?"),
        ("  ", "?"),
        ("-", "?"),
    ] {
        assert_eq!(resolved(&contacts, typed), means, "{typed:?}");
    }
}

#[test]
fn whole_words_come_before_any_part() {
    let contacts = supplied(&["Annabel", "Hanna", "Susanne"]);
    assert_eq!(resolved(&contacts, "anna"), "Annabel Part");
    assert_eq!(resolved(&contacts, "ann"), "Annabel Part");
    assert_eq!(resolved(&contacts, "anne"), "Susanne Part");
    assert_eq!(resolved(&supplied(&["Hannah", "Susannah"]), "annah"), "? Hannah, Susannah");
    let two = supplied(&["John Smith", "John Doe", "Johnny"]);
    assert_eq!(resolved(&two, "john"), "? Johnny, John Doe, John Smith");
}

#[test]
fn one_slip_is_forgiven_if_nobody_else_is_as_near() {
    let contacts = supplied(&["John", "Jon", "Sarah", "Ed", "Alexander"]);
    for (typed, means) in [
        ("jhon", "? Jon, John"),
        ("johm", "John Spelling"),
        ("sara", "Sarah Part"),
        ("sarha", "Sarah Spelling"),
        ("sahra", "?"),
        ("srh", "?"),
        ("ef", "?"),
        ("alekzander", "Alexander Spelling"),
        ("aleksandra", "?"),
    ] {
        assert_eq!(resolved(&contacts, typed), means, "{typed}");
    }
    assert_eq!(resolved(&supplied(&["John"]), "jonh"), "John Spelling");
}

#[test]
fn of_many_who_could_be_meant_five_are_named() {
    let mut contacts = Contacts::default();
    contacts.replace_supplied((10..99).map(|i| given(&format!("Anna {i}"))));
    assert_eq!(resolved(&contacts, "anna"), "? Anna 10, Anna 11, Anna 12, Anna 13, Anna 14");
}

#[test]
fn a_command_may_bring_names_of_its_own() {
    let contacts = supplied(&["John #1", "Anna +4917011"]);
    let with = |typed, extra: &[&str]| {
        let extra: Vec<_> = extra.iter().map(|text| given(text)).collect();
        told(contacts.resolve(typed, &extra))
    };
    assert_eq!(with("john", &["John"]), "John Exact");
    assert_eq!(with("john", &["john #2"]), "? John (1), john (2)");
    assert_eq!(with("mum", &["Mum +49 170 11"]), "Anna Exact");
    assert_eq!(with("carl", &["Carl"]), "Carl Exact");
    let found = contacts.resolve("carl", &[given("Carl #7")]).unwrap();
    assert_eq!(found.id, ContactId::new("7"));
    assert_eq!(contacts.resolve("anna", &[]).unwrap().id, ContactId::new("name:anna"));
}

#[test]
fn endless_names_mean_nobody() {
    let contacts = supplied(&["John", &"x".repeat(300)]);
    assert_eq!(resolved(&contacts, &"x".repeat(4096)), "?");
    assert_eq!(resolved(&contacts, &"x".repeat(257)), "?");
    assert_eq!(resolved(&contacts, &"j".repeat(256)), "?");
}

#[test]
fn nothing_of_them_is_printed() {
    let mut contacts = supplied(&["Marzipan +4917012345 #marzipan"]);
    contacts.learn(given("marzipan 2 #2"));
    let found = contacts.resolve("marzipan", &[given("marzipan #3")]);
    let contact = contacts.iter().next();
    let shown = format!("{contacts:?} {found:?} {contact:?} {:?}", given("marzipan +4917012345 #x"));
    assert!(!shown.to_lowercase().contains("marzipan") && !shown.contains("170"), "{shown}");
}

/// The id, the name and the number of who is found.
fn found(contacts: &Contacts, typed: &str, extra: &[&str]) -> String {
    let extra: Vec<_> = extra.iter().map(|text| given(text)).collect();
    let Ok(found) = contacts.resolve(typed, &extra) else { return "?".to_owned() };
    let phone = found.phone.map(|phone| format!(" +{}", phone.as_str())).unwrap_or_default();
    format!("{} {}{phone}", found.id.as_str(), found.contact.as_str())
}

#[test]
fn who_is_found_is_no_namesake() {
    let sarahs = supplied(&["Sarah +441111111", "Sarah +442222222"]);
    assert_eq!(found(&sarahs, "+442222222", &[]), "number:442222222 Sarah +442222222");
    assert_eq!(found(&sarahs, "44 1111 111", &[]), "number:441111111 Sarah +441111111");
    assert_eq!(found(&sarahs, "sarah", &[]), "?");
    let other_order = supplied(&["Sarah +442222222", "Sarah +441111111"]);
    assert_eq!(found(&other_order, "+442222222", &[]), found(&sarahs, "+442222222", &[]));

    let zoe = supplied(&["Zoe +1111111"]);
    assert_eq!(found(&zoe, "+2222222", &["Zoe +2222222"]), "number:2222222 Zoe +2222222");
    assert_eq!(found(&zoe, "zoe", &["Zoe +2222222"]), "?");
    assert_eq!(found(&supplied(&["Bob"]), "zoe", &["Zoe +2222222"]), "name:zoe Zoe +2222222");
    assert_eq!(found(&supplied(&["Zoe"]), "zoe", &["Zoe +2222222"]), "name:zoe Zoe +2222222");
    assert_eq!(found(&supplied(&["Zoe"]), "zoe", &["Zoe +2222222", "Zoe +3333333"]), "?");
}

#[test]
fn a_typed_number_is_the_one_that_counts() {
    let two = supplied(&["Anna +4411111 #a", "Anna +4422222 #a"]);
    assert_eq!(found(&two, "anna", &[]), "a Anna +4411111");
    assert_eq!(found(&two, "+44 22222", &[]), "a Anna ++44 22222");
}

#[test]
fn an_id_that_is_made_here_is_taken_from_nobody() {
    let contacts = supplied(&["Sarah Jones #name:sarah", "Sarah +2222222", "Bob #number:2222222"]);
    assert_eq!(found(&contacts, "sarah", &[]), "name:sarah Sarah +2222222");
    assert_eq!(found(&contacts, "sarah jones", &[]), "name:sarah jones Sarah Jones");
    assert_eq!(found(&contacts, "zoe", &["Zoe #name:bob"]), "name:zoe Zoe");
    let mut learned = Contacts::default();
    learned.learn(given("Sarah Jones #name:sarah"));
    assert!(!learned.learn(given("Sarah Jones")), "as if it had come without");
}

#[test]
fn a_number_is_nobodys_in_part_or_nearly() {
    let contacts = supplied(&["+491701234567", "Agent 7", "John 5551234"]);
    for typed in ["+491701234568", "491701234", "5551234", "1", "7", "Agent 8", "+49 170"] {
        assert_eq!(found(&contacts, typed, &[]), "?", "{typed}");
    }
    let whole = "name:+491701234567 +491701234567 ++491701234567";
    assert_eq!(found(&contacts, "+49 170 1234567", &[]), whole, "its number is its name");
    assert_eq!(found(&contacts, "agnet 7", &[]), "name:agent 7 Agent 7");
    let mum = supplied(&["+491701234567", "Mum +491701234567"]);
    assert_eq!(mum.len(), 1);
}

#[test]
fn few_letters_inside_of_a_word_are_nobodys_name() {
    for (typed, known) in [("Ed", "Fred"), ("Al", "Sally"), ("Ann", "Joanna"), ("Ян", "Татьяна")] {
        assert_eq!(resolved(&supplied(&[known]), typed), "?", "{typed}");
    }
    let contacts = supplied(&["Fred Edwards", "王小明"]);
    assert_eq!(resolved(&contacts, "ed"), "Fred Edwards Part", "where a word begins");
    assert_eq!(resolved(&contacts, "小明"), "王小明 Part", "there are no words");
}

#[test]
fn digits_are_not_cut() {
    let contacts = supplied(&["Room 12", "Agent 77", "24h Shop", "٠١٢٣٤٥"]);
    for typed in ["room 1", "Agent 7", "oom 1", "4h shop", "٠١٢", "7"] {
        assert_eq!(resolved(&contacts, typed), "?", "{typed}");
    }
    assert_eq!(resolved(&contacts, "agent"), "Agent 77 Part");
    assert_eq!(resolved(&contacts, "agent 77"), "Agent 77 Exact");
    assert_eq!(resolved(&contacts, "24"), "?", "a number means only the whole of one");
    assert_eq!(resolved(&contacts, "24h"), "24h Shop Part");
}

#[test]
fn accents_matter_only_where_they_tell_people_apart() {
    let contacts = supplied(&["Zoë", "Joe", "José Silva"]);
    assert_eq!(resolved(&contacts, "Zoe"), "Zoë Part");
    assert_eq!(resolved(&contacts, "ZOE\u{308}"), "Zoë Part");
    assert_eq!(resolved(&contacts, "jose"), "José Silva Part");
    assert_eq!(resolved(&supplied(&["Zoë", "Zoe"]), "zoe"), "Zoe Exact");
    assert_eq!(resolved(&supplied(&["Zoë", "Zoé"]), "zoe"), "? Zoë, Zoé");
}

#[test]
fn a_short_name_has_to_be_as_it_is() {
    for (typed, known) in [("Dad", "Dan"), ("Mim", "Mom"), ("Jane", "Jna"), ("Jon", "Jno"), ("Jne", "Jane")] {
        assert_eq!(resolved(&supplied(&[known, "Zebedee"]), typed), "?", "{typed}");
    }
    assert_eq!(resolved(&supplied(&["John", "Zebedee"]), "jonh"), "John Spelling");
    assert_eq!(resolved(&supplied(&["John", "Jon"]), "jhon"), "? Jon, John");
}

#[test]
fn namesakes_are_told_apart_by_what_means_them() {
    let contacts = supplied(&["Sarah +441111111", "Sarah +442222222", "Sarah Jones", "Bob #1", "Bob #2"]);
    assert_eq!(resolved(&contacts, "sarah"), "? Sarah (441111111), Sarah (442222222)");
    assert_eq!(found(&contacts, "Sarah (442222222)", &[]), "number:442222222 Sarah +442222222");
    assert_eq!(resolved(&contacts, "bob"), "? Bob (1), Bob (2)");
    assert_eq!(found(&contacts, "bob (2)", &[]), "2 Bob");
    assert_eq!(found(&contacts, "bob (3)", &[]), "?");
}

#[test]
fn a_number_in_brackets_is_told_without_them() {
    let contacts = supplied(&["Sarah +49 (0)170 1", "Sarah +442222222"]);
    assert_eq!(resolved(&contacts, "sarah"), "? Sarah (4901701), Sarah (442222222)");
    assert_eq!(found(&contacts, "sarah (4901701)", &[]), "number:4901701 Sarah +49 (0)170 1");
}

/// Each of whom a typed name could be is told by what means just that one.
#[test]
fn every_candidate_means_one() {
    let trap = ["Trap +1111111111", "+1111111111 +3333333333"];
    let shadowed = ["Al +5555555555", "Al +6666666666", "Al (+5555555555) +7777777777"];
    let twice = ["Al +5555555555", "Al +6666666666", "Al (5555555555)", "Al (+5555555555)"];
    for (known, typed) in [(&trap[..], "+1111111111"), (&shadowed, "al"), (&twice, "al")] {
        let list = known.iter().map(|text| match text.rsplit_once(' ') {
            Some((name, phone)) if phone.starts_with('+') => {
                Supplied { phone: Some(Private::from(phone)), ..Supplied::named(name) }
            }
            _ => Supplied::named(text),
        });
        let mut contacts = Contacts::default();
        contacts.replace_supplied(list);
        let Err(Unresolved::Ambiguous(told)) = contacts.resolve(typed, &[]) else {
            panic!("{typed} means one")
        };
        let ids: Vec<_> =
            told.iter().map(|name| contacts.resolve(name.as_str(), &[]).map(|one| one.id)).collect();
        let mut distinct = ids.iter().flatten().collect::<Vec<_>>();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!((distinct.len(), ids.len()), (2, 2), "{typed} of {known:?}");
    }
}
