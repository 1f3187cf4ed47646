//! Values that nobody may be shown: tokens and numbers. What is wrong with one is said without it.

use std::fmt;

use serde::Deserializer;
use serde::de::Error;

use super::written::text;

/// A value that prints nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
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
pub const SECRET: [&str; 3] = ["auth.admin_token", "auth.token", "mcp.my_number"];

/// A token that a header can carry (RFC 9110 section 11.2). An empty one is none.
pub fn token<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Secret>, D::Error> {
    let token = text(from, "a token")?;
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(D::Error::custom("a token can't have spaces, line breaks or letters beyond ASCII in it"));
    }
    Ok((!token.is_empty()).then(|| Secret(token.into())))
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
