//! Lines in, masked lines out: their order, their ends, and what stops them.

use std::io::{Read, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

fn masked(format: Format, input: impl Read, output: impl Write + Send) -> io::Result<()> {
    let masker = Masker::default();
    let work = |block: &Block| format.mask(&masker, block);
    pool::filter(Blocks::new(input, || true), output, &work, &mut Progress::default())
}

fn through(format: Format, input: &[u8]) -> (String, Option<String>) {
    let mut output = Vec::new();
    let error = masked(format, input, &mut output).err();
    (String::from_utf8(output).unwrap(), error.map(|error| error.to_string()))
}

/// Gives what it holds in pieces of such a size, over and over.
struct Pieces<'p>(&'p [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let size = self.1.min(into.len());
        self.0.read(&mut into[..size])
    }
}

#[test]
fn lines_keep_their_ends() {
    let (output, error) = through(Format::Plain, b"call +919876543210\r\n\nhello");
    assert_eq!((output.as_str(), error), ("call [hidden]\r\n\nhello", None));
}

#[test]
fn an_object_keeps_what_it_had() {
    let (output, _) =
        through(Format::Json, br#"{"id":12345678901234567890123,"text":"call +919876543210","masked":1}"#);
    let expected = r#"{"id":12345678901234567890123,"text":"call +919876543210","masked":"call [hidden]"}"#;
    assert_eq!(output, format!("{expected}\n"));
}

#[test]
fn messages_are_masked_one_by_one() {
    let (output, _) = through(Format::Json, br#"{"messages":["hello","call +919876543210"]}"#);
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
        let (output, error) = through(Format::Json, format!("{{\"text\":\"hi\"}}\n{line}\n").as_bytes());
        assert_eq!(output, "{\"text\":\"hi\",\"masked\":\"hi\"}\n", "{line}");
        let error = error.unwrap();
        assert!(error.starts_with("line 2 of the input, "), "{line}");
        assert!(!error.contains("+91"), "{line}");
    }
}

/// Many lines of many lengths, some of them with numbers, and none like another.
fn long_chat(bytes: usize) -> String {
    let mut chat = String::with_capacity(bytes + 200);
    for number in 0_u64.. {
        if chat.len() >= bytes {
            break;
        }
        let end = ["\n", "\r\n", "\n\n"][number as usize % 3];
        let words = "so it goes, ".repeat(number as usize % 9);
        chat += &format!("{words}call +91 98{:08} or not {number}{end}", number * 7_919 % 100_000_000);
    }
    chat
}

#[test]
fn many_blocks_come_out_as_one_would() {
    let chat = long_chat(2 * blocks::MOST_AT_ONCE);
    let masker = Masker::default();
    let one_by_one = |chat: &str| {
        chat.split_inclusive('\n').fold(String::new(), |mut all, line| {
            let (text, end) = line.split_at(line.trim_end_matches(['\r', '\n']).len());
            all.extend([&masker.mask(text), end]);
            all
        })
    };
    // As a file gives them, as a pipe does, and as a slow network might.
    for (size, bytes) in [(usize::MAX, chat.len()), (60_000, 200_000), (419, 40_000)] {
        let mut output = Vec::new();
        masked(Format::Plain, Pieces(&chat.as_bytes()[..bytes], size), &mut output).unwrap();
        assert!(output == one_by_one(&chat[..bytes]).as_bytes(), "in pieces of {size} bytes");
    }
}

#[test]
fn a_line_may_be_longer_than_a_block() {
    let words = "w ".repeat(blocks::MOST_AT_ONCE / 2);
    let (output, error) = through(Format::Plain, format!("{words}9876543210\nhello 98765").as_bytes());
    assert!(output == format!("{words}[hidden]\nhello 98765") && error.is_none());
}

#[test]
fn bytes_that_are_no_text_are_replaced() {
    let (output, error) = through(Format::Plain, b"\xff call 9876543210\n\xf0\x9f\n9876\xff543210");
    assert_eq!((output.as_str(), error), ("\u{fffd} call [hidden]\n\u{fffd}\n[hidden]", None));
}

#[test]
fn a_line_that_stops_it_is_counted_over_all_blocks() {
    let line = "{\"text\":\"so it goes\"}\n";
    let good = 3 * blocks::MOST_AT_ONCE / line.len();
    let input = format!("{}5\n{}6\n", line.repeat(good), line.repeat(good));
    let (output, error) = through(Format::Json, input.as_bytes());
    assert_eq!(output.lines().count(), good);
    assert!(output.ends_with("{\"text\":\"so it goes\",\"masked\":\"so it goes\"}\n"));
    assert!(error.unwrap().starts_with(&format!("line {} of the input, column ", good + 1)));
}

/// Bytes of a piece of input that is counted.
const PIECE: usize = 4 * 1024;
/// Pieces that may be under way: two for each thread, one that is on its way to them, and one that is read.
const MOST_UNDER_WAY: usize = 2 * pool::MOST_WORKERS + 2;

/// Bytes that were read, those that were not yet written then, and the most that these ever were.
#[derive(Default)]
struct UnderWay {
    read: AtomicUsize,
    now: AtomicUsize,
    most: AtomicUsize,
}

/// So many pieces of empty lines.
struct CountedInput<'u>(usize, &'u UnderWay);

