//! Tokens of letters and digits mixed: identifiers in hexadecimal, and digits dressed up as letters.
//!
//! Owns what can be told from the characters of one token alone. Every look ahead is bounded or consumes what
//! it saw, so that reading stays linear.

use super::glyph::{self, Glyph};

/// Bytes of a token that is looked at as digits with letters among them.
const LONGEST_DRESSED: usize = 32;
/// Hexadecimal digits in a row that are a hash and no number, where letters and digits take turns often, and
/// where no number could hide between the letters.
const SHORTEST_HASH: usize = 16;
const SHORTEST_SHORT_HASH: usize = 8;
/// Digits side by side that a short hash may have.
const MOST_DIGITS_OF_HASH: usize = 8;

/// Groups from which on looking at them once is enough.
const MANY_GROUPS: usize = 4;

/// Which mixed tokens may start with two bytes: a quick no for nearly every word.
#[derive(Clone, Copy)]
pub(super) struct Opening(u8);

impl Opening {
    const HEXADECIMAL: u8 = 1;
    const DRESSED: u8 = 2;
    /// Bits by which what a second byte allows stands beside what a first byte does.
    const SECOND: u32 = 2;

    #[inline]
    pub(super) fn of(bytes: [u8; 2]) -> Self {
        let [first, second] = bytes.map(|byte| OPENINGS.get(usize::from(byte)).copied().unwrap_or_default());
        Self(first & (second >> Self::SECOND))
    }

    pub(super) fn is_none(self) -> bool {
        self.0 == 0
    }

    pub(super) fn is_hexadecimal(self) -> bool {
        self.0 & Self::HEXADECIMAL > 0
    }

    pub(super) fn is_dressed(self) -> bool {
        self.0 & Self::DRESSED > 0
    }
}

/// What each byte may open.
static OPENINGS: [u8; 256] = {
    let mut openings = [0; 256];
    let mut rest: &mut [u8] = &mut openings;
    let mut byte = 0_u8;
    while let Some((opening, more)) = rest.split_first_mut() {
        *opening = opens(byte);
        rest = more;
        byte = byte.wrapping_add(1);
    }
    openings
};

const fn opens(byte: u8) -> u8 {
    let letter = is_often_a_digit(byte as char) || may_be_a_digit(byte as char);
    let dressed = byte.is_ascii_digit() || byte == b'|' || !byte.is_ascii() || letter;
    let dressed = if dressed { Opening::DRESSED } else { 0 };
    let hexadecimal = byte.is_ascii_hexdigit() || matches!(byte, b'x' | b'X');
    let both = dressed | if hexadecimal { Opening::HEXADECIMAL } else { 0 };
    // A colon only parts hexadecimal digits.
    let second = both | if byte == b':' { Opening::HEXADECIMAL } else { 0 };
    both | second << Opening::SECOND
}

/// The length of a UUID, a hash, a hardware or an IPv6 address at the start of `rest`; or, if there is none,
/// the bytes in which none need be looked for again.
pub(super) fn hexadecimal(rest: &str) -> Result<usize, usize> {
    let bytes = rest.as_bytes();
    if let Some(length) = prefixed_hash(bytes) {
        return Ok(length);
    }
    grouped_hexadecimal(bytes).or_else(|looked_at| hash(bytes).ok_or(looked_at))
}

fn hex_digits(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_hexdigit()).count()
}

fn hex_letters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).count()
}

fn ends_word(byte: Option<&u8>) -> bool {
    byte.is_none_or(|byte| !byte.is_ascii_alphanumeric() && byte.is_ascii())
}

/// `0x7f71cfa`.
fn prefixed_hash(bytes: &[u8]) -> Option<usize> {
    let digits = bytes.strip_prefix(b"0x").or_else(|| bytes.strip_prefix(b"0X"))?;
    let length = hex_digits(digits);
    let is_hash = length > 0 && hex_letters(digits.get(..length)?) > 0 && ends_word(digits.get(length));
    is_hash.then_some(2 + length)
}

