//! Folds one character into what it means to a reader of numbers: a digit, a letter, nothing visible, or a
//! mark.
//!
//! Owns the Unicode tables behind that fold. It must never know about words, numbers or messages, and it
//! never rewrites text: offsets stay those of the input.

use std::cmp::Ordering;
use std::sync::OnceLock;

use tables::{DIGITS, INVISIBLE};

mod tables;

/// What a reader sees in one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Glyph {
    /// A digit of any script or style, 0 to 9.
    Digit(u8),
    /// A letter, or a sign that spells with letters.
    Letter,
    /// Takes no room of its own: joiners, fillers, direction marks, marks over and under other characters.
    Invisible,
    /// Anything else: spaces, punctuation, symbols.
    Mark(Marks),
}

/// A set of kinds of marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks(u32);

impl Marks {
    pub(super) const NONE: Self = Self(0);
    pub(super) const SPACE: Self = Self(1);
    pub(super) const NEWLINE: Self = Self(1 << 1);
    pub(super) const DASH: Self = Self(1 << 2);
    pub(super) const DOT: Self = Self(1 << 3);
    pub(super) const COMMA: Self = Self(1 << 4);
    pub(super) const SEMICOLON: Self = Self(1 << 5);
    pub(super) const COLON: Self = Self(1 << 6);
    pub(super) const SLASH: Self = Self(1 << 7);
    pub(super) const PLUS: Self = Self(1 << 8);
    pub(super) const OPEN: Self = Self(1 << 9);
    pub(super) const CLOSE: Self = Self(1 << 10);
    pub(super) const STAR: Self = Self(1 << 11);
    pub(super) const EQUALS: Self = Self(1 << 12);
    pub(super) const CURRENCY: Self = Self(1 << 13);
    pub(super) const PERCENT: Self = Self(1 << 14);
    pub(super) const DEGREE: Self = Self(1 << 15);
    pub(super) const CARET: Self = Self(1 << 16);
    pub(super) const TIMES: Self = Self(1 << 17);
    pub(super) const UNDERSCORE: Self = Self(1 << 18);
    pub(super) const QUOTE: Self = Self(1 << 19);
    pub(super) const OTHER: Self = Self(1 << 20);
    /// One letter between two digits, as in `7x1x5`.
    pub(super) const LETTER: Self = Self(1 << 21);
    /// A word that only adds: "and", "aur".
    pub(super) const AND: Self = Self(1 << 22);
    /// A word that continues: "then", "second half".
    pub(super) const THEN: Self = Self(1 << 23);
    /// A separator spelled out: "dash", "dot".
    pub(super) const NAMED: Self = Self(1 << 24);

    const BLANK: Self = Self(Self::SPACE.0 | Self::NEWLINE.0);

    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether any of `other` is in the set.
    pub(super) const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether nothing but `other` is in the set.
    pub(super) const fn only(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    pub(super) const fn is_blank(self) -> bool {
        self.only(Self::BLANK)
    }
}

/// What `c` means to a reader of numbers.
pub(super) fn fold(c: char) -> Glyph {
    let code = u32::from(c);
    let page = usize::try_from(code / PAGE).ok().and_then(|number| BASIC_PLANE.get(number));
    match page {
        Some(page) => {
            let glyphs = page.get_or_init(|| glyphs_of_page(code / PAGE));
            let place = usize::try_from(code % PAGE).unwrap_or_default();
            glyphs.get(place).copied().unwrap_or(Glyph::Invisible)
        }
        None if EMOJI.contains(&c) => Glyph::Mark(Marks::OTHER),
        None => beyond_ascii(c),
    }
}

/// First bytes of Chinese and Japanese signs, from U+3000 to U+9FFF.
pub(super) const IDEOGRAPHS: std::ops::RangeInclusive<u8> = 0xe3..=0xe9;

/// Where most emoji are; no digits and no letters among them.
const EMOJI: std::ops::Range<char> = '\u{1f300}'..'\u{1fb00}';

/// What an ASCII `byte` means; as `fold`, without the way round.
#[inline]
pub(super) fn fold_ascii(byte: u8) -> Glyph {
    ASCII.get(usize::from(byte)).copied().unwrap_or(Glyph::Invisible)
}

static ASCII: [Glyph; 128] = {
    let mut glyphs = [Glyph::Invisible; 128];
    let mut byte = 0;
    while byte < 128 {
        if let Some(glyph) = glyphs.split_at_mut(byte as usize).1.first_mut() {
            *glyph = ascii(byte);
        }
        byte += 1;
    }
    glyphs
};

/// Characters of a page.
const PAGE: u32 = 256;

type Page = [Glyph; PAGE as usize];

/// The characters most text is made of, page by page, each worked out when a text first needs it: asking the
/// tables each time is ten times slower, and most pages are never needed.
static BASIC_PLANE: [OnceLock<Box<Page>>; 256] = [const { OnceLock::new() }; 256];

#[cold]
fn glyphs_of_page(number: u32) -> Box<Page> {
    let slow = |c: char| if c.is_ascii() { fold_ascii(c as u8) } else { beyond_ascii(c) };
    let mut codes = number * PAGE..;
    let mut next = || codes.next().and_then(char::from_u32).map_or(Glyph::Invisible, slow);
    Box::new(std::array::from_fn(|_| next()))
}

const fn ascii(byte: u8) -> Glyph {
    match byte {
        b'0'..=b'9' => Glyph::Digit(byte - b'0'),
        b'a'..=b'z' | b'A'..=b'Z' => Glyph::Letter,
        b' ' | b'\t' => Glyph::Mark(Marks::SPACE),
        b'\n' | b'\r' | 0x0b | 0x0c => Glyph::Mark(Marks::NEWLINE),
        0..=0x1f | 0x7f => Glyph::Invisible,
        _ => Glyph::Mark(ascii_mark(byte)),
    }
}

const fn ascii_mark(byte: u8) -> Marks {
    match byte {
        b'-' => Marks::DASH,
        b'.' => Marks::DOT,
        b',' => Marks::COMMA,
        b';' => Marks::SEMICOLON,
        b':' => Marks::COLON,
        b'/' => Marks::SLASH,
        b'+' => Marks::PLUS,
        b'(' | b'[' | b'{' | b'<' => Marks::OPEN,
        b')' | b']' | b'}' | b'>' => Marks::CLOSE,
        b'*' => Marks::STAR,
        b'=' => Marks::EQUALS,
        b'$' => Marks::CURRENCY,
        b'%' => Marks::PERCENT,
        b'^' => Marks::CARET,
        b'_' => Marks::UNDERSCORE,
        b'"' | b'\'' | b'`' => Marks::QUOTE,
        _ => Marks::OTHER,
    }
}

fn beyond_ascii(c: char) -> Glyph {
    // Most text in other scripts is letters; the tables are short enough to ask in this order all the same.
    if is_invisible(c) {
        Glyph::Invisible
    } else if matches!(c, 'ー' | 'ｰ') {
        // Unicode calls the mark of a long vowel a letter; between digits it is a dash.
        Glyph::Mark(Marks::DASH)
    } else if let Some(digit) = digit(c) {
        Glyph::Digit(digit)
    } else if c.is_alphabetic() {
        Glyph::Letter
    } else if c.is_whitespace() {
        Glyph::Mark(if matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}') {
            Marks::NEWLINE
        } else {
            Marks::SPACE
        })
    } else {
        Glyph::Mark(other_mark(c))
    }
}