impl Read for CountedInput<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some(left) = self.0.checked_sub(1) else { return Ok(0) };
        self.0 = left;
        into[..PIECE].fill(b'\n');
        self.1.read.fetch_add(PIECE, Ordering::SeqCst);
        let now = self.1.now.fetch_add(PIECE, Ordering::SeqCst) + PIECE;
        self.1.most.fetch_max(now, Ordering::SeqCst);
        Ok(PIECE)
    }
}

struct CountedOutput<'u>(&'u UnderWay);

impl Write for CountedOutput<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.now.fetch_sub(bytes.len(), Ordering::SeqCst);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Gives back what it gets, and takes far longer than reading it.
fn slowly(block: &Block) -> (Vec<u8>, io::Result<()>) {
    let again = (0..32).flat_map(|_| &block.bytes);
    std::hint::black_box(again.fold(0_u8, |sum, &byte| sum.wrapping_mul(31) ^ byte));
    (block.bytes.clone(), Ok(()))
}

#[test]
fn a_long_input_is_never_in_memory_as_a_whole() {
    let under_way = UnderWay::default();
    let input = Blocks::new(CountedInput(300, &under_way), || true);
    pool::filter(input, CountedOutput(&under_way), &slowly, &mut Progress::default()).unwrap();
    assert_eq!((under_way.read.into_inner(), under_way.now.into_inner()), (300 * PIECE, 0));
    let most = under_way.most.into_inner() / PIECE;
    assert!(most <= MOST_UNDER_WAY, "{most} pieces were under way, at most {MOST_UNDER_WAY} should be");
}

/// Takes so many bytes, then nobody is there any more.
struct Hole(usize);

impl Write for Hole {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn nothing_is_read_for_an_output_that_is_gone() {
    let under_way = UnderWay::default();
    let input = Blocks::new(CountedInput(300, &under_way), || true);
    let error = pool::filter(input, Hole(10 * PIECE), &slowly, &mut Progress::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    let (read, most) = (under_way.read.into_inner() / PIECE, 11 + MOST_UNDER_WAY);
    assert!(read <= most, "{read} pieces were read, at most {most} should be");
}

/// Fails when it is read after so many bytes.
struct Broken(usize);

impl Read for Broken {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.0.min(into.len());
        self.0 -= count;
        into[..count].fill(b'\n');
        if count == 0 { Err(io::Error::other("the disk is gone")) } else { Ok(count) }
    }
}

#[test]
fn what_came_before_a_broken_input_is_written() {
    let mut output = Vec::new();
    let size = 3 * blocks::MOST_AT_ONCE;
    let error = masked(Format::Plain, Broken(size), &mut output).unwrap_err();
    assert_eq!((error.to_string().as_str(), output.len()), ("the disk is gone", size));
}

/// An output that can be looked at meanwhile.
struct Shared<'o>(&'o Mutex<String>);

impl Write for Shared<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Gives a byte at a time, and sees to it that all whole lines before it are out by then.
struct Waiting<'o> {
    input: &'static str,
    given: usize,
    output: &'o Mutex<String>,
}

impl Read for Waiting<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let (given, rest) = self.input.split_at(self.given);
        let lines = given.rfind('\n').map_or("", |end| &given[..=end]);
        assert_eq!(*self.output.lock().unwrap(), lines.replace("9876543210", "[hidden]"));
        let count = rest.as_bytes().read(&mut into[..1])?;
        self.given += count;
        Ok(count)
    }
}

#[test]
fn everything_is_written_before_it_waits_for_more() {
    let output = Mutex::default();
    let masker = Masker::default();
    let work = |block: &Block| Format::Plain.mask(&masker, block);
    let input = Waiting { input: "first 9876543210\nsecond\nthi", given: 0, output: &output };
    let blocks = Blocks::new(input, || false);
    pool::filter(blocks, Shared(&output), &work, &mut Progress::default()).unwrap();
    assert_eq!(output.into_inner().unwrap(), "first [hidden]\nsecond\nthi");
}