/// `10cc17d758d47676399c44403466660cda9c1ea0`: letters and digits take turns, which digits with letters at
/// one end do not.
fn hash(bytes: &[u8]) -> Option<usize> {
    let length = hex_digits(bytes);
    if length < SHORTEST_SHORT_HASH {
        return None;
    }
    let word = bytes.get(..length)?;
    let first = word.iter().find(|byte| byte.is_ascii_alphabetic())?;
    // One letter again and again parts the digits of a number.
    if !word.iter().any(|byte| byte.is_ascii_alphabetic() && byte != first) {
        return None;
    }
    let turns = word
        .windows(2)
        .filter(|pair| matches!(pair, [a, b] if a.is_ascii_digit() != b.is_ascii_digit()))
        .count();
    let longest = word.split(|byte| !byte.is_ascii_digit()).map(<[u8]>::len).max().unwrap_or_default();
    let long = length >= SHORTEST_HASH && turns >= 4;
    let short = length >= SHORTEST_SHORT_HASH && turns >= 2 && longest <= MOST_DIGITS_OF_HASH;
    // Letters and digits one by one are a number with letters between.
    let combed = turns + 1 == length;
    (!combed && (long || short) && ends_word(bytes.get(length))).then_some(length)
}

/// Groups of hexadecimal digits: `f0223616-c7ba-5cbe-28b5-56c48a9faae1`, `1e:04:b4:b2:8a:d7`, `8e31::7bff:1`.
fn grouped_hexadecimal(bytes: &[u8]) -> Result<usize, usize> {
    let first = hex_digits(bytes.get(..9).unwrap_or(bytes));
    let Some(&mark) = bytes.get(first) else { return Err(0) };
    // None of them starts otherwise, which ends this for nearly every word.
    if !matches!((mark, first), (b':', ..=4) | (b'-', 2 | 8) | (b'.', 4)) {
        return Err(0);
    }
    let known = GROUPINGS.iter().filter(|(grouping, _)| *grouping == mark);
    let longest = known.clone().map(|(_, sizes)| sizes.len()).max().unwrap_or_default();
    let mut sizes = [0_usize; 8];
    let (mut groups, mut length) = (0, 0);
    while groups < longest {
        let rest = bytes.get(length..).unwrap_or_default();
        let size = hex_digits(rest.get(..13).unwrap_or(rest));
        if let Some(slot) = sizes.get_mut(groups) {
            *slot = size;
        }
        (groups, length) = (groups + 1, length + size);
        let so_far = sizes.get(..groups).unwrap_or_default();
        let goes_on = |next: &u8| next.is_ascii_hexdigit() || *next == b':';
        if bytes.get(length) != Some(&mark) || !bytes.get(length + 1).is_some_and(goes_on) {
            let complete =
                known.clone().any(|(_, sizes)| *sizes == so_far) || mark == b':' && is_ipv6(so_far);
            let lettered = bytes.get(..length).is_some_and(|id| hex_letters(id) > 0);
            let found = complete && lettered && ends_word(bytes.get(length));
            return if found {
                Ok(length)
            } else {
                Err(if groups >= MANY_GROUPS { length - size } else { 0 })
            };
        }
        let may_go_on =
            known.clone().any(|(_, sizes)| sizes.starts_with(so_far)) || mark == b':' && size <= 4;
        if !may_go_on {
            return Err(0);
        }
        length += 1;
    }
    Err(length)
}

/// The sizes of the groups of a UUID, of hardware addresses and of the longest IPv6 address.
const GROUPINGS: [(u8, &[usize]); 6] = [
    (b'-', &[8, 4, 4, 4, 12]),
    (b'-', &[2, 2, 2, 2, 2, 2]),
    (b':', &[2, 2, 2, 2, 2, 2]),
    (b':', &[2, 2, 2, 2, 2, 2, 2, 2]),
    (b'.', &[4, 4, 4]),
    (b':', &[4, 4, 4, 4, 4, 4, 4, 4]),
];

fn is_ipv6(sizes: &[usize]) -> bool {
    sizes.len() >= 4 && sizes.iter().all(|&size| size <= 4)
}

