//! A hub behind TLS: it is spoken with if its certificate is one that this machine trusts, and not otherwise.

use crate::running::{Program, RunningHub, python};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// An authority, and a certificate of its for localhost.
const CERTIFICATES: &str = "
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj '/CN=An authority' &&
openssl req -newkey rsa:2048 -nodes -keyout key.pem -out request.pem -subj /CN=localhost &&
printf subjectAltName=DNS:localhost > names &&
openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out chain.pem -days 2 -extfile names";

#[test]
fn a_hub_behind_tls_is_talked_with_if_it_is_trusted() {
    let Some(python) = python("a hub behind TLS") else { return };
    let room = Path::new(env!("CARGO_TARGET_TMPDIR")).join("talk_tls");
    let _ = fs::remove_dir_all(&room);
    fs::create_dir_all(&room).expect("an empty directory");
    let made = Command::new("sh").args(["-c", CERTIFICATES]).current_dir(&room).output().expect("a shell");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let hub = RunningHub::start("talk_tls");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/talk/tls_relay.py");
    let mut relay = Command::new(python);
    relay.arg(script).arg(&room).arg(hub.port.to_string());
    let mut relay = Program::start("the relay", &mut relay);
    let line = relay.until("listens at ");
    let url = format!("wss://localhost:{}", line.rsplit(' ').next().expect("a port"));
    let talk = |authority: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_strowger"));
        command.args(["talk", &url]).current_dir(&room).env_clear().env("HOME", &room);
        command.env("SSL_CERT_FILE", room.join(authority)).stdin(Stdio::null());
        command.output().expect("the binary")
    };
    let trusted = talk("ca.pem");
    assert_eq!(trusted.status.code(), Some(0), "{trusted:?}");
    // The certificate that it shows is not one that vouches for others.
    let stranger = talk("request.pem");
    assert_eq!(stranger.status.code(), Some(3), "{stranger:?}");
    assert!(String::from_utf8_lossy(&stranger.stderr).contains("certificate"), "{stranger:?}");
}
