//! The start and the end of the real binary, as an operator sees them.

use crate::http_client::HttpClient;
use crate::privacy::port_in;
use crate::process::{Process, Room};
use crate::terminal::{Terminal, has_tmux};
use crate::test_client::TestClient;
use crate::web::get;
use rustix::process::Signal;

#[tokio::test]
async fn it_says_where_it_listens_and_ends_well_when_told_to() {
    let room = Room::new();
    let house = Process::start(&room, &["--port", "0"], &[]);
    let port = port_in(&house.line());
    assert_eq!(get(port, "/ready").await.status, 200);
    let mut client = TestClient::join(&format!("ws://localhost:{port}/"), "Anna").await;
    house.signal(Signal::TERM);
    let (_, code) = client.ended().await;
    let ended = house.ended();
    assert_eq!((ended.status.code(), code), (Some(0), Some(1012)), "{:?} {:?}", ended.status, ended.stderr);
    for said in [format!("http://localhost:{port}/"), format!("http://localhost:{port}/health")] {
        assert!(ended.stdout.iter().any(|line| line.contains(&said)), "{said} in {:?}", ended.stdout);
    }
}

#[test]
fn whoever_has_read_the_start_line_may_stop_it() {
    let room = Room::new();
    for round in 0..20 {
        let house = Process::start(&room, &["--port", "0"], &[]);
        port_in(&house.line());
        house.signal(if round % 2 == 0 { Signal::TERM } else { Signal::INT });
        let ended = house.ended();
        assert_eq!(ended.status.code(), Some(0), "{} in round {round}", ended.status);
    }
}

#[test]
fn a_second_start_on_a_port_says_in_one_line_what_to_do() {
    let room = Room::new();
    let house = Process::start(&room, &["--port", "0"], &[]);
    let port = port_in(&house.line()).to_string();
    let ended = Process::start(&room, &["--port", &port], &[]).ended();
    assert!(!ended.status.success());
    assert_eq!(ended.stdout, [""; 0]);
    let [line] = &ended.stderr[..] else { panic!("one line, not {:?}", ended.stderr) };
    assert!(line.contains(&format!("port {port} is in use")), "{line}");
    // The next number may be in use as well.
    assert!(line.ends_with("--port 0 takes any free one"), "{line}");
}

#[tokio::test]
async fn the_names_of_the_first_implementation_are_understood() {
    let room = Room::new();
    let environment = [("MCP_SERVER_HOST", "127.0.0.1"), ("MCP_SERVER_PORT", "0"), ("LOG_LEVEL", "ERROR")];
    let house = Process::start(&room, &[], &environment);
    let line = house.line();
    let port = line.strip_prefix("MCP server running on ws://127.0.0.1:").expect("the start line");
    let port = port.parse().expect("a port");
    assert_eq!(get(port, "/health").await.status, 200);
    house.signal(Signal::TERM);
    let ended = house.ended();
    assert_eq!((ended.status.code(), ended.stderr.len()), (Some(0), 0), "{:?}", ended.stderr);
}

#[test]
fn a_setting_that_does_not_exist_stops_the_start_by_name() {
    let room = Room::new();
    let ended = Process::start(&room, &["--port", "0"], &[("STROWGER__LIMITS__FRAMES", "5")]).ended();
    assert_eq!(ended.status.code(), Some(2));
    let [line] = &ended.stderr[..] else { panic!("one line, not {:?}", ended.stderr) };
    assert!(line.contains("STROWGER__LIMITS__FRAMES"), "{line}");
}

const ON_DISK: (&str, &str) = ("STROWGER__SESSION__STORE", "disk");