/// Digits some of which are dressed up as letters: `8O2I638|82`. Returns the bytes and the digits it stands
/// for, or the bytes that were looked at in vain.
pub(super) fn dressed_up(rest: &str) -> Result<(usize, u16), usize> {
    let mut seen = Dressed::default();
    let mut bytes = 0;
    for c in rest.chars() {
        match c {
            // What stands hidden right beside it may have been part of it, and then it was none of these.
            '[' => return Err(bytes),
            // These stand without spaces beside other letters.
            '\u{3000}'..='\u{9fff}' => break,
            _ if seen.takes(c) => bytes += c.len_utf8(),
            // A letter is alphanumeric, and known sooner.
            _ if bytes == 0 || glyph::fold(c) == Glyph::Letter || c.is_alphanumeric() => return Err(bytes),
            _ => break,
        }
        if bytes > LONGEST_DRESSED {
            return Err(bytes);
        }
    }
    seen.digits().map(|digits| (bytes, digits)).ok_or(bytes)
}

/// What was seen of a token that may be digits dressed up as letters.
#[derive(Default)]
struct Dressed {
    real: u16,
    bars: u16,
    letters: u16,
    unusual: u16,
    last: char,
    /// An unusual letter stands between two digits.
    within: bool,
}

impl Dressed {
    /// Whether `c` may belong to it.
    fn takes(&mut self, c: char) -> bool {
        match c {
            '0'..='9' => {
                self.within |= self.real > 0 && may_be_a_digit(self.last);
                self.real += 1;
            }
            '|' => self.bars += 1,
            _ if is_often_a_digit(c) => self.letters += 1,
            _ if may_be_a_digit(c) => (self.letters, self.unusual) = (self.letters + 1, self.unusual + 1),
            _ => return false,
        }
        self.last = c;
        true
    }

    /// The digits it stands for, if it is that.
    fn digits(&self) -> Option<u16> {
        let &Self { real, bars, letters, unusual, last, within } = self;
        // A bar alone parts digits; among letters it stands for a one.
        let all = real + bars + letters;
        let whole = real >= 4 && all >= super::verdict::FEWEST_DIGITS;
        // Short ones are parts of a number, unless they are litres.
        let litres = letters == 1 && matches!(last, 'l' | 'L');
        let part = (unusual == 0 && real > 0 || within && all >= 4) && !litres;
        let enough = real * 2 >= all || unusual == 0 && real > 1 && real * 3 >= all;
        (letters > 0 && enough && (whole || part)).then_some(all)
    }
}

/// Letters that stand for a zero or a one: the Latin ones, and their Greek and Cyrillic doubles.
const fn is_often_a_digit(c: char) -> bool {
    matches!(c, 'o' | 'O' | 'l' | 'I' | 'о' | 'О' | 'ο' | 'Ο' | 'ӏ' | 'І' | 'Ι')
}

/// Letters that pass for digits in a longer number.
const fn may_be_a_digit(c: char) -> bool {
    matches!(
        c,
        'L' | 'i'
            | 'z'
            | 'Z'
            | 's'
            | 'S'
            | 'g'
            | 'G'
            | 'b'
            | 'B'
            | 'q'
            | 'Q'
            | 'D'
            | 'з'
            | 'З'
            | 'б'
            | 'і'
            | 'ı'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_identifiers_by_their_groups() {
        for id in [
            "f0223616-c7ba-5cbe-28b5-56c48a9faae1",
            "1e:04:b4:b2:8a:d7",
            "1e04.b4b2.8ad7",
            "8e31:ddd4:1ce4:8aa6:84a8:dde5:1c7e:70b5",
            "0x7f71cfa",
            "10cc17d758d47676399c44403466660cda9c1ea0",
        ] {
            assert_eq!(hexadecimal(&format!("{id} ")), Ok(id.len()), "{id}");
        }
    }

    #[test]
    fn takes_no_number_for_an_identifier() {
        for number in
            ["98:76:54:32:10:98", "9876543210abc", "9876-5432", "2a3a4a5a6a7a8a9a2a", "98765432109876543210"]
        {
            assert!(hexadecimal(number).is_err(), "{number}");
        }
    }

    #[test]
    fn undresses_digits() {
        assert_eq!(dressed_up("8O2I638|82 ok"), Ok((10, 10)));
        assert_eq!(dressed_up("7O6-"), Ok((3, 3)));
        for word in ["boss", "1337", "h4x0r", "10l", "5th", "oil", "485a62b"] {
            assert!(dressed_up(word).is_err(), "{word}");
        }
    }
}
