//! The command line, as somebody at a terminal sees it.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use super::room::Room;

/// Runs the binary in an empty environment, with `input` on its standard input.
pub fn strowger(room: &Room, arguments: &[&str], input: &str) -> Output {
    std::fs::create_dir_all(&room.dir).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_strowger"));
    command.args(arguments).current_dir(&room.dir).env_clear();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    process.wait_with_output().unwrap()
}

pub fn told(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn config_shows_every_setting_and_where_it_came_from() {
    let room = Room::new("show").file(".env", "LOG_LEVEL=debug\n");
    let output = strowger(&room, &["config", "--port", "9000", "--set", "chat.idle_after=1h"], "");
    let (code, table, complaints) = told(&output);
    assert_eq!((code, complaints.as_str()), (Some(0), ""));
    let rows: Vec<Vec<&str>> = table.lines().map(|row| row.split_whitespace().collect()).collect();
    assert_eq!(rows.len(), super::PROMISED.len());
    assert!(rows.contains(&vec!["chat.idle_after", "1h", "flag", "--set"]), "{table}");
    assert!(rows.contains(&vec!["server.port", "9000", "flag", "--port"]), "{table}");
    assert!(rows.contains(&vec!["log.level", "debug", ".env:", "LOG_LEVEL"]), "{table}");
    assert!(rows.contains(&vec!["limits.text", "4096", "default"]), "{table}");
}

#[test]
fn tokens_and_numbers_are_hidden_wherever_settings_are_shown() {
    let (token, number) = ("a-token-that-nobody-sees", "919876543210");
    let room = Room::new("hidden").file(".env", &format!("AUTH_TOKEN={token}\nMY_NUMBER={number}\n"));
    for arguments in [&["config"][..], &["--help"]] {
        let (code, shown, complaints) = told(&strowger(&room, arguments, ""));
        assert_eq!((code, complaints.as_str()), (Some(0), ""));
        let rows: Vec<Vec<&str>> = shown.lines().map(|row| row.split_whitespace().collect()).collect();
        assert!(rows.contains(&vec!["auth.token", "(hidden)", ".env:", "AUTH_TOKEN"]), "{shown}");
        assert!(rows.contains(&vec!["auth.admin_token", "\"\"", "default"]), "{shown}");
        assert!(!shown.contains(token) && !shown.contains(number), "{shown}");
    }
}

#[test]
fn help_shows_the_settings_too() {
    let (code, help, _) = told(&strowger(&Room::new("help"), &["--port", "9000", "--help"], ""));
    assert_eq!(code, Some(0));
    assert!(help.contains("`strowger config`"), "{help}");
    let shown = |line: &str| line.split_whitespace().take(2).eq(["server.port", "9000"]);
    assert!(help.lines().any(shown), "{help}");
}

#[test]
fn a_mistake_is_one_line_and_exit_code_2() {
    let room = Room::new("mistake");
    for arguments in [&["--port", "abc"][..], &["config", "--set", "chat"], &["mask", "--log-level", "loud"]]
    {
        let (code, out, complaint) = told(&strowger(&room, arguments, ""));
        assert_eq!((code, out.as_str()), (Some(2), ""));
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
        assert!(complaint.starts_with("strowger: "), "{complaint}");
    }
}

#[test]
fn mask_hides_numbers_line_by_line() {
    let input = "call +919876543210 now\r\n\nthanks";
    let (code, output, _) = told(&strowger(&Room::new("mask"), &["mask"], input));
    assert_eq!((code, output.as_str()), (Some(0), "call [hidden] now\r\n\nthanks"));
}

#[test]
fn a_private_key_in_the_place_of_a_public_one_is_hidden() {
    let key = "-----BEGIN PRIVATE KEY-----MARZIPAN-----END PRIVATE KEY-----";
    let setting = format!("auth.jwt_public_key={key}");
    let (_, shown, complaint) =
        told(&strowger(&Room::new("private-key"), &["config", "--set", &setting], ""));
    assert!(!format!("{shown}{complaint}").contains("MARZIPAN"), "{shown}{complaint}");
    assert!(shown.contains("auth.jwt_public_key"), "{shown}");
}

#[test]
fn mask_hides_what_the_operator_wants_hidden() {
    let pattern = r"chat.mask_also=\bID-\d+";
    let (_, output, _) = told(&strowger(&Room::new("mask-also"), &["mask", "--set", pattern], "my ID-77\n"));
    assert_eq!(output, "my [hidden]\n");
}

#[test]
fn mask_speaks_json() {
    let input = "{\"text\":\"call +919876543210\",\"id\":7}\n{\"messages\":[\"hi\",\"+919876543210\"]}\n";
    let (code, output, _) = told(&strowger(&Room::new("mask-json"), &["mask", "--json"], input));
    let masked: Vec<serde_json::Value> =
        output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(code, Some(0));
    let text = serde_json::json!({"text": "call +919876543210", "id": 7, "masked": "call [hidden]"});
    let messages = serde_json::json!({"messages": ["hi", "+919876543210"], "masked": ["hi", "[hidden]"]});
    assert_eq!(masked, [text, messages]);
}

#[test]
fn mask_stops_at_what_it_cannot_read() {
    let (code, output, complaint) =
        told(&strowger(&Room::new("mask-stop"), &["mask", "--json"], "+919876543210\n"));
    assert_eq!((code, output.as_str()), (Some(1), ""));
    assert!(complaint.starts_with("strowger: line 1 of the input"), "{complaint}");
    assert!(!complaint.contains("98765"), "{complaint}");
}

#[test]
fn nobody_there_is_not_healthy() {
    // Bound and not listening any more: nobody else gets this port so soon.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    drop(listener);
    let output = strowger(&Room::new("health"), &["healthcheck", "--host", "127.0.0.1", "--port", &port], "");
    let (code, _, complaint) = told(&output);
    assert_eq!(code, Some(1));
    assert!(complaint.starts_with(&format!("strowger: not healthy on port {port}: ")), "{complaint}");
}

/// `strowger config | true` must not complain.
#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_mistake() {
    let room = Room::new("pipe");
    std::fs::create_dir_all(&room.dir).unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_strowger"));
    let output = command.arg("config").current_dir(&room.dir).env_clear().stdout(writer).output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