#[test]
fn a_directory_that_was_named_belongs_to_one_hub() {
    let room = Room::new();
    let environment = [ON_DISK, ("STROWGER__DATA__DIR", "data")];
    let house = Process::start(&room, &["--port", "0"], &environment);
    port_in(&house.line());
    let ended = Process::start(&room, &["--port", "0"], &environment).ended();
    assert_eq!((ended.status.code(), ended.stdout.len()), (Some(1), 0));
    let [line] = &ended.stderr[..] else { panic!("one line, not {:?}", ended.stderr) };
    assert!(line.starts_with("strowger: data is in use by another running hub"), "{line}");
    house.signal(Signal::TERM);
    assert_eq!(house.ended().status.code(), Some(0));
    let house = Process::start(&room, &["--port", "0"], &environment);
    port_in(&house.line());
}

// Other systems have their own folder, and no variable that names it.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_directory_that_nobody_named_is_no_reason_not_to_serve() {
    let room = Room::new();
    let home = room.path().join("home");
    let environment = [ON_DISK, ("XDG_DATA_HOME", home.to_str().expect("UTF-8"))];
    let first = Process::start(&room, &["--port", "0"], &environment);
    port_in(&first.line());
    let second = Process::start(&room, &["--port", "0"], &environment);
    let port = port_in(&second.line());
    let warning = second.complaint(crate::PATIENCE).expect("a warning");
    assert!(warning.contains("kept in memory only") && warning.contains("in use"), "{warning}");
    assert_eq!(get(port, "/ready").await.status, 200);
    let (_a, _b) = crate::test_client::couple(&format!("ws://localhost:{port}/")).await;
    let kept = std::fs::read_dir(home.join("strowger")).expect("the first one's directory");
    let kept: Vec<_> = kept.map(|entry| entry.expect("an entry").file_name()).collect();
    let is_database = |name: &std::ffi::OsString| name.to_string_lossy().contains(".db");
    assert!(!kept.iter().any(is_database), "who only chats leaves no database: {kept:?}");
}

/// The lines on standard output until it ends.
fn said_by(house: Process) -> Vec<String> {
    house.signal(Signal::TERM);
    let ended = house.ended();
    assert_eq!(ended.status.code(), Some(0), "{:?}", ended.stderr);
    ended.stdout
}

#[cfg(unix)]
#[test]
fn a_token_that_nobody_gave_is_made_once_kept_for_its_owner_and_told_to_no_pipe() {
    use std::os::unix::fs::PermissionsExt;
    let room = Room::new();
    let file = room.path().join("data").join("auth_token");
    let mut tokens = Vec::new();
    for (mode, doors) in [("none", "MCP"), ("token", "chat, REST and MCP")] {
        let environment = [ON_DISK, ("STROWGER__DATA__DIR", "data"), ("STROWGER__AUTH__MODE", mode)];
        let house = Process::start(&room, &["--port", "0"], &environment);
        port_in(&house.line());
        let said = said_by(house);
        let token = std::fs::read_to_string(&file).expect("a token");
        assert!(
            said.iter().any(|line| *line == format!("The token for {doors} is in data/auth_token")),
            "{said:?}"
        );
        assert!(!said.iter().any(|line| line.contains(token.trim())), "{said:?}");
        assert_eq!(file.metadata().expect("a file").permissions().mode() & 0o777, 0o600);
        tokens.push(token);
    }
    assert_eq!(tokens[0], tokens[1]);
    assert_eq!(tokens[0].trim().len(), 64);
}

#[cfg(unix)]
#[test]
fn a_kept_token_that_others_can_read_is_closed_to_them_and_an_empty_file_gets_one() {
    use std::os::unix::fs::PermissionsExt;
    let kept = "a-token-that-was-kept-before";
    for (before, is_kept) in [(kept, true), ("\n", false)] {
        let room = Room::new();
        let file = room.path().join("data").join("auth_token");
        std::fs::create_dir(room.path().join("data")).expect("a folder");
        std::fs::write(&file, before).expect("a file");
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).expect("a mode");
        let house = Process::start(&room, &["--port", "0"], &[ON_DISK, ("STROWGER__DATA__DIR", "data")]);
        port_in(&house.line());
        house.signal(Signal::TERM);
        let ended = house.ended();
        let warns = |line: &String| line.contains("Others could read the token for MCP");
        assert_eq!(ended.stderr.iter().any(warns), is_kept, "{:?}", ended.stderr);
        assert!(!ended.stderr.iter().any(|line| line.contains(kept)), "{:?}", ended.stderr);
        assert_eq!(file.metadata().expect("a file").permissions().mode() & 0o777, 0o600);
        let token = std::fs::read_to_string(&file).expect("a token");
        assert_eq!((token == kept, token.trim().len()), (is_kept, if is_kept { kept.len() } else { 64 }));
    }
}

