//! Tokens of letters and digits mixed: identifiers in hexadecimal, and digits dressed up as letters.
//!
//! Owns what can be told from the characters of one token alone. Every look ahead is bounded or consumes what
//! it saw, so that reading stays linear.

/// Bytes of a token that is looked at as digits with letters among them.
const LONGEST_DRESSED: usize = 32;
/// Hexadecimal digits in a row that are a hash and no number.
const SHORTEST_HASH: usize = 16;

/// Whether a mixed token may start with these two bytes: a quick no for nearly every word.
pub(super) fn may_start(bytes: [u8; 2]) -> bool {
    let hexadecimal = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'x' | b'X');
    let dressed = |byte: u8| {
        byte.is_ascii_digit()
            || byte == b'|'
            || !byte.is_ascii()
            || is_often_a_digit(char::from(byte))
            || may_be_a_digit(char::from(byte))
    };
    bytes.first() != Some(&b':') && (bytes.into_iter().all(hexadecimal) || bytes.into_iter().all(dressed))
}

/// The length of a UUID, a hash, a hardware or an IPv6 address at the start of `rest`.
pub(super) fn hexadecimal(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    prefixed_hash(bytes).or_else(|| grouped_hexadecimal(bytes)).or_else(|| hash(bytes))
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
    let word = bytes.get(..length)?;
    let first = word.iter().find(|byte| byte.is_ascii_alphabetic())?;
    // One letter again and again parts the digits of a number.
    let varied = word.iter().any(|byte| byte.is_ascii_alphabetic() && byte != first);
    let turns = word
        .windows(2)
        .filter(|pair| matches!(pair, [a, b] if a.is_ascii_digit() != b.is_ascii_digit()))
        .count();
    (length >= SHORTEST_HASH && varied && turns >= 4 && ends_word(bytes.get(length))).then_some(length)
}

/// Groups of hexadecimal digits: `f0223616-c7ba-5cbe-28b5-56c48a9faae1`, `1e:04:b4:b2:8a:d7`, `8e31::7bff:1`.
fn grouped_hexadecimal(bytes: &[u8]) -> Option<usize> {
    let mark = *bytes.get(hex_digits(bytes.get(..9).unwrap_or(bytes)))?;
    let known = GROUPINGS.iter().filter(|(grouping, _)| *grouping == mark);
    let longest = known.clone().map(|(_, sizes)| sizes.len()).max()?;
    let mut sizes = [0_usize; 8];
    let (mut groups, mut length) = (0, 0);
    while groups < longest {
        let rest = bytes.get(length..)?;
        let size = hex_digits(rest.get(..13).unwrap_or(rest));
        *sizes.get_mut(groups)? = size;
        (groups, length) = (groups + 1, length + size);
        let so_far = sizes.get(..groups)?;
        let goes_on = |next: &u8| next.is_ascii_hexdigit() || *next == b':';
        if bytes.get(length) != Some(&mark) || !bytes.get(length + 1).is_some_and(goes_on) {
            let complete =
                known.clone().any(|(_, sizes)| *sizes == so_far) || mark == b':' && is_ipv6(so_far);
            let lettered = hex_letters(bytes.get(..length)?) > 0;
            return (complete && lettered && ends_word(bytes.get(length))).then_some(length);
        }
        let may_go_on =
            known.clone().any(|(_, sizes)| sizes.starts_with(so_far)) || mark == b':' && size <= 4;
        if !may_go_on {
            return None;
        }
        length += 1;
    }
    None
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
/// for.
pub(super) fn dressed_up(rest: &str) -> Option<(usize, u16)> {
    let (mut bytes, mut real, mut letters, mut bars, mut unusual) = (0, 0_u16, 0_u16, 0_u16, false);
    let mut last = ' ';
    for c in rest.chars() {
        match c {
            '0'..='9' => real += 1,
            '|' => bars += 1,
            _ if is_often_a_digit(c) => letters += 1,
            _ if may_be_a_digit(c) => (letters, unusual) = (letters + 1, true),
            // What stands hidden right beside it may have been part of it, and then it was none of these.
            '[' => return None,
            _ if c.is_alphanumeric() => return None,
            _ => break,
        }
        last = c;
        bytes += c.len_utf8();
        if bytes > LONGEST_DRESSED {
            return None;
        }
    }
    // A bar alone parts digits; among letters it stands for a one.
    let all = real + bars + letters;
    let whole = real >= 4 && all >= super::verdict::FEWEST_DIGITS;
    // Short ones are parts of a number, unless they are litres.
    let part = !unusual && real > 0 && last != 'l' && last != 'L';
    (letters > 0 && real * 2 >= all && (whole || part)).then_some((bytes, all))
}

/// Letters that stand for a zero or a one: the Latin ones, and their Greek and Cyrillic doubles.
fn is_often_a_digit(c: char) -> bool {
    matches!(c, 'o' | 'O' | 'l' | 'I' | 'о' | 'О' | 'ο' | 'Ο' | 'ӏ' | 'І' | 'Ι')
}

/// Letters that pass for digits in a longer number.
fn may_be_a_digit(c: char) -> bool {
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
            assert_eq!(hexadecimal(&format!("{id} ")), Some(id.len()), "{id}");
        }
    }

    #[test]
    fn takes_no_number_for_an_identifier() {
        for number in
            ["98:76:54:32:10:98", "9876543210abc", "9876-5432", "2a3a4a5a6a7a8a9a2a", "98765432109876543210"]
        {
            assert_eq!(hexadecimal(number), None, "{number}");
        }
    }

    #[test]
    fn undresses_digits() {
        assert_eq!(dressed_up("8O2I638|82 ok"), Some((10, 10)));
        assert_eq!(dressed_up("7O6-"), Some((3, 3)));
        for word in ["boss", "1337", "h4x0r", "10l", "5th", "oil", "485a62b"] {
            assert_eq!(dressed_up(word), None, "{word}");
        }
    }
}
