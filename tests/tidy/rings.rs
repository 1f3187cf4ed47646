//! Arrows point down only: who may use whom, and what the pure parts must never mention.

use crate::settle;
use crate::source::{Source, has_word, sources};

/// Each module of the crate with those it may use. What is not here is not allowed to be in `src`.
const RINGS: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("wire", &["core"]),
    ("metrics", &["core", "wire"]),
    ("auth", &[]),
    ("ai", &["core", "metrics"]),
    ("store", &["metrics"]),
    ("whatsapp", &["core"]),
    ("hub", &["core", "wire", "metrics", "store", "whatsapp", "ai"]),
    ("inbox", &["core", "wire", "hub"]),
    ("http", &["core", "wire", "hub", "inbox", "auth", "metrics", "logging"]),
    ("client", &[]),
    ("config", &["core"]),
    ("logging", &["config"]),
    ("talk", &["client"]),
    ("cli", &["auth", "client", "core", "config", "store", "talk", "whatsapp"]),
    (
        "server",
        &[
            "core", "wire", "ai", "auth", "inbox", "hub", "http", "config", "logging", "metrics", "stop",
            "store", "talk", "whatsapp",
        ],
    ),
    ("stop", &["server"]),
    ("main", &["cli", "server"]),
];

const RUNTIME: &str = "has a runtime in it: answer with an effect, and let the hub perform it";
const CLOCK: &str = "reads a clock: time comes with the input, as Millis";
const ORDER: &str = "has another order on every node: use BTreeMap or BTreeSet";
const FLOAT: &str = "may round differently on every machine: count in whole numbers";
const CHANCE: &str = "is random: take the random bits with the input";
const OUTSIDE: &str = "reaches outside: answer with an effect, and let the hub perform it";
const JSON: &str = "is for the wire: give it a type here and a rendering there";

/// Words that may not stand in the code of a ring, and what is wrong with them.
const PURE: &[(&str, &str)] = &[
    ("tokio", RUNTIME),
    ("futures", RUNTIME),
    ("async", RUNTIME),
    ("thread", RUNTIME),
    ("Instant", CLOCK),
    ("SystemTime", CLOCK),
    ("rand", CHANCE),
    ("uuid", CHANCE),
    ("fs", OUTSIDE),
    ("net", OUTSIDE),
    ("env", OUTSIDE),
    ("tracing", OUTSIDE),
    ("println", OUTSIDE),
    ("eprintln", OUTSIDE),
];
const DETERMINISTIC: &[(&str, &str)] = &[
    ("HashMap", ORDER),
    ("HashSet", ORDER),
    ("RandomState", ORDER),
    ("f32", FLOAT),
    ("f64", FLOAT),
    ("chrono", CLOCK),
    ("serde_json", JSON),
];

#[test]
fn arrows_point_down() {
    settle(&sources(&["src"]).iter().flat_map(arrows).collect::<Vec<_>>());
}

#[test]
fn the_core_and_the_wire_are_pure() {
    let mut complaints = Vec::new();
    for source in sources(&["src"]) {
        match source.module() {
            Some("core") => complaints.extend(forbidden(&source, &[PURE, DETERMINISTIC].concat())),
            Some("wire") => complaints.extend(forbidden(&source, PURE)),
            _ => {}
        }
    }
    settle(&complaints);
}

fn forbidden(source: &Source, words: &[(&str, &str)]) -> Vec<String> {
    let ring = source.module().unwrap_or_default();
    let mut complaints = Vec::new();
    for (line, code) in source.lines() {
        for (word, why) in words.iter().filter(|(word, _)| has_word(code, word)) {
            complaints.push(format!("{}: `{word}` has no place in `{ring}`, it {why}", source.at(line)));
        }
    }
    complaints
}

fn arrows(source: &Source) -> Vec<String> {
    let Some(module) = source.module().filter(|module| *module != "lib") else { return Vec::new() };
    let Some((_, allowed)) = RINGS.iter().find(|(name, _)| *name == module) else {
        return vec![format!("{}: say in tests/tidy/rings.rs what `{module}` may use", source.path)];
    };
    let may_use = |used: &str| used == module || allowed.contains(&used) || !is_module(used);
    let allowed = if allowed.is_empty() { "nobody".to_owned() } else { allowed.join(", ") };
    let complaint = |(line, used): (usize, String)| {
        let at = source.at(line);
        format!("{at}: `{module}` must not know `{used}`, only {allowed}: hand it what it needs from above")
    };
    used_modules(source).into_iter().filter(|(_, used)| !may_use(used)).map(complaint).collect()
}

/// What the crate's root exports itself (a macro, say) belongs to no ring.
fn is_module(name: &str) -> bool {
    RINGS.iter().any(|(module, _)| *module == name)
}

/// The modules of the crate that the code names, each with its line.
fn used_modules(source: &Source) -> Vec<(usize, String)> {
    let code: Vec<&str> = source.code.iter().map(String::as_str).collect();
    let mut used = Vec::new();
    for (line, text) in source.lines() {
        for root in ["crate::", "strowger::", &"super::".repeat(source.depth())] {
            for (at, _) in text.match_indices(root) {
                let rest = [&text[at + root.len()..], &code[line + 1..].join("\n")].join("\n");
                used.extend(first_names(&rest).into_iter().map(|name| (line, name)));
            }
        }
    }
    used
}

/// `a::b` names `a`; `{a::b, c::{d, e}}` names `a` and `c`.
fn first_names(path: &str) -> Vec<String> {
    let name = |text: &str| {
        let text = text.trim_start();
        text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned()
    };
    let Some(group) = path.strip_prefix('{') else { return vec![name(path)] };
    let (mut names, mut depth) = (vec![name(group)], 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(name(&group[at + 1..])),
            _ => {}
        }
    }
    names
}

#[test]
fn a_wrong_arrow_is_found_however_it_is_written() {
    for text in [
        "use crate::hub::Mailbox;",
        "use crate::{core::Notice, hub::{Mailbox, Call}};",
        "use crate::{\n    core,\n    hub,\n};",
        "fn f() -> super::super::hub::Mailbox {}",
    ] {
        let complaints = arrows(&Source::new("src/wire/client.rs", text));
        assert_eq!(complaints.len(), 1, "{text}: {complaints:?}");
        assert!(complaints[0].contains("`wire` must not know `hub`"));
    }
    let fine = "use crate::{core::hub_like, wire::{hub}}; // crate::hub\n#[cfg(test)]\nmod tests { use crate::hub; }";
    assert!(arrows(&Source::new("src/wire/client.rs", fine)).is_empty());
    assert_eq!(arrows(&Source::new("src/new.rs", "")).len(), 1);
}

#[test]
fn an_impure_word_is_found() {
    let source = Source::new("src/core/x.rs", "use std::collections::HashMap; // tokio\nfn f64ish() {}");
    let complaints = forbidden(&source, &[PURE, DETERMINISTIC].concat());
    assert_eq!(complaints.len(), 1);
    assert!(complaints[0].starts_with("src/core/x.rs:1: `HashMap`"));
}
