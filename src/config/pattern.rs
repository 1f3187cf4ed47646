//! The operator's own regular expressions, tried out where they will be used: in the masker.

use std::error::Error as _;

use serde::Deserializer;
use serde::de::Error;

use super::written::{list, quoted};
use crate::core::mask::{Masker, PatternError};

/// What `x*` does, although nobody means it to.
const EVERYWHERE: &str =
    "it matches where there is nothing, so it would hide something between any two letters";

/// Patterns of which each one compiles and none matches everywhere.
pub fn list_of_patterns<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let patterns = list(from, "a list of patterns: write ['\\bID-\\d{6}\\b'], or one pattern a line")?;
    for pattern in &patterns {
        check(pattern)
            .map_err(|why| D::Error::custom(format_args!("{} is not a pattern: {why}", quoted(pattern))))?;
    }
    Ok(patterns)
}

fn check(pattern: &str) -> Result<(), String> {
    let because = |error: PatternError| last_line(&error.source().unwrap_or(&error).to_string());
    let masker = Masker::new(&[pattern.to_owned()]).map_err(because)?;
    if masker.mask("").is_empty() { Ok(()) } else { Err(EVERYWHERE.to_owned()) }
}

/// The compiler draws the pattern over several lines before it says what is wrong with it.
fn last_line(error: &str) -> String {
    let line = error.lines().last().unwrap_or(error);
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_pattern_fits_on_a_line() {
        assert_eq!(check(r"\bID-\d{6}\b"), Ok(()));
        assert_eq!(check("(").unwrap_err(), "unclosed group");
        assert!(check("x*").unwrap_err().starts_with("it matches where there is nothing"));
        assert!(!check("a{1000}{1000}{1000}").unwrap_err().contains('\n'));
    }
}
