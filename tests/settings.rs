//! Every rule of the settings: their defaults, their places and which of these wins, and what a mistake says.
//!
//! Each test has a working directory and an environment of its own, so they all run at the same time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "settings/ai.rs"]
mod ai;
#[path = "settings/command.rs"]
mod command;
#[path = "settings/doctor.rs"]
mod doctor;
#[path = "settings/mistakes.rs"]
mod mistakes;
#[path = "settings/pages.rs"]
mod pages;
#[cfg(unix)]
#[path = "settings/progress.rs"]
mod progress;
#[path = "settings/room.rs"]
mod room;
#[path = "settings/token.rs"]
mod token;
// Other tests use more of it.
#[cfg(unix)]
#[allow(dead_code)]
#[path = "common/running.rs"]
mod running;

use std::time::Duration;

use room::{Of, Room};
use strowger::config::{AuthMode, Host, Level, LogFormat, Source, StoreOn};

/// What is promised to those who never write a settings file.
const PROMISED: &[(&str, &str)] = &[
    ("ai.answers_within", "30s"),
    ("ai.calls_at_once", "4"),
    ("ai.calls_per_day", "0"),
    ("ai.commands_within", "8s"),
    ("ai.order", "\"\""),
    ("ai.tokens_per_day", "0"),
    ("anthropic.key", "\"\""),
    ("anthropic.model", "\"\""),
    ("anthropic.url", "\"\""),
    ("auth.admin_token", "\"\""),
    ("auth.jwt_audience", "\"\""),
    ("auth.jwt_issuer", "\"\""),
    ("auth.jwt_leeway", "60s"),
    ("auth.jwt_public_key", "\"\""),
    ("auth.jwt_secret", "\"\""),
    ("auth.mode", "none"),
    ("auth.token", "\"\""),
    ("chat.grace", "60s"),
    ("chat.idle_after", "30m"),
    ("chat.mask_also", "[]"),
    ("chat.rematch_after", "10s"),
    ("chat.tags_give_way", "8s"),
    ("data.dir", "\"\""),
    ("gemini.key", "\"\""),
    ("gemini.model", "\"\""),
    ("gemini.url", "\"\""),
    ("http.public_url", "\"\""),
    ("limits.away", "20000"),
    ("limits.callers", "20000"),
    ("limits.connections", "20000"),
    ("limits.connections_per_address", "0"),
    ("limits.frame", "1MiB"),
    ("limits.handshake", "10s"),
    ("limits.meets_per_minute", "60"),
    ("limits.message", "30s"),
    ("limits.outbox_bytes", "1MiB"),
    ("limits.outbox_frames", "4096"),
    ("limits.ping", "25s"),
    ("limits.pong", "10s"),
    ("limits.register", "10s"),
    ("limits.text", "4096"),
    ("limits.texts_burst", "0"),
    ("limits.texts_per_second", "0"),
    ("log.file", "\"\""),
    ("log.format", "text"),
    ("log.level", "INFO"),
    ("mcp.host", "0.0.0.0"),
    ("mcp.my_number", "\"\""),
    ("mcp.port", "8086"),
    ("openai.key", "\"\""),
    ("openai.model", "\"\""),
    ("openai.url", "\"\""),
    ("server.host", "localhost"),
    ("server.port", "8002"),
    ("server.stop_within", "10s"),
    ("session.auto_reply", "I can't answer right now. I will get back to you."),
    ("session.history", "30d"),
    ("session.store", "disk"),
    ("whatsapp.simulator", "\"\""),
    ("whatsapp.timeout", "30s"),
];

#[test]
fn the_defaults_are_the_promised_ones() {
    let loaded = Room::new("defaults").load();
    let values: Vec<_> =
        loaded.values.iter().map(|value| (value.key.as_str(), value.value.as_str())).collect();
    assert_eq!(values, PROMISED);
    assert!(loaded.values.iter().all(|value| value.source == Source::Default));
}

