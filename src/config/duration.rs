//! Durations: `500ms`, `10s`, `30m`, `1h`, `30d`.
//!
//! A bare number other than 0 is refused, since nobody can tell whether it means seconds or milliseconds.

use std::time::Duration;

use serde::Deserializer;

use super::written::scalar;

/// Far more than any deadline needs, and little enough that no clock overflows by adding it.
const LONGEST: Duration = Duration::from_secs(3650 * 24 * 60 * 60);

/// A duration, of which 0 is simply the shortest.
pub fn plain<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    scalar(from, "a duration: write 500ms, 10s, 30m, 1h or 30d (at most 3650d)", parse)
}

/// A duration that 0 turns off.
pub fn limit<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    let expected = "a duration: write 500ms, 10s, 30m, 1h or 30d (at most 3650d), or 0 to turn it off";
    scalar(from, expected, |text| parse(text).map(|given| (!given.is_zero()).then_some(given)))
}

/// Reads one, as it stands in a setting. At most 3650 days.
pub fn parse(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let number: u64 = number.parse().ok()?;
    let milliseconds = match unit.trim_start() {
        "" if number == 0 => 0,
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    let given = Duration::from_millis(number.checked_mul(milliseconds)?);
    (given <= LONGEST).then_some(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_read() {
        let read = |text| parse(text).map(|given| given.as_millis());
        assert_eq!(read("500ms"), Some(500));
        assert_eq!(read("10s"), Some(10_000));
        assert_eq!(read("30m"), Some(1_800_000));
        assert_eq!(read("1h"), Some(3_600_000));
        assert_eq!(read("30d"), Some(2_592_000_000));
        assert_eq!(read("0"), Some(0));
        assert_eq!(read("0s"), Some(0));
        assert_eq!(read("10 s"), Some(10_000));
    }

    #[test]
    fn what_could_mean_two_things_is_refused() {
        for text in
            ["", "10", "s", "-1s", "1.5h", "1h30m", "10S", "10 sec", "٣s", "99999999999999999999s", "3651d"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse("18446744073709551615d"), None, "more milliseconds than there are");
    }
}
