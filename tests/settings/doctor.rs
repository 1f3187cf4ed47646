//! `strowger doctor` as an operator meets it: what stands in the way is said, and nothing is changed by looking.

use std::net::{Ipv6Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};

use super::room::Room;

/// A token that nobody guesses.
const GOOD: &str = "f3a9c05e7b1d4862";

/// What the doctor says, and its exit code. The ports are any free ones, unless they are named.
fn doctor(room: &Room, flags: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    run(room, &[&["doctor"], flags].concat(), variables)
}

/// What a start says that does not come to serve.
fn start(room: &Room, flags: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    run(room, flags, variables)
}

fn run(room: &Room, arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    std::fs::create_dir_all(&room.dir).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_strowger"));
    command.args(["--set", "data.dir=data"]).args(arguments).current_dir(&room.dir).env_clear();
    command.envs([("MCP_SERVER_PORT", "0"), ("MCP_HTTP_PORT", "0")]);
    command.envs(variables.iter().copied()).stdin(Stdio::null());
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

#[track_caller]
fn says((code, said): (Option<i32>, String), line: &str) {
    assert!(said.lines().any(|found| found.starts_with(line)), "{line:?} is not in:\n{said}");
    assert_eq!(code, Some(i32::from(said.contains("WRONG"))), "{said}");
}

#[test]
fn a_port_of_another_program_is_named() {
    let room = Room::new("doctor");
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let found = doctor(&room, &["--mcp-host", "localhost", "--mcp-port", &port], &[]);
    assert!(found.1.contains("note   MY_NUMBER is not given: Puch AI will refuse to connect"), "{}", found.1);
    says(found, &format!("WRONG  MCP: port {port} on localhost can't be had: another program has it"));
    let (code, found) = doctor(&room, &[], &[]);
    assert_eq!((code, found.contains("WRONG")), (Some(0), false), "{found}");
}

#[test]
fn the_other_half_of_localhost_may_be_taken_too() {
    // A machine may have no ::1, or somebody has that port on 127.0.0.1 as well.
    let Ok(taken) = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)) else { return };
    let port = taken.local_addr().unwrap().port().to_string();
    let found = doctor(&Room::new("doctor-v6"), &["--port", &port], &[]);
    says(found, &format!("WRONG  WebSocket, pages and REST: port {port} on localhost can't be had"));
    let host = doctor(&Room::new("doctor-v6-free"), &["--host", "[::1]"], &[]);
    says(host, "fine   whoever works on this machine may come in without a token");
}

#[test]
fn two_doors_can_not_have_one_port() {
    let room = Room::new("doctor-one-port");
    let free = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port().to_string();
    let both = ["--port", free.as_str(), "--mcp-port", free.as_str()];
    let wrong = format!("WRONG  MCP: port {free} is that of WebSocket, pages and REST already");
    says(doctor(&room, &both, &[]), &wrong);
    says(doctor(&room, &[&both[..], &["--host", "::"]].concat(), &[]), &wrong);
    let apart = [&both[..], &["--host", "127.0.0.1", "--mcp-host", "127.0.0.2"]].concat();
    let (_, found) = doctor(&room, &apart, &[]);
    assert!(!found.contains("already"), "two addresses have a port each: {found}");
    let (code, refused) = start(&room, &both, &[("AUTH_TOKEN", GOOD)]);
    let why = format!("strowger: port {free} is given to MCP and to everything else: take another");
    assert!(code == Some(1) && refused.starts_with(&why), "{refused}");
}

#[test]
fn a_folder_that_takes_no_files_is_seen_whoever_looks() {
    let room = Room::new("doctor-folder").file("file", "").file("old/strowger.lock/x", "");
    says(doctor(&room, &[], &[]), "fine   data is kept in data");
    assert!(!room.dir.join("data").exists(), "it leaves nothing");
    let wrong = |folder: &str, line: &str| {
        says(doctor(&room, &["--set", &format!("data.dir={folder}")], &[]), line);
    };
    wrong("file", "WRONG  file can't be a folder, because there is a file in its place. ");
    wrong("file/data", "WRONG  file/data can't be a folder, because there is a file in its place. ");
    wrong("old", "WRONG  old/strowger.lock can't be written: ");
    // Nobody makes files there, not even who may do everything.
    if Path::new("/proc/self").exists() {
        wrong("/proc/self", "WRONG  /proc/self can't be written");
        wrong("/proc/strowger/data", "WRONG  /proc/strowger/data can't be written");
    }
    std::fs::create_dir(room.dir.join("there")).unwrap();
    wrong("there", "fine   data is kept in there");
    assert_eq!(std::fs::read_dir(room.dir.join("there")).unwrap().count(), 0, "it leaves nothing");
}