#[test]
fn the_defaults_have_their_types() {
    let settings = Room::new("types").load().settings;
    let seconds = Duration::from_secs;
    assert_eq!((settings.server.host, settings.server.port), (Host::Localhost, 8002));
    assert_eq!(settings.server.stop_within, seconds(10));
    assert_eq!(settings.http.public_url, None);
    assert_eq!((settings.mcp.host.to_string().as_str(), settings.mcp.port), ("0.0.0.0", 8086));
    assert_eq!((settings.mcp.my_number, settings.auth.token, settings.auth.admin_token), (None, None, None));
    assert_eq!((settings.auth.mode, settings.limits.callers), (AuthMode::None, Some(20_000)));
    assert_eq!((&settings.auth.jwt_secret, &settings.auth.jwt_public_key), (&None, &None));
    assert_eq!((&settings.auth.jwt_issuer, &settings.auth.jwt_audience), (&None, &None));
    assert_eq!(settings.auth.jwt_leeway, seconds(60));
    assert_eq!(settings.chat.idle_after, Some(seconds(30 * 60)));
    assert_eq!((settings.chat.rematch_after, settings.chat.tags_give_way), (seconds(10), seconds(8)));
    assert_eq!(settings.limits.connections, Some(20_000));
    assert_eq!(settings.limits.connections_per_address, None);
    assert_eq!((settings.limits.handshake, settings.limits.register), (Some(seconds(10)), Some(seconds(10))));
    assert_eq!((settings.limits.ping, settings.limits.pong), (Some(seconds(25)), Some(seconds(10))));
    assert_eq!(settings.limits.message, Some(seconds(30)));
    assert_eq!((settings.limits.frame, settings.limits.text), (1 << 20, Some(4096)));
    assert_eq!((settings.limits.outbox_frames, settings.limits.outbox_bytes), (Some(4096), Some(1 << 20)));
    assert_eq!(settings.limits.meets_per_minute, Some(60));
    assert_eq!((settings.log.level, settings.log.format), (Level::Info, LogFormat::Text));
    assert_eq!((settings.log.file, settings.data.dir), (None, None));
    assert_eq!(settings.session.history, Some(seconds(30 * 24 * 60 * 60)));
    assert_eq!(settings.session.store, StoreOn::Disk);
    assert_eq!(settings.session.auto_reply, "I can't answer right now. I will get back to you.");
    assert_eq!(settings.ai.commands_within, Some(seconds(8)));
    assert_eq!(settings.ai.answers_within, Some(seconds(30)));
    assert_eq!((settings.ai.calls_at_once, settings.ai.calls_per_day), (Some(4), None));
    assert_eq!((settings.whatsapp.timeout, settings.whatsapp.simulator), (seconds(30), None));
}

#[test]
fn the_nearer_place_wins() {
    let mut room = Room::new("places");
    let expect = |room: &Room, value: &str, source: Source| {
        assert_eq!(room.load().of("limits.text"), (value.to_owned(), source));
    };
    expect(&room, "4096", Source::Default);
    room = room.file("config/local.toml", "[limits]\ntext = 1\n");
    expect(&room, "1", Source::LocalFile);
    room = room.file(".env", "STROWGER__LIMITS__TEXT=2");
    expect(&room, "2", Source::DotEnv("STROWGER__LIMITS__TEXT".into()));
    room = room.variable("STROWGER__LIMITS__TEXT", "3");
    expect(&room, "3", Source::Environment("STROWGER__LIMITS__TEXT".into()));
    room = room.flag("--set", "limits.text", "4");
    expect(&room, "4", Source::Flag("--set".into()));
    assert_eq!(room.load().settings.limits.text, Some(4));
}

#[test]
fn the_later_flag_wins() {
    let room = Room::new("flags").flag("--set", "server.port", "1").flag("--port", "server.port", "2");
    assert_eq!(room.load().of("server.port"), ("2".into(), Source::Flag("--port".into())));
}

#[test]
fn every_setting_is_a_variable_too() {
    for (key, value) in PROMISED {
        let name = format!("STROWGER__{}", key.to_uppercase().replace('.', "__"));
        // An empty one counts as not set.
        let value = match (*key, *value) {
            ("mcp.my_number", _) => "919876543210",
            ("auth.jwt_secret", _) => "0123456789abcdef0123456789abcdef",
            ("ai.order", _) => "gemini",
            (_, "\"\"") => "http://x",
            (_, value) => value,
        };
        let room = Room::new("variables").variable(&name, value);
        assert_eq!(room.load().of(key).1, Source::Environment(name));
    }
}

#[test]
fn the_older_names_still_hold() {
    for (name, value, key) in [
        ("MCP_SERVER_HOST", "0.0.0.0", "server.host"),
        ("MCP_SERVER_PORT", "9000", "server.port"),
        ("PORT", "9000", "server.port"),
        ("MCP_HTTP_HOST", "127.0.0.1", "mcp.host"),
        ("MCP_HTTP_PORT", "9000", "mcp.port"),
        ("LOG_LEVEL", "debug", "log.level"),
    ] {
        let source = Source::Environment(name.into());
        assert_eq!(Room::new("old-names").variable(name, value).load().of(key), (value.into(), source));
        let dotted = Room::new("old-names-dotted").file(".env", &format!("{name}={value}\n"));
        assert_eq!(dotted.load().of(key), (value.into(), Source::DotEnv(name.into())));
    }
}

