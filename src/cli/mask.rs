//! `strowger mask`: lines in, masked lines out.
//!
//! Owns the line format only; what a number looks like is the masker's business. A line that can't be read
//! is never passed on. `blocks` reads whole lines, `pool` masks them on all cores, `outlet` writes them in
//! their order, and `progress` tells somebody who waits how far it is.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, ErrorKind};
use std::process::ExitCode;

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::config::Chat;
use crate::core::mask::{Masker, Trail};

use blocks::{Block, Blocks};
use progress::Progress;

mod blocks;
mod outlet;
mod pool;
mod progress;

/// How lines are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// A line is a text.
    Plain,
    /// A line is an object, and a conversation of its own.
    Json,
}

/// Reads standard input to its end.
pub fn run(chat: &Chat, json: bool, quiet: bool) -> ExitCode {
    let Ok(masker) = Masker::new(&chat.mask_also) else {
        return super::complain(&"chat.mask_also holds a pattern that can't be used", super::MISUSED);
    };
    let format = if json { Format::Json } else { Format::Plain };
    let mut progress = Progress::of_this_process(quiet);
    let input = Blocks::new(io::stdin().lock(), blocks::standard_input_is_ready);
    let work = |block: &Block| format.mask(&masker, block);
    let result = pool::filter(input, io::stdout(), &work, &mut progress);
    progress.end(result.is_ok());
    super::written(result)
}

impl Format {
    /// The block's lines, masked, up to the first that can't be read.
    fn mask(self, masker: &Masker, block: &Block) -> (Vec<u8>, io::Result<()>) {
        let mut masked = Vec::with_capacity(block.bytes.len());
        for (line, number) in block.bytes.split_inclusive(|&byte| byte == b'\n').zip(block.first_line..) {
            match self {
                Self::Plain => plain(masker, line, &mut masked),
                Self::Json => match object(masker, line) {
                    Ok(object) => masked.extend_from_slice(object.as_bytes()),
                    Err(error) => return (masked, Err(at_line(number, &error))),
                },
            }
        }
        (masked, Ok(()))
    }
}

fn plain(masker: &Masker, line: &[u8], masked: &mut Vec<u8>) {
    let line = String::from_utf8_lossy(line);
    let (text, end) = line.split_at(line.trim_end_matches(['\r', '\n']).len());
    masked.extend_from_slice(masker.mask(text).as_bytes());
    masked.extend_from_slice(end.as_bytes());
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
mod tests;