#[test]
fn a_log_that_can_not_be_written_is_seen() {
    let room = Room::new("doctor-log");
    says(doctor(&room, &["--set", "log.file=hub.log"], &[]), "fine   the log goes to hub.log");
    assert!(!room.dir.join("hub.log").exists(), "it leaves nothing");
    says(
        doctor(&room, &["--set", "log.file=no/hub.log"], &[]),
        "WRONG  log.file: no/hub.log can't be written",
    );
}

#[test]
fn tokens_that_can_be_guessed_are_noted_and_not_shown() {
    let room = Room::new("doctor-guess");
    for token in ["fifteen-letters", "aaaaaaaaaaaaaaaaaaaaaaaa", "0101010101010101"] {
        for name in ["AUTH_TOKEN", "ADMIN_TOKEN"] {
            let found = doctor(&room, &[], &[(name, token)]);
            assert!(!found.1.contains(token), "{}", found.1);
            let advice = "can be guessed: take 16 random characters or more";
            says(found, &format!("note   {name} is so short or so plain that it {advice}"));
        }
    }
    for name in ["AUTH_TOKEN", "ADMIN_TOKEN"] {
        says(doctor(&room, &[], &[(name, GOOD)]), &format!("fine   {name} is given"));
    }
    let both = [("AUTH_TOKEN", GOOD), ("ADMIN_TOKEN", GOOD)];
    says(doctor(&room, &[], &both), "WRONG  AUTH_TOKEN and ADMIN_TOKEN are the same");
}

#[test]
fn a_token_is_only_kept_where_something_is() {
    let room = Room::new("doctor-memory");
    let found = doctor(&room, &["--set", "session.store=memory"], &[]);
    assert!(!found.1.contains("data folder"), "{}", found.1);
    says(found, "note   AUTH_TOKEN is not given, and with session.store=memory none is kept");
}

#[test]
fn a_kept_token_that_is_no_good_stops_the_start_and_the_doctor_says_so_before() {
    let refused = |name: &str, kept: &str, why: &str| {
        let room = Room::new(&format!("kept-{name}")).file("data/auth_token", kept);
        let admin = [("ADMIN_TOKEN", GOOD)];
        let line = format!("the token in data/auth_token is not taken: {why}");
        says(doctor(&room, &[], &admin), &format!("WRONG  {line}"));
        let (code, said) = start(&room, &[], &admin);
        assert!(code == Some(1) && said.contains(&format!("strowger: {line}")), "{said}");
        assert!(said.ends_with("Delete the file for a new token, or set AUTH_TOKEN\n"), "{said}");
        assert!(!said.contains(kept.trim()), "{said}");
        assert_eq!(std::fs::read_to_string(room.dir.join("data/auth_token")).unwrap(), kept);
    };
    refused("same", &format!("{GOOD}\n"), "ADMIN_TOKEN is the same: whoever chats could close the house");
    refused("short", "short", "it can be guessed");
    refused("sample", "a-token-of-sixteen-letters-or-more\n", "it is the sample from the documents");
    refused("words", "some words that stand here", "a token can't have spaces");
}

#[test]
fn a_kept_token_that_can_not_be_read_is_seen() {
    let room = Room::new("kept-unreadable").file("data/auth_token/x", "");
    let line = "AUTH_TOKEN is not given, and data/auth_token can't be read: ";
    says(doctor(&room, &[], &[]), &format!("WRONG  {line}"));
    says(doctor(&room, &[], &[("AUTH_TOKEN", GOOD)]), "fine   AUTH_TOKEN is given");
}

