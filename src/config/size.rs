//! Sizes: bytes, or `64KiB`, `1MiB`, `1GiB`.

use serde::Deserializer;

use super::written::scalar;

/// A size that 0 turns off.
pub fn limit<'de, D: Deserializer<'de>>(from: D) -> Result<Option<usize>, D::Error> {
    let expected = "a size: write bytes, or 64KiB, 1MiB or 1GiB, or 0 to turn it off";
    scalar(from, expected, |text| parse(text).map(|given| (given > 0).then_some(given)))
}

/// A size that has to be there.
pub fn needed<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
    let expected = "a size above 0: write bytes, or 64KiB, 1MiB or 1GiB";
    scalar(from, expected, |text| parse(text).filter(|given| *given > 0))
}

fn parse(text: &str) -> Option<usize> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let bytes = match unit.trim_start() {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.parse::<usize>().ok()?.checked_mul(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_read() {
        assert_eq!(parse("65536"), Some(65_536));
        assert_eq!(parse("64KiB"), Some(65_536));
        assert_eq!(parse("1 MiB"), Some(1_048_576));
        assert_eq!(parse("1GiB"), Some(1_073_741_824));
        assert_eq!(parse("0"), Some(0));
    }

    #[test]
    fn thousands_are_not_mistaken_for_1024() {
        for text in ["", "1MB", "1kb", "1 M", "-1", "1.5MiB", "MiB", "99999999999999999999"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse("18446744073709551615GiB"), None, "more bytes than there are");
    }
}
