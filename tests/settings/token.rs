//! `strowger token`, as somebody at a terminal makes tokens, and what is in them.

use std::process::Output;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey};
use strowger::auth::{Jwts, Rules, Scope};

use super::command::{strowger, told};
use super::room::Room;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// A room whose settings have the secret.
fn room(name: &str) -> Room {
    let settings =
        format!("[auth]\njwt_secret = \"{SECRET}\"\njwt_issuer = \"me\"\njwt_audience = \"hub\"\n");
    Room::new(name).file("config/local.toml", &settings)
}

fn rules() -> Rules {
    Rules { issuer: Some("me".into()), audience: Some("hub".into()), leeway: Duration::ZERO }
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}

/// The one line that it prints.
#[track_caller]
fn line(output: &Output) -> String {
    let (code, out, complaint) = told(output);
    assert_eq!((code, complaint.as_str(), out.lines().count()), (Some(0), "", 1), "{out}");
    out.trim_end().to_owned()
}

/// The one line that it complains with, and nothing on standard output.
#[track_caller]
fn complaint(output: &Output) -> (Option<i32>, String) {
    let (code, out, complaint) = told(output);
    assert_eq!((out.as_str(), complaint.lines().count()), ("", 1), "{complaint}");
    assert!(!complaint.contains(SECRET), "{complaint}");
    (code, complaint)
}

#[test]
fn a_token_is_printed_alone_and_a_hub_with_these_settings_takes_it() {
    let room = room("token");
    let arguments = ["token", "--subject", "anna", "--scope", "bridge agent  bridge", "--expires", "12h"];
    let before = now();
    let token = line(&strowger(&room, &arguments, ""));
    let jwts = Jwts::of_secret(SECRET, rules());
    let holder = jwts.holder(&token, before).unwrap();
    assert!(holder.may(Scope::Bridge) && holder.may(Scope::Agent) && !holder.may(Scope::Admin));
    let lasts = holder.until.unwrap() - before;
    let hours = Duration::from_secs(12 * 3_600);
    assert!(lasts >= hours - Duration::from_secs(1) && lasts < hours + Duration::from_secs(60), "{lasts:?}");
    let plain = line(&strowger(&room, &["token", "--subject", "anna"], ""));
    let other = jwts.holder(&plain, now()).unwrap();
    assert_eq!(other.holder, holder.holder);
    assert!(Scope::ALL.into_iter().all(|scope| !other.may(scope)));
}

fn pem(kind: &str, der: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = format!("-----BEGIN {kind}-----\n");
    for chunk in der.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | u32::from(*chunk.get(at).unwrap_or(&0)));
        let digit = |at: usize| DIGITS[(bits >> (18 - 6 * at) & 63) as usize];
        text.extend((0..4).map(|at| if at <= chunk.len() { char::from(digit(at)) } else { '=' }));
    }
    format!("{text}\n-----END {kind}-----\n")
}

/// A private key and its other half.
fn pair() -> (String, String) {
    let pair = Ed25519KeyPair::generate().unwrap();
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    ParsedPublicKey::new(&ED25519, public.as_ref()).unwrap();
    (pem("PRIVATE KEY", pair.to_pkcs8v1().unwrap().as_ref()), pem("PUBLIC KEY", public.as_ref()))
}

#[test]
fn a_private_key_signs_for_hubs_that_have_its_other_half() {
    let ((private, public), (other, _)) = (pair(), pair());
    let room = Room::new("token-key").file("key", &private).file("other", &other).file("key.pub", &public);
    let token = ["token", "--subject", "anna", "--private-key"];
    let settings = ["--set", "auth.jwt_public_key=key.pub"];
    let made = line(&strowger(&room, &[&token[..], &["key"], &settings].concat(), ""));
    let leeway = Rules { leeway: Duration::from_secs(60), ..Rules::default() };
    assert!(Jwts::of_public_key(&public, leeway).unwrap().holder(&made, now()).is_ok());
    line(&strowger(&room, &[&token[..], &["key"]].concat(), ""));
    let no_other = complaint(&strowger(&room, &[&token[..], &["other"], &settings].concat(), ""));
    assert_eq!(no_other.0, Some(1));
    assert!(no_other.1.contains("would not take the token: it checks with another key"), "{}", no_other.1);
    let refused = |arguments: &[&str], words: &str| {
        let (code, said) = complaint(&strowger(&room, arguments, ""));
        assert!(code == Some(1) && said.contains(words), "{said}");
    };
    refused(&[&token[..], &["none"]].concat(), "strowger: --private-key: none can't be read: ");
    refused(&[&token[..], &["key.pub"]].concat(), "strowger: --private-key: it is no private key in PEM");
    refused(&[&token[..3], &settings].concat(), "the settings have a public key: give the private one");
    refused(&token[..3], "strowger: there is nothing to sign with: ");
}

#[test]
fn what_is_asked_for_wrongly_is_said_and_nothing_is_printed() {
    let room = room("token-wrong");
    let refused = |arguments: &[&str], words: &str| {
        let (code, said) = complaint(&strowger(&room, &[&["token"], arguments].concat(), ""));
        assert!(code == Some(2) && said.starts_with(&format!("strowger: {words}")), "{said}");
    };
    refused(&["--subject", ""], "--subject: it is empty");
    let scopes = "--scope: there is no scope \"Admin\"; there are agent, bridge, admin";
    refused(&["--subject", "anna", "--scope", "bridge Admin"], scopes);
    for expires in ["12", "0s", "500ms", "-1h", "a while"] {
        refused(&["--subject", "anna", &format!("--expires={expires}")], "--expires: write 30m, 12h or 30d");
    }
    // Flags themselves are looked at by whoever looks at all of them.
    let (code, out, complaint) = told(&strowger(&room, &["token"], ""));
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(complaint.contains("--subject"), "{complaint}");
}

#[test]
fn a_new_secret_is_one_that_the_settings_take_whatever_stands_there_now() {
    let room = Room::new("token-secret").file("config/local.toml", "[auth]\njwt_secret = \"short\"\n");
    let new = || line(&strowger(&room, &["token", "--new-secret"], ""));
    let (one, other) = (new(), new());
    assert_ne!(one, other);
    for secret in [&one, &other] {
        assert!(secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()), "{secret}");
        Room::new("token-secret-taken").flag("--set", "auth.jwt_secret", secret).load();
    }
    let (code, _, complaint) = told(&strowger(&room, &["token", "--new-secret", "--subject", "anna"], ""));
    assert!(code == Some(2) && complaint.contains("cannot be used with"), "{complaint}");
}

#[test]
fn the_secret_is_shown_nowhere() {
    let room = room("token-hidden");
    for arguments in [&["config"][..], &["--help"], &["doctor", "--set", "auth.mode=jwt"]] {
        let (_, out, complaint) = told(&strowger(&room, arguments, ""));
        assert!(!format!("{out}{complaint}").contains(SECRET), "{arguments:?}");
    }
    let (_, table, _) = told(&strowger(&room, &["config"], ""));
    let rows: Vec<Vec<&str>> = table.lines().map(|row| row.split_whitespace().collect()).collect();
    assert!(rows.contains(&vec!["auth.jwt_secret", "(hidden)", "config/local.toml"]), "{table}");
    assert!(rows.contains(&vec!["auth.jwt_issuer", "me", "config/local.toml"]), "{table}");
}
