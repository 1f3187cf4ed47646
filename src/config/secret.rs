//! Values that nobody may be shown: tokens and numbers. What is wrong with one is said without it.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserializer;
use serde::de::Error;

use super::written::text;

/// Below this many characters a token can be guessed.
pub const SHORTEST: usize = 16;
/// What signs tokens has as many bytes as the signature (RFC 7518 section 3.2).
pub const SHORTEST_SIGNING: usize = 32;
/// Made of fewer characters than this, as `aaaaaaaaaaaaaaaaaaaa` is, it can be, too.
const FEWEST_KINDS: usize = 6;

/// What documents write where a token belongs: everybody knows these. Small letters, without `_` and `-`.
const SAMPLES: [&str; 5] =
    ["atokenofsixteenlettersormore", "yourtoken", "yourauthtoken", "youradmintoken", "yoursecrettoken"];

/// A value that prints nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// A value that was made here, and that no setting holds.
    pub fn new(value: &str) -> Self {
        Self(value.into())
    }

    /// The value, for whoever compares it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What tells that a setting is one of these; everything else is shown as it is.
pub const SECRET: [&str; 8] = [
    "anthropic.key",
    "auth.admin_token",
    // Not secret, unless a private key is put there by mistake.
    "auth.jwt_public_key",
    "auth.jwt_secret",
    "auth.token",
    "gemini.key",
    "mcp.my_number",
    "openai.key",
];

/// Whether a token can be guessed by trying.
pub fn can_be_guessed(token: &str) -> bool {
    token.len() < SHORTEST || is_plain(token)
}

fn is_plain(text: &str) -> bool {
    text.bytes().collect::<BTreeSet<_>>().len() < FEWEST_KINDS
}

/// A token that a header can carry (RFC 9110 section 11.2), and no sample. An empty one is none.
pub fn token<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Secret>, D::Error> {
    let token = text(from, "a token")?;
    match why_no_token(&token) {
        Some(why) => Err(D::Error::custom(why)),
        None => Ok((!token.is_empty()).then(|| Secret(token.into()))),
    }
}

/// What tokens are signed with (HS256): whoever has one token can try out secrets on it, as fast as they like. An empty
/// one is none.
pub fn signing<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Secret>, D::Error> {
    let secret = text(from, "a secret")?;
    if secret.is_empty() {
        return Ok(None);
    }
    if let Some(why) = why_no_token(&secret) {
        return Err(D::Error::custom(why));
    }
    if secret.len() < SHORTEST_SIGNING || is_plain(&secret) {
        return Err(D::Error::custom(format_args!(
            "it is so short or so plain that it can be guessed: take {SHORTEST_SIGNING} random characters or more, \
             such as what `strowger token --new-secret` prints"
        )));
    }
    Ok(Some(Secret(secret.into())))
}

/// A key that somebody else gave out, as a header can carry it. An empty one is none.
pub fn key<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Secret>, D::Error> {
    let key = text(from, "a key")?;
    if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(D::Error::custom("a key can't have spaces, line breaks or letters beyond ASCII in it"));
    }
    Ok((!key.is_empty()).then(|| Secret(key.into())))
}

/// Why a text can't be a token, if so. It says nothing of how good one it is.
pub fn why_no_token(text: &str) -> Option<&'static str> {
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Some("a token can't have spaces, line breaks or letters beyond ASCII in it");
    }
    let plain = text.trim_matches(['<', '>', '"', '\'']).replace(['_', '-'], "").to_ascii_lowercase();
    SAMPLES.contains(&plain.as_str()).then_some(
        "it is the sample from the documents, which everybody knows: take one of your own, such as what \
         `openssl rand -hex 32` prints",
    )
}

/// A telephone number as WhatsApp writes it: country code and number (E.164), digits only. An empty one is none.
pub fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Secret>, D::Error> {
    let number = text(from, "a telephone number")?;
    let is_number = (8..=15).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && !number.starts_with('0');
    match () {
        () if number.is_empty() => Ok(None),
        () if is_number => Ok(Some(Secret(number.into()))),
        () => Err(D::Error::custom(
            "it is not a telephone number: write the country code and the number, 8 to 15 digits, without +, \
             spaces or leading zeros",
        )),
    }
}
