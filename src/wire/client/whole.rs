//! Whole numbers, however they are written: to JSON `5.0` and `5e0` are `5`, and there is no largest one.

use serde::de::{Deserializer, Error, Unexpected, Visitor};
use std::fmt;

/// Reads a whole number that is not negative, or nothing of a `null`. What is larger than any that means something is
/// the largest that we have.
pub fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    deserializer.deserialize_any(Whole)
}

struct Whole;

impl Visitor<'_> for Whole {
    type Value = Option<u64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_u64<E>(self, number: u64) -> Result<Option<u64>, E> {
        Ok(Some(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Option<u64>, E> {
        if number.fract() != 0.0 || number < 0.0 {
            return Err(E::invalid_type(Unexpected::Float(number), &self));
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it stops at the largest")]
        Ok(Some(number as u64))
    }

    fn visit_unit<E>(self) -> Result<Option<u64>, E> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_whole_is_taken_however_it_is_written() {
        let read = |text: &str| whole(&mut serde_json::Deserializer::from_str(text)).ok();
        for (text, number) in [
            ("0", 0),
            ("55690.0", 55_690),
            ("1e2", 100),
            ("9223372036854775809", 9_223_372_036_854_775_809),
            ("18446744073709551616", u64::MAX),
            ("1e300", u64::MAX),
        ] {
            assert_eq!(read(text), Some(Some(number)), "{text}");
        }
        assert_eq!(read("null"), Some(None));
        for text in ["0.5", "-1", "-1.0", "-18446744073709551616", "\"5\"", "true", "[]", "{}"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
