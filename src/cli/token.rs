//! `strowger token`: makes a JWT with the key in the settings, or a secret to put there.
//!
//! It must never say anything of a key or a secret but what it was asked to print.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use uuid::Uuid;

use super::{MISUSED, complain, written};
use crate::auth::{Grant, Jwts, Rules, Scope, Signer};
use crate::config::{Auth, JwtKey, duration};

/// Whose token, and what stands in it.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Whose token it is: one person, whatever they call themselves and by whichever door they come
    #[arg(long, value_name = "NAME", required_unless_present = "new_secret")]
    subject: Option<String>,
    /// What it allows besides chatting and sharing a session: agent, bridge, admin, with spaces between
    #[arg(long, value_name = "SCOPES")]
    scope: Option<String>,
    /// How long it holds: 30m, 12h, 30d
    #[arg(long, value_name = "DURATION", default_value = "12h")]
    expires: String,
    /// The private key in PEM whose other half is auth.jwt_public_key; without it, auth.jwt_secret signs
    #[arg(long, value_name = "FILE")]
    private_key: Option<PathBuf>,
    /// Print a new secret to put into auth.jwt_secret, and nothing else
    #[arg(long, conflicts_with_all = ["subject", "scope", "expires", "private_key"])]
    pub new_secret: bool,
}

/// Why there is no token, in words for the operator, and the exit code to leave with.
struct Refusal(String, u8);

/// It was asked for wrongly.
fn misused(words: impl Into<String>) -> Refusal {
    Refusal(words.into(), MISUSED)
}

/// It was asked for rightly, and can't be had.
fn failed(words: impl Into<String>) -> Refusal {
    Refusal(words.into(), 1)
}

/// Prints the token.
pub fn run(auth: &Auth, order: &Order) -> ExitCode {
    match make(auth, order) {
        Ok(token) => written(writeln!(io::stdout().lock(), "{token}")),
        Err(Refusal(words, code)) => complain(&words, code),
    }
}

/// Prints a secret of 64 hexadecimal digits, 244 bits of which are random.
pub fn new_secret() -> ExitCode {
    let [one, other] = [Uuid::new_v4().simple(), Uuid::new_v4().simple()];
    written(writeln!(io::stdout().lock(), "{one}{other}"))
}

/// What the settings say that JWTs are checked with.
pub fn jwts(auth: &Auth) -> Result<Jwts, String> {
    let rules = Rules {
        issuer: auth.jwt_issuer.clone(),
        audience: auth.jwt_audience.clone(),
        leeway: auth.jwt_leeway,
    };
    match auth.jwt_key().map_err(|error| error.to_string())? {
        JwtKey::Secret(secret) => Ok(Jwts::of_secret(secret.reveal(), rules)),
        JwtKey::Public(pem) => {
            Jwts::of_public_key(&pem, rules).map_err(|error| format!("auth.jwt_public_key: {error}"))
        }
    }
}

fn make(auth: &Auth, order: &Order) -> Result<String, Refusal> {
    let subject = order.subject.as_deref().filter(|subject| !subject.is_empty());
    let subject = subject.ok_or_else(|| misused("--subject: it is empty, and a token is somebody's"))?;
    let scope = scopes(order.scope.as_deref().unwrap_or_default())?;
    let lasts = duration(&order.expires).filter(|lasts| lasts.as_secs() > 0);
    let lasts =
        lasts.ok_or_else(|| misused("--expires: write 30m, 12h or 30d, at least 1s and at most 3650d"))?;
    let signer = signer(auth, order)?;
    let date = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let grant = Grant {
        sub: subject,
        scope: (!scope.is_empty()).then_some(&scope),
        iat: date.as_secs(),
        exp: date.saturating_add(lasts).as_secs(),
        iss: auth.jwt_issuer.as_deref(),
        aud: auth.jwt_audience.as_deref(),
    };
    let token = signer.sign(&grant).ok_or_else(|| failed("the key does not sign"))?;
    is_taken(auth, &token, date)?;
    Ok(token)
}

/// The scopes in one order, each of them once.
fn scopes(typed: &str) -> Result<String, Refusal> {
    let named = |word| {
        Scope::named(word).ok_or_else(|| {
            let all = Scope::ALL.map(Scope::name).join(", ");
            misused(format!("--scope: there is no scope {word:?}; there are {all}"))
        })
    };
    let named = typed.split_whitespace().map(named).collect::<Result<Vec<_>, _>>()?;
    let kept = Scope::ALL.into_iter().filter(|scope| named.contains(scope)).map(Scope::name);
    Ok(kept.collect::<Vec<_>>().join(" "))
}

fn signer(auth: &Auth, order: &Order) -> Result<Signer, Refusal> {
    let Some(file) = &order.private_key else {
        return match (&auth.jwt_secret, &auth.jwt_public_key) {
            (Some(secret), _) => Ok(Signer::of_secret(secret.reveal())),
            (None, Some(_)) => {
                Err(failed("the settings have a public key: give the private one by --private-key FILE"))
            }
            (None, None) => Err(failed(
                "there is nothing to sign with: put what `strowger token --new-secret` prints into \
                 auth.jwt_secret, or give --private-key FILE",
            )),
        };
    };
    let pem = fs::read_to_string(file)
        .map_err(|error| failed(format!("--private-key: {} can't be read: {error}", file.display())))?;
    Signer::of_private_key(&pem).map_err(|error| failed(format!("--private-key: {error}")))
}

/// Whether a hub with these settings takes the token. Without a key in them, another one is to.
fn is_taken(auth: &Auth, token: &str, date: Duration) -> Result<(), Refusal> {
    if auth.jwt_secret.is_none() && auth.jwt_public_key.is_none() {
        return Ok(());
    }
    let jwts = jwts(auth).map_err(failed)?;
    let other = "a hub with these settings would not take the token: it checks with another key";
    jwts.holder(token, date).map(|_| ()).map_err(|_| failed(other))
}
