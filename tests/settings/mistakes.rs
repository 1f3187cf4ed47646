//! A mistake stops the start with one line that names the setting, the place and what is wrong.

use super::room::Room;

#[test]
fn an_unknown_key_in_the_file_is_named() {
    let refusal = |text| Room::new("unknown-keys").file("config/local.toml", text).refusal();
    assert_eq!(
        refusal("[chat]\nidle_afer = \"1h\"\n"),
        "config/local.toml: there is no setting chat.idle_afer; \
         [chat] has grace, idle_after, mask_also, rematch_after, tags_give_way"
    );
    let sections = "the sections are ai, anthropic, auth, chat, data, gemini, http, limits, log, mcp, openai, server, \
                    session, whatsapp";
    assert_eq!(refusal("[chta]\n"), format!("config/local.toml: there is no setting chta; {sections}"));
    assert!(refusal("port = 8002\n").starts_with("config/local.toml: there is no setting port; "));
    assert!(refusal("chat = 5\n").starts_with("config/local.toml: there is no setting chat; "));
    assert!(refusal("[server.port]\nx = 1\n").contains("there is no setting server.port.x; "));
    assert!(refusal("[Chat]\nidle_after = \"1h\"\n").contains("there is no setting Chat.idle_after; "));
}

#[test]
fn a_secret_that_can_not_be_is_refused_and_not_repeated() {
    for number in ["+919876543210", "91 98765 43210", "019876543210", "1234567", "1234567890123456", "abc"] {
        let refusal = Room::new("numbers").variable("MY_NUMBER", number).refusal();
        let expected = "mcp.my_number (environment: MY_NUMBER): it is not a telephone number: write the country code \
             and the number, 8 to 15 digits, without +, spaces or leading zeros";
        assert_eq!(refusal, expected);
    }
    for token in ["two words", "line\nbreak", "ünsafe"] {
        let refusal = Room::new("tokens").variable("ADMIN_TOKEN", token).refusal();
        assert!(
            refusal.starts_with("auth.admin_token (environment: ADMIN_TOKEN): a token can't have spaces"),
            "{refusal}"
        );
        assert!(!refusal.contains(token));
    }
    for secret in
        ["0123456789abcdef0123456789abcde", &"0101".repeat(10), "a-token-of-sixteen-letters-or-more"]
    {
        let refusal = Room::new("secrets").variable("STROWGER__AUTH__JWT_SECRET", secret).refusal();
        let place = "auth.jwt_secret (environment: STROWGER__AUTH__JWT_SECRET): it is ";
        assert!(refusal.starts_with(place) && !refusal.contains(secret), "{refusal}");
    }
    for sample in ["a-token-of-sixteen-letters-or-more", "YOUR_TOKEN", "<your-admin-token>"] {
        let refusal = Room::new("samples").variable("AUTH_TOKEN", sample).refusal();
        let expected = "auth.token (environment: AUTH_TOKEN): it is the sample from the documents, which everybody \
             knows: take one of your own, such as what `openssl rand -hex 32` prints";
        assert_eq!(refusal, expected);
    }
}

#[test]
fn a_known_section_may_be_empty() {
    Room::new("empty-section").file("config/local.toml", "[chat]\n# idle_after = \"1h\"\n").load();
}

#[test]
fn an_unknown_variable_of_ours_is_named() {
    let refusal = |name| Room::new("unknown-variables").variable(name, "x").refusal();
    assert_eq!(
        refusal("STROWGER__CHAT__IDLE_AFER"),
        "environment: STROWGER__CHAT__IDLE_AFER: there is no setting chat.idle_afer; \
         [chat] has grace, idle_after, mask_also, rematch_after, tags_give_way"
    );
    assert!(refusal("STROWGER__FOO").starts_with("environment: STROWGER__FOO: there is no setting foo; "));
    assert!(refusal("STROWGER__").starts_with("environment: STROWGER__: "));
    assert!(refusal("STROWGER__chat__idle_after").starts_with("environment: STROWGER__chat__idle_after: "));
    let dotted = Room::new("unknown-dotted").file(".env", "STROWGER__A__B=1\n").refusal();
    assert!(dotted.starts_with(".env: STROWGER__A__B: there is no setting a.b; "), "{dotted}");
    let flag = Room::new("unknown-flags").flag("--set", "a.b", "1").refusal();
    assert!(flag.starts_with("flag --set: there is no setting a.b; "), "{flag}");
}

#[test]
fn other_variables_are_not_ours_to_judge() {
    let room = Room::new("others")
        .variable("STROWGER_HOME", "x")
        .variable("HOST", "x")
        .variable("mcp_server_port", "x");
    room.file(".env", "SOMETHING__ELSE=1\nSTROWGER=2\n").load();
}

#[test]
fn a_value_that_cannot_be_read_is_named_with_its_place() {
    let port = "is not a port: write a number from 0 to 65535";
    assert_eq!(
        Room::new("places-of-mistakes").variable("PORT", "abc").refusal(),
        format!("server.port (environment: PORT): \"abc\" {port}")
    );
    assert_eq!(
        Room::new("places-of-mistakes-dotted").file(".env", "MCP_SERVER_PORT=-1").refusal(),
        format!("server.port (.env: MCP_SERVER_PORT): \"-1\" {port}")
    );
    assert_eq!(
        Room::new("places-of-mistakes-flag").flag("--port", "server.port", "65536").refusal(),
        format!("server.port (flag --port): \"65536\" {port}")
    );
    assert_eq!(
        Room::new("places-of-mistakes-file").file("config/local.toml", "[server]\nport = 70000\n").refusal(),
        format!("server.port (config/local.toml): \"70000\" {port}")
    );
}

