//! How fast masking is on texts of every kind, and whether twice the text takes twice the time.
//!
//! `cargo bench --bench masker`, or with a part of a kind's name after `--`.

// Other benches use more of it.
#[allow(dead_code)]
#[path = "common/rounds.rs"]
mod rounds;

use rounds::{Figures, Subject};
use std::hint::black_box;
use strowger::core::mask::{Masker, Trail};

/// Bytes of the smaller text; the larger one has twice as many.
const BYTES: usize = 256 * 1024;
/// As many where nothing is measured, and the build may be a slow one.
const BYTES_UNMEASURED: usize = 2 * 1024;
/// Bytes of a message in a conversation.
const MESSAGE: usize = 100;

/// What is aimed at. Nothing fails below that: machines differ.
const AIM_PLAIN: f64 = 50.0;
const AIM_WORST: f64 = 15.0;
const AIM_RATIO: f64 = 2.2;

const CHAT: &str = "so how was your day? mine was long, but fine in the end\n\
    I was in Lisbon last spring, and the trams were full; the old town at night is what I miss the most!\n\
    did you see that film everybody talks about? I liked the music more than the story 😊\n\
    la fête était géniale, on a dansé jusqu'à minuit\n";

/// A kind of text by its name, and what it repeats.
const KINDS: &[(&str, &str)] = &[
    ("plain chat", CHAT),
    (
        "chat with numbers",
        "see you at 7, or call 98765 43210\nI have two cats, 14 books and +44 20 7946 0123\n",
    ),
    ("digits", "9876543210"),
    ("spaced digits", "9 8 7 6 5 4 3 2 1 0 "),
    ("number words", "nine eight double seven six twenty five "),
    ("glued words", "nineeightsevensixtwentyfive"),
    ("zero-width between digits", "9\u{200b}8\u{200d}7\u{2060}6\u{ad}5\u{feff}"),
    ("separators only", " - . , / ( ) : "),
    ("+1(", "+1("),
    ("dates", "24/12/2025 2025-12-24T18:30:15Z 6.1.24 "),
    ("hex", "10cc17d758d47676399c44403466660cda9c1ea0"),
    ("Devanagari digits", "९८७६५४३२१०"),
    ("fillers", "um and then uh so dash "),
    ("1x", "1x"),
    ("1o", "1o"),
    ("a1:", "a1:"),
    ("keycaps", "9\u{fe0f}\u{20e3}8\u{fe0f}\u{20e3}"),
];

const IN_MESSAGES: &str = "plain chat in messages of 100 bytes";

fn main() {
    let bytes = if rounds::is_to_measure() { BYTES } else { BYTES_UNMEASURED };
    let mut subjects = Vec::new();
    for &(name, part) in KINDS {
        subjects.extend([bytes, 2 * bytes].map(|bytes| Subject::new(name, move || masking(part, bytes))));
    }
    subjects.extend([bytes, 2 * bytes].map(|bytes| Subject::new(IN_MESSAGES, move || messages(bytes))));
    let Some(figures) = rounds::run("the masker", subjects) else { return };
    println!("\n{:<36} {:>8} {:>14} {:>10}", "the masker, on 256 KiB of", "MB/s", "t(2n) / t(n)", "at best");
    for pair in figures.as_chunks::<2>().0 {
        print_row(pair);
    }
}

fn print_row([half, whole]: &[Figures; 2]) {
    // Bytes in a nanosecond are thousands of millions in a second.
    let speed = BYTES as f64 / half.median * 1e3;
    // On a busy machine the longer of two runs is the one that is interrupted, so the fastest ones count as well.
    let (ratio, at_best) = (whole.median / half.median, whole.fastest / half.fastest);
    let aim = if half.name.starts_with("plain") { AIM_PLAIN } else { AIM_WORST };
    let slow = if speed < aim { format!("   below {aim} MB/s") } else { String::new() };
    let is_steep = ratio.min(at_best) > AIM_RATIO;
    let steep = if is_steep { format!("   above {AIM_RATIO} times") } else { String::new() };
    println!("{:<36} {speed:>8.1} {ratio:>14.2} {at_best:>10.2}{slow}{steep}", half.name);
}

/// So many bytes of a text, cut where a character ends.
fn text(part: &str, bytes: usize) -> String {
    let mut text = part.repeat(bytes / part.len() + 1);
    text.truncate(text.floor_char_boundary(bytes));
    text
}

fn masking(part: &str, bytes: usize) -> impl FnMut() {
    let (masker, text) = (Masker::default(), text(part, bytes));
    move || {
        black_box(masker.mask(black_box(&text)));
    }
}

/// As texts of one conversation are masked: with an eye on what the ones before showed.
fn messages(bytes: usize) -> impl FnMut() {
    let (masker, text) = (Masker::default(), text(CHAT, bytes));
    let mut messages = Vec::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (message, more) = rest.split_at(rest.floor_char_boundary(MESSAGE));
        messages.push(message.to_owned());
        rest = more;
    }
    move || {
        let mut trail = Trail::default();
        for message in &messages {
            black_box(masker.mask_next(&mut trail, black_box(message)));
        }
    }
}