#[test]
fn of_two_names_the_fuller_wins() {
    let port = |room: &Room| room.load().settings.server.port;
    let room = Room::new("ranks").variable("MCP_SERVER_PORT", "2").variable("PORT", "1");
    assert_eq!(port(&room), 2);
    let room = room.variable("STROWGER__SERVER__PORT", "3");
    assert_eq!(port(&room), 3);
    let far = Room::new("ranks-far").file(".env", "MCP_SERVER_PORT=2").variable("PORT", "1");
    assert_eq!(port(&far), 1, "the environment is nearer than .env, whatever the name");
}

#[test]
fn a_platform_port_opens_the_door() {
    let host = |room: Room| room.load().settings.server.host.to_string();
    let platform = || Room::new("platform").variable("PORT", "9000");
    assert_eq!(host(platform()), "0.0.0.0");
    assert_eq!(platform().load().of("server.host").1, Source::Environment("PORT".into()));
    assert_eq!(host(Room::new("platform-dotted").file(".env", "PORT=9000")), "0.0.0.0");
    assert_eq!(host(platform().variable("MCP_SERVER_HOST", "localhost")), "localhost");
    assert_eq!(host(platform().flag("--host", "server.host", "127.0.0.1")), "127.0.0.1");
    assert_eq!(
        host(platform().variable("MCP_SERVER_PORT", "9000")),
        "localhost",
        "PORT decides nothing here"
    );
    assert_eq!(host(platform().flag("--port", "server.port", "9000")), "localhost", "nor here");
    let written = platform().file("config/local.toml", "[server]\nhost = \"10.0.0.1\"\n");
    assert_eq!(host(written), "10.0.0.1", "somebody meant this one");
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let room = Room::new("empty").variable("PORT", "").variable("STROWGER__CHAT__IDLE_AFTER", "");
    let loaded = room.file(".env", "LOG_LEVEL=\n").load();
    assert!(loaded.values.iter().all(|value| value.source == Source::Default));
}

#[test]
fn a_list_is_written_as_its_place_allows() {
    let patterns = |room: Room| room.load().settings.chat.mask_also;
    let expected = [r"\bID-\d+", "[0-9]{3}"];
    let name = "STROWGER__CHAT__MASK_ALSO";
    let lines = "\\bID-\\d+\n[0-9]{3}\n";
    assert_eq!(patterns(Room::new("list").variable(name, lines)), expected);
    let array = r#" ['\bID-\d+', "[0-9]{3}"] "#;
    assert_eq!(patterns(Room::new("list").variable(name, array)), expected);
    assert_eq!(patterns(Room::new("list").flag("--set", "chat.mask_also", array)), expected);
    let file = format!("[chat]\nmask_also = {array}\n");
    assert_eq!(patterns(Room::new("list-file").file("config/local.toml", &file)), expected);
    let dotted = format!("{name}='{}'", lines.trim());
    assert_eq!(patterns(Room::new("list-dotted").file(".env", &dotted)), expected);
    assert_eq!(patterns(Room::new("list").variable(name, "[0-9]{3}")), ["[0-9]{3}"], "brackets, and no list");
    assert!(patterns(Room::new("list").variable(name, "[]")).is_empty());
}

#[test]
fn zero_turns_a_limit_off() {
    let set = |key: &str, value: &str| Room::new("off").flag("--set", key, value).load().settings;
    assert_eq!(set("chat.idle_after", "0").chat.idle_after, None);
    assert_eq!(set("chat.idle_after", "0s").chat.idle_after, None);
    assert_eq!(set("session.history", "0s").session.history, None);
    assert_eq!(set("limits.connections", "0").limits.connections, None);
    assert_eq!(set("limits.ping", "0").limits.ping, None);
    assert_eq!(set("limits.text", "0").limits.text, None);
    assert_eq!(set("limits.outbox_frames", "0").limits.outbox_frames, None);
    assert_eq!(set("limits.outbox_bytes", "0").limits.outbox_bytes, None);
    assert_eq!(set("limits.meets_per_minute", "0").limits.meets_per_minute, None);
    assert_eq!(set("chat.rematch_after", "0").chat.rematch_after, Duration::ZERO);
}

#[test]
fn a_file_may_write_numbers_bare_or_in_quotes() {
    let file = "[server]\nport = \"9000\"\n[limits]\nframe = 65536\noutbox_bytes = \"64KiB\"\nping = 0\n";
    let settings = Room::new("bare").file("config/local.toml", file).load().settings;
    assert_eq!((settings.server.port, settings.limits.frame), (9000, 65_536));
    assert_eq!((settings.limits.outbox_bytes, settings.limits.ping), (Some(65_536), None));
}

#[test]
fn levels_are_read_without_case() {
    let level = |text| Room::new("levels").variable("LOG_LEVEL", text).load().settings.log.level;
    assert_eq!(
        ["error", "Warn", "WARNING", "debug", "trace"].map(level),
        [Level::Error, Level::Warn, Level::Warn, Level::Debug, Level::Trace]
    );
}