#[test]
fn every_kind_of_value_says_what_it_expects() {
    for (key, value, expected) in [
        ("server.host", "localhost:8002", "is not a host: write localhost, an address such as 0.0.0.0"),
        ("server.host", "", "is not a host"),
        ("server.port", "8002.0", "is not a port"),
        ("server.stop_within", "10", "is not a duration: write 500ms, 10s, 30m, 1h or 30d"),
        ("http.public_url", "chat.example.org", "write it like https://chat.example.org"),
        ("chat.idle_after", "half an hour", "is not a duration: write 500ms, 10s, 30m, 1h or 30d"),
        ("chat.mask_also", "(", "\"(\" is not a pattern: unclosed group"),
        ("chat.mask_also", "x*", "\"x*\" is not a pattern: it matches where there is nothing"),
        ("chat.mask_also", "['a', 5]", "is not a list of patterns"),
        ("limits.connections", "many", "is not a whole number: write 1 or more, or 0 to turn it off"),
        ("limits.connections", "+5", "is not a whole number"),
        ("limits.frame", "0", "is not a size above 0: write bytes, or 64KiB, 1MiB or 1GiB"),
        ("limits.outbox_bytes", "1MB", "is not a size: write bytes, or 64KiB, 1MiB or 1GiB"),
        (
            "limits.outbox_bytes",
            "16383",
            "is too little: a single long text takes 16KiB; write 0 to count only",
        ),
        ("limits.meets_per_minute", "4294967296", "is not a whole number"),
        ("auth.mode", "yes", "is not a kind of authentication: write none, token or jwt"),
        ("auth.jwt_leeway", "60", "is not a duration"),
        ("auth.jwt_issuer", "two words", "is not a name: write it without spaces"),
        ("log.level", "loud", "is not a level: write ERROR, WARN, INFO, DEBUG or TRACE"),
        ("session.store", "tape", "is not a place for what sessions keep: write disk or memory"),
        ("log.format", "xml", "is not a log format: write text or json"),
    ] {
        let refusal = Room::new("kinds").flag("--set", key, value).refusal();
        assert!(refusal.starts_with(&format!("{key} (flag --set): ")), "{refusal}");
        assert!(refusal.contains(expected), "{refusal}");
    }
}

#[test]
fn the_wrong_shape_says_what_it_expects() {
    let refusal = |text| Room::new("shapes").file("config/local.toml", text).refusal();
    assert!(refusal("[chat]\nidle_after = [\"1h\"]\n").contains("a list is not a duration: write 500ms"));
    assert!(refusal("[server.port]\n").contains("a table is not a port: write a number"));
    assert!(refusal("[server]\nport = true\n").contains("\"true\" is not a port"));
    assert!(refusal("[chat]\nmask_also = [1]\n").starts_with("chat.mask_also (config/local.toml): "));
}

#[test]
fn one_outbox_limit_has_to_hold() {
    let room = Room::new("no-outbox")
        .flag("--set", "limits.outbox_frames", "0")
        .variable("STROWGER__LIMITS__OUTBOX_BYTES", "0");
    let refusal = room.refusal();
    assert!(
        refusal.starts_with("limits.outbox_bytes (environment: STROWGER__LIMITS__OUTBOX_BYTES): "),
        "{refusal}"
    );
}

#[test]
fn a_broken_file_is_named_with_the_line() {
    let toml = Room::new("broken-toml").file("config/local.toml", "[chat]\nidle_after\n").refusal();
    assert!(toml.starts_with("config/local.toml: TOML parse error at line 2, column "), "{toml}");
    assert!(!toml.contains('|'), "no drawing: {toml}");
    let env = Room::new("broken-env").file(".env", "A=1\n# b\nmy secret\n").refusal();
    let rest = "is not NAME=value; a value with a space in it belongs in quotes";
    assert_eq!(env, format!(".env: line 3 {rest}"), "and not what stands there");
    for (text, line) in [
        ("A=1\nAUTH_TOKEN=two words\n", 2),
        ("# two words\nAUTH_TOKEN=two words\n", 2),
        ("A=1\nB=\"two\nlines\"\nmy secret\n", 4),
        ("A=1\nB=\"two\nlines\" more\nC=2\n", 2),
        ("A=1\nB=\"no end\nC=2\n", 2),
    ] {
        let refusal = Room::new(&format!("broken-env-{}", text.len())).file(".env", text).refusal();
        assert_eq!(refusal, format!(".env: line {line} {rest}"), "{text}");
    }
}

#[test]
fn a_file_that_is_no_text_is_named() {
    let room = Room::new("no-text").file("config/local.toml/x", "");
    assert!(room.refusal().starts_with("config/local.toml: can't be read: "));
    let room = Room::new("no-utf8");
    std::fs::create_dir_all(&room.dir).unwrap();
    std::fs::write(room.dir.join(".env"), [b'A', b'=', 0xff]).unwrap();
    assert!(room.refusal().starts_with(".env: can't be read: "));
}

#[test]
fn what_other_tools_write_is_read() {
    let text =
        "\u{feff}export LOG_LEVEL=\"debug\"\r\n\r\nMCP_SERVER_PORT=9000 # ours\r\nMCP_SERVER_HOST=0.0.0.0 ";
    let settings = Room::new("foreign-env").file(".env", text).load().settings;
    assert_eq!((settings.server.port, settings.server.host.to_string().as_str()), (9000, "0.0.0.0"));
    Room::new("foreign-toml").file("config/local.toml", "\u{feff}[chat]\r\nidle_after = \"1h\"\r\n").load();
}