// Other systems have their own folder, and no variable that names it.
#[cfg(target_os = "linux")]
#[test]
fn a_token_that_can_not_be_kept_where_nobody_asked_for_it_is_made_up_and_said_so() {
    let room = Room::new();
    let home = room.path().join("home");
    std::fs::create_dir_all(home.join("strowger/auth_token")).expect("a folder in its place");
    let environment = [ON_DISK, ("XDG_DATA_HOME", home.to_str().expect("UTF-8"))];
    let house = Process::start(&room, &["--port", "0"], &environment);
    port_in(&house.line());
    let warning = house.complaint(crate::PATIENCE).expect("a warning");
    assert!(warning.contains("The token for MCP can't be kept; another is made up"), "{warning}");
}

#[test]
fn a_given_token_is_written_nowhere() {
    let room = Room::new();
    let given = ("AUTH_TOKEN", "a-token-that-somebody-gave");
    let environment = [ON_DISK, ("STROWGER__DATA__DIR", "data"), given];
    let house = Process::start(&room, &["--port", "0"], &environment);
    port_in(&house.line());
    let said = said_by(house);
    assert!(!said.iter().any(|line| line.contains("token for MCP") || line.contains(given.1)));
    let nobodys = "Nobody has a token for the dashboard: set ADMIN_TOKEN to have one";
    assert!(said.iter().any(|line| line == nobodys), "{said:?}");
    assert!(!room.path().join("data").join("auth_token").exists());
}

#[test]
fn one_token_for_everybody_and_the_administrator_is_a_mistake() {
    let room = Room::new();
    let token = "the-same-token-for-both";
    let ended =
        Process::start(&room, &["--port", "0"], &[("AUTH_TOKEN", token), ("ADMIN_TOKEN", token)]).ended();
    assert_eq!(ended.status.code(), Some(1));
    let [line] = &ended.stderr[..] else { panic!("one line, not {:?}", ended.stderr) };
    assert!(
        line.starts_with("strowger: AUTH_TOKEN and ADMIN_TOKEN are the same") && !line.contains(token),
        "{line}"
    );
}

#[tokio::test]
async fn a_hub_in_a_terminal_shows_a_token_that_opens_what_administrators_may_do() {
    if !has_tmux("the token for the dashboard, on a terminal") {
        return;
    }
    let flags =
        ["--port", "0", "--mcp-port", "0", "--set", "mcp.host=localhost", "--set", "session.store=memory"];
    let hub = Terminal::start("dashboard", &[&[env!("CARGO_BIN_EXE_strowger")], &flags[..]].concat());
    // The terminal is narrower than the line.
    let said = hub.until("until the hub stops").replace('\n', "");
    let behind = |words: &str| said.split_once(words).map(|(_, rest)| rest).expect("the line");
    let token = behind("The token for the dashboard is ").split(',').next().expect("a token");
    assert!(token.len() == 64 && token.chars().all(|digit| digit.is_ascii_hexdigit()), "{said}");
    let port =
        behind("MCP server running on ws://localhost:").split(|digit: char| !digit.is_ascii_digit()).next();
    let client = HttpClient::new(port.and_then(|port| port.parse().ok()).expect("a port"));
    assert_eq!(client.get("/api/v1/admin/clients").await.problem(), (401, "unauthorized"));
    assert_eq!(client.token(token).get("/api/v1/admin/clients").await.status, 200);
    hub.press(&["C-c"]);
    hub.until("The house is closed");
}
