//! `strowger mask`: lines in, masked lines out.
//!
//! Owns the line format only; what a number looks like is the masker's business. A line that can't be read
//! is never passed on.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Read, Write};
use std::process::ExitCode;

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::config::Chat;
use crate::core::mask::{Masker, Trail};

/// Reads standard input to its end.
pub fn run(chat: &Chat, json: bool) -> ExitCode {
    let Ok(masker) = Masker::new(&chat.mask_also) else {
        return super::complain(&"chat.mask_also holds a pattern that can't be used", super::MISUSED);
    };
    super::written(filter(&masker, json, io::stdin().lock(), io::stdout().lock()))
}

fn filter(masker: &Masker, json: bool, input: impl Read, output: impl Write) -> io::Result<()> {
    let mut input = BufReader::new(input);
    let mut output = BufWriter::new(output);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let masked = if json { object(masker, &line) } else { Ok(plain(masker, &line)) };
        output.write_all(masked.map_err(|error| at_line(number, &error))?.as_bytes())?;
        // Somebody who writes a line and waits gets it at once; a long file goes in large pieces.
        if input.buffer().is_empty() {
            output.flush()?;
        }
    }
    output.flush()
}

fn plain(masker: &Masker, line: &[u8]) -> String {
    let line = String::from_utf8_lossy(line);
    let (text, end) = line.split_at(line.trim_end_matches(['\r', '\n']).len());
    format!("{}{end}", masker.mask(text))
}

fn object(masker: &Masker, line: &[u8]) -> serde_json::Result<String> {
    if line.trim_ascii().is_empty() {
        return Ok("\n".to_owned());
    }
    let wanted: Wanted = serde_json::from_slice(line)?;
    let masked = match &wanted {
        Wanted { text: Some(text), messages: None } => to_raw_value(&masker.mask(text)),
        Wanted { text: None, messages: Some(messages) } => to_raw_value(&conversation(masker, messages)),
        _ => return Err(de::Error::custom("neither or both")),
    }?;
    let mut members: Members = serde_json::from_slice(line)?;
    members.0.retain(|(name, _)| name != "masked");
    members.0.push(("masked".to_owned(), masked));
    Ok(serde_json::to_string(&members)? + "\n")
}

/// The messages of one sender, in which a number may be spread over several.
fn conversation<'a>(masker: &Masker, messages: &'a [String]) -> Vec<Cow<'a, str>> {
    let mut trail = Trail::default();
    messages.iter().map(|message| masker.mask_next(&mut trail, message)).collect()
}

/// Says where, and not what: the parser's own words would quote the text that was to be hidden.
fn at_line(number: usize, error: &serde_json::Error) -> io::Error {
    let wanted = r#"an object with a string "text" or a list of strings "messages""#;
    let place = format!("line {number} of the input, column {}", error.column());
    io::Error::new(ErrorKind::InvalidData, format!("{place}: this is not {wanted}"))
}

#[derive(Deserialize)]
struct Wanted {
    text: Option<String>,
    messages: Option<Vec<String>>,
}

/// An object's members in their order and as they were written, digits of long numbers included.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(json: bool, input: &str) -> (String, Option<String>) {
        let mut output = Vec::new();
        let masker = Masker::new(&[]).unwrap();
        let error = filter(&masker, json, input.as_bytes(), &mut output).err();
        (String::from_utf8(output).unwrap(), error.map(|error| error.to_string()))
    }

    #[test]
    fn lines_keep_their_ends() {
        let (output, error) = through(false, "call +919876543210\r\n\nhello");
        assert_eq!((output.as_str(), error), ("call [hidden]\r\n\nhello", None));
    }

    #[test]
    fn an_object_keeps_what_it_had() {
        let (output, _) =
            through(true, r#"{"id":12345678901234567890123,"text":"call +919876543210","masked":1}"#);
        let expected =
            r#"{"id":12345678901234567890123,"text":"call +919876543210","masked":"call [hidden]"}"#;
        assert_eq!(output, format!("{expected}\n"));
    }

    #[test]
    fn messages_are_masked_one_by_one() {
        let (output, _) = through(true, r#"{"messages":["hello","call +919876543210"]}"#);
        let expected = r#"{"messages":["hello","call +919876543210"],"masked":["hello","call [hidden]"]}"#;
        assert_eq!(output, format!("{expected}\n"));
    }

    #[test]
    fn what_cannot_be_read_is_not_passed_on() {
        for line in [
            "{",
            "5",
            "{}",
            r#""+919876543210""#,
            r#"{"text":5}"#,
            r#"{"text":"a","messages":[]}"#,
            "+919876543210",
        ] {
            let (output, error) = through(true, &format!("{{\"text\":\"hi\"}}\n{line}\n"));
            assert_eq!(output, "{\"text\":\"hi\",\"masked\":\"hi\"}\n", "{line}");
            let error = error.unwrap();
            assert!(error.starts_with("line 2 of the input, "), "{line}");
            assert!(!error.contains("+91"), "{line}");
        }
    }
}
