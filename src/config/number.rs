//! Plain numbers: ports and counts.

use std::str::FromStr;

use serde::Deserializer;

use super::written::scalar;

pub fn port<'de, D: Deserializer<'de>>(from: D) -> Result<u16, D::Error> {
    scalar(from, "a port: write a number from 0 to 65535", |text| digits(text)?.parse().ok())
}

/// A count that 0 turns off.
pub fn limit<'de, D: Deserializer<'de>, N: FromStr + Default + PartialEq>(
    from: D,
) -> Result<Option<N>, D::Error> {
    scalar(from, "a whole number: write 1 or more, or 0 to turn it off", |text| {
        digits(text)?.parse().ok().map(|given: N| (given != N::default()).then_some(given))
    })
}

/// Rust would take `+5` too.
fn digits(text: &str) -> Option<&str> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then_some(text)
}
