//! Reads a value however it was written: as a TOML string, number or boolean, or as a variable's text.
//!
//! The `config` crate would convert on its own, but its words name Rust types, and every kind of value has
//! to be readable from plain text anyway. So all of them are read from text, by one function each, and what
//! goes wrong is said in the words of the settings. It must never know which setting it reads.

use std::fmt;

use serde::Deserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};

/// Reads one value by `read`, which answers `None` for what is not `expected`.
pub fn scalar<'de, D, T>(from: D, expected: &'static str, read: fn(&str) -> Option<T>) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
{
    let text = from.deserialize_any(Text { expected })?;
    read(text.trim()).ok_or_else(|| D::Error::custom(format_args!("{} is not {expected}", quoted(&text))))
}

/// Reads a text as it is, for somebody who must not quote it.
pub fn text<'de, D: Deserializer<'de>>(from: D, expected: &'static str) -> Result<String, D::Error> {
    Ok(from.deserialize_any(Text { expected })?.trim().to_owned())
}

/// Reads a list of texts: a TOML array, or one text with an entry a line or with such an array in it.
pub fn list<'de, D: Deserializer<'de>>(from: D, expected: &'static str) -> Result<Vec<String>, D::Error> {
    from.deserialize_any(List { expected })
}

/// A value as an error message shows it: on one line, and not too much of it.
pub fn quoted(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{:?}...", &text[..cut]),
        None => format!("{text:?}"),
    }
}

struct Text {
    expected: &'static str,
}

impl<'de> Visitor<'de> for Text {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<String, E> {
        Ok(format!("{number:?}"))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<String, E> {
        Ok(truth.to_string())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<String, A::Error> {
        Err(A::Error::custom(format_args!("a list is not {}", self.expected)))
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<String, A::Error> {
        Err(A::Error::custom(format_args!("a table is not {}", self.expected)))
    }
}

struct List {
    expected: &'static str,
}

impl<'de> Visitor<'de> for List {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Vec<String>, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) = entries.next_element::<Entry>()? {
            list.push(entry.0);
        }
        Ok(list)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<String>, E> {
        if looks_like_an_array(text) {
            return array(text)
                .ok_or_else(|| E::custom(format_args!("{} is not {}", quoted(text), self.expected)));
        }
        Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
    }
}

/// `[0-9]` is a pattern and `["a"]` a list of them: only brackets around quotes, or around nothing, are a
/// list.
fn looks_like_an_array(text: &str) -> bool {
    let inside = text.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inside.map(str::trim).is_some_and(|inside| inside.is_empty() || inside.starts_with(['"', '\'']))
}

fn array(text: &str) -> Option<Vec<String>> {
    let document = ::config::File::from_str(&format!("list = {text}"), ::config::FileFormat::Toml);
    let entries = ::config::Source::collect(&document).ok()?.remove("list")?;
    entries
        .try_deserialize::<Vec<Entry>>()
        .ok()
        .map(|entries| entries.into_iter().map(|entry| entry.0).collect())
}

/// A text and nothing else: `[5]` is no list of texts.
struct Entry(String);

impl<'de> serde::Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(OnlyText).map(Entry)
    }
}

struct OnlyText;

impl Visitor<'_> for OnlyText {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text in quotes")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }
}