#[cfg(unix)]
#[test]
fn a_kept_token_that_others_can_read_is_seen_and_left_alone() {
    use std::os::unix::fs::PermissionsExt;
    let room = Room::new("kept-open").file("data/auth_token", GOOD);
    let file = room.dir.join("data/auth_token");
    let mode = |mode| std::fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
    mode(0o640);
    says(
        doctor(&room, &[], &[]),
        "note   others can read the token in data/auth_token: the next start closes it",
    );
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o640);
    mode(0o600);
    says(doctor(&room, &[], &[]), "fine   AUTH_TOKEN is not given: the one in data/auth_token holds");
}

#[test]
fn what_jwts_are_checked_with_is_judged_and_a_start_refuses_the_same() {
    let pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
    let room = Room::new("doctor-jwt").file("key.pub", pem).file("words", "some words");
    fn jwt<'f>(flags: &[&'f str]) -> Vec<&'f str> {
        [&["--set", "auth.mode=jwt"], flags].concat()
    }
    let secret = "auth.jwt_secret=0123456789abcdef0123456789abcdef";
    let wrong = |flags: &[&str], line: &str| {
        says(doctor(&room, &jwt(flags), &[]), &format!("WRONG  {line}"));
        let (code, said) = start(&room, &jwt(flags), &[("AUTH_TOKEN", GOOD)]);
        assert!(code == Some(1) && said.starts_with(&format!("strowger: {line}")), "{said}");
        assert_eq!((said.lines().count(), said.contains("0123")), (1, false), "{said}");
    };
    wrong(&[], "auth.mode is jwt, and there is nothing to check tokens with");
    let file = "auth.jwt_public_key=key.pub";
    wrong(&["--set", secret, "--set", file], "auth.jwt_secret and auth.jwt_public_key are both given");
    wrong(&["--set", "auth.jwt_public_key=no"], "auth.jwt_public_key: no can't be read");
    wrong(&["--set", "auth.jwt_public_key=words"], "auth.jwt_public_key: it is no public key in PEM");
    says(
        doctor(&room, &jwt(&["--set", secret]), &[]),
        "fine   everybody is asked for a JWT, signed by HS256",
    );
    let public = jwt(&["--set", file]);
    says(doctor(&room, &public, &[]), "fine   everybody is asked for a JWT, signed by EdDSA");
    says(doctor(&room, &public, &[]), "note   auth.jwt_audience is not given");
    let variable = [("STROWGER__AUTH__JWT_PUBLIC_KEY", pem), ("STROWGER__AUTH__JWT_AUDIENCE", "hub")];
    let (_, said) = doctor(&room, &jwt(&[]), &variable);
    assert!(said.contains("signed by EdDSA") && !said.contains("jwt_audience"), "{said}");
    let unused = "note   auth.jwt_secret is given, and no JWT is asked for or taken";
    says(doctor(&room, &["--set", secret], &[]), unused);
}

#[test]
fn a_name_with_a_dot_is_refused_where_no_token_is_asked_for() {
    let room = Room::new("doctor-names");
    let note = "note   http.public_url is not given: REST answers 403 to whoever asks by a name with a dot";
    says(doctor(&room, &["--host", "0.0.0.0"], &[]), note);
    for flags in [&["--host", "localhost"][..], &["--host", "0.0.0.0", "--set", "auth.mode=token"]] {
        assert!(!doctor(&room, flags, &[]).1.contains("403"));
    }
    let url = |url: &str| doctor(&room, &["--set", &format!("http.public_url={url}")], &[]);
    says(
        url("http://hub.lan.example:8002"),
        "note   http.public_url is http://hub.lan.example:8002, without https",
    );
    says(url("https://chat.example.org"), "fine   browsers may come from https://chat.example.org");
}

#[test]
fn a_script_that_can_not_be_played_is_seen() {
    let room = Room::new("doctor-script").file("script.json", "{").file("good.json", "{}");
    let plays = |file: &str| doctor(&room, &["--set", &format!("whatsapp.simulator={file}")], &[]);
    says(plays("script.json"), "WRONG  whatsapp.simulator: script.json can't be read: EOF");
    says(plays("."), "WRONG  whatsapp.simulator: . can't be read");
    says(plays("good.json"), "fine   the simulator plays good.json");
}

#[test]
fn what_is_set_for_nothing_is_noted() {
    let found = doctor(&Room::new("doctor-redis"), &[], &[("REDIS_URL", "redis://user:secret@there")]);
    assert!(!found.1.contains("secret"));
    says(found, "note   REDIS_URL is set, and nothing here reads it");
}
