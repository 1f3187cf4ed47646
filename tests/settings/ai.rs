//! Which AIs are asked, and in which order; and that nobody sees their keys.

use super::command::{strowger, told};
use super::room::Room;
use strowger::config::AiName;

const KEY: &str = "a-key-that-nobody-sees";

#[test]
fn googles_names_for_key_and_model_are_taken() {
    let room = Room::new("gemini").variable("GEMINI_API_KEY", KEY).variable("GEMINI_MODEL", "a-model");
    let settings = room.load().settings;
    assert_eq!(settings.gemini.key.as_ref().map(|key| key.reveal()), Some(KEY));
    assert_eq!(settings.gemini.model.as_deref(), Some("a-model"));
    assert_eq!(settings.gemini.lacks(true), None);
}

#[test]
fn a_key_is_hidden_wherever_settings_are_shown() {
    let flags = ["openai", "gemini", "anthropic"].map(|service| format!("{service}.key={KEY}"));
    let set: Vec<_> = flags.iter().flat_map(|flag| ["--set", flag]).collect();
    for command in ["config", "doctor", "--help"] {
        let arguments: Vec<_> = set.iter().copied().chain([command]).collect();
        let arguments: Vec<_> = if command == "--help" { arguments } else { [&[command], &set[..]].concat() };
        let (_, out, complaints) = told(&strowger(&Room::new("keys"), &arguments, ""));
        assert!(!out.contains(KEY) && !complaints.contains(KEY), "{command}: {out}{complaints}");
    }
    for key in ["two words", "line\nbreak", "ünsafe"] {
        let refusal = Room::new("bad-keys").variable("GEMINI_API_KEY", key).refusal();
        let why = "a key can't have spaces, line breaks or letters beyond ASCII in it";
        assert_eq!(refusal, format!("gemini.key (environment: GEMINI_API_KEY): {why}"));
    }
}

#[test]
fn they_are_asked_in_the_order_that_is_given() {
    let order = |order: &str| {
        let room = Room::new("order").flag("--set", "ai.order", order);
        room.try_load().map(|loaded| loaded.settings.services().map(|(name, _)| name).collect::<Vec<_>>())
    };
    assert_eq!(order("").unwrap(), AiName::ALL);
    assert_eq!(order("anthropic, gemini").unwrap(), [AiName::Anthropic, AiName::Gemini]);
    for wrong in ["gpt", "gemini,gemini", "gemini,", ","] {
        assert!(order(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn an_address_ends_where_the_services_own_paths_begin() {
    let url = |url: &str| {
        let room = Room::new("url").flag("--set", "openai.url", url);
        room.try_load().map(|loaded| loaded.settings.openai.url)
    };
    for good in ["http://localhost:11434/v1", "http://localhost:11434/v1/"] {
        assert_eq!(url(good).unwrap().as_deref(), Some("http://localhost:11434/v1/"));
    }
    assert_eq!(url("").unwrap(), None);
    for bad in ["localhost:11434", "ftp://host/v1", "https://user:key@host/v1", "https://host/v1?key=1"] {
        assert!(url(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_doctor_says_what_is_missing() {
    for (set, words) in [
        ("openai.key=a-key", "note   the AI openai has no model, so it is never asked"),
        ("gemini.model=a-model", "WRONG  the AI gemini has a model and no key, so it will not answer"),
        ("ai.order=anthropic", "WRONG  the AI anthropic has no model, so it is never asked"),
        ("chat.grace=1s", "fine   no AI is set up: sentences are read by the hub's own rules alone"),
    ] {
        let (_, out, _) = told(&strowger(&Room::new("doctor-ai"), &["doctor", "--set", set], ""));
        assert!(out.lines().any(|line| line == words), "{set}: {out}");
    }
    let arguments = ["doctor", "--set", "openai.model=a-model", "--set", "openai.url=http://localhost:1/v1"];
    let (_, out, _) = told(&strowger(&Room::new("doctor-ai"), &arguments, ""));
    assert!(out.contains("fine   openai is asked for a-model"), "{out}");
}