fn other_mark(c: char) -> Marks {
    match c {
        '‐'..='―' | '−' | '－' | '﹘' | '﹣' | '־' | '⁃' | '➖' => Marks::DASH,
        '．' | '。' | '·' | '۔' | '।' => Marks::DOT,
        '，' | '،' | '、' => Marks::COMMA,
        '；' | '؛' => Marks::SEMICOLON,
        '：' => Marks::COLON,
        '／' | '⁄' | '∕' | '÷' => Marks::SLASH,
        '＋' | '➕' | '﹢' | '⁺' | '₊' => Marks::PLUS,
        '（' | '［' | '【' | '⁽' | '❨' => Marks::OPEN,
        '）' | '］' | '】' | '⁾' | '❩' => Marks::CLOSE,
        '＝' => Marks::EQUALS,
        '¢'..='¥' | '₠'..='⃀' | '฿' | '৳' | '﷼' | '＄' | '￡' | '￥' => Marks::CURRENCY,
        '％' | '‰' | '٪' => Marks::PERCENT,
        '°' | 'º' => Marks::DEGREE,
        '×' | '✕' | '✖' => Marks::TIMES,
        '‘'..='‟' | '′' | '″' | '«' | '»' => Marks::QUOTE,
        _ => Marks::OTHER,
    }
}

/// The digit `c` shows, in any script or style.
fn digit(c: char) -> Option<u8> {
    let code = u32::from(c);
    let at = DIGITS.binary_search_by(|run| run.compare(code)).ok()?;
    let run = DIGITS.get(at)?;
    let offset = u8::try_from((code - run.first) % 10).ok()?;
    Some((offset + run.shows) % 10)
}

fn is_invisible(c: char) -> bool {
    let code = u32::from(c);
    INVISIBLE
        .binary_search_by(|&(first, last)| {
            if last < code {
                Ordering::Less
            } else if first > code {
                Ordering::Greater
            } else {
                Ordering::Equal
            }
        })
        .is_ok()
}

/// Consecutive characters that show consecutive digits, going round after 9.
struct DigitRun {
    first: u32,
    last: u32,
    shows: u8,
}

impl DigitRun {
    const fn ten(first: u32) -> Self {
        Self { first, last: first + 9, shows: 0 }
    }

    const fn run(first: u32, last: u32, shows: u8) -> Self {
        Self { first, last, shows }
    }

    fn compare(&self, code: u32) -> Ordering {
        if self.last < code {
            Ordering::Less
        } else if self.first > code {
            Ordering::Greater
        } else {
            Ordering::Equal
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_digits_of_every_script() {
        for (seven, name) in [
            ('7', "ASCII"),
            ('٧', "Arabic"),
            ('७', "Devanagari"),
            ('๗', "Thai"),
            ('７', "wide"),
            ('⑦', "circled"),
        ] {
            assert_eq!(fold(seven), Glyph::Digit(7), "{name}");
        }
        for seven in ['₇', '⁷', '➐', '⑺', 'Ⅶ', '𝟕', '𝟳', '🯷', '𑁭'] {
            assert_eq!(fold(seven), Glyph::Digit(7), "{seven}");
        }
    }

    #[test]
    fn sees_nothing_in_joiners() {
        for c in
            ['\u{200b}', '\u{ad}', '\u{fe0f}', '\u{20e3}', '\u{336}', '\u{2066}', '\u{3164}', '\u{e0031}']
        {
            assert_eq!(fold(c), Glyph::Invisible, "{c:?}");
        }
    }

    #[test]
    fn keeps_its_tables_sorted() {
        assert!(DIGITS.is_sorted_by(|a, b| a.last < b.first));
        assert!(INVISIBLE.is_sorted_by(|a, b| a.1 < b.0));
    }
}
