//! What holds of masking for every text whatsoever.

use std::borrow::Cow;
use strowger::core::mask::{Masker, PLACEHOLDER, Trail};

/// Everything, for the text and for its lines as texts of one sender in a row. Panics where it does not hold.
pub fn check(masker: &Masker, text: &str) {
    let masked = masker.mask(text);
    assert!(is_redaction(&masked, text), "{text:?} became {masked:?}, which is more than something hidden");
    let again = masker.mask(&masked);
    assert_eq!(again, masked, "{text:?} is masked further when it is masked again");
    if says_nothing(text) {
        assert!(matches!(masked, Cow::Borrowed(same) if same == text), "{text:?} became {masked:?}");
    }
    let mut trail = Trail::default();
    for line in text.lines() {
        let masked = masker.mask_next(&mut trail, line);
        assert!(is_redaction(&masked, line), "{line:?} became {masked:?} after the lines of {text:?}");
    }
}

/// Whether `masked` is `text` with nothing done to it but to put placeholders in the place of parts of it: what
/// stands between them are pieces of the text, in their order, and from its start and to its end.
pub fn is_redaction(masked: &str, text: &str) -> bool {
    let Some((first, mut rest)) = masked.split_once(PLACEHOLDER) else { return masked == text };
    let Some(mut left) = text.strip_prefix(first) else { return false };
    while let Some((piece, more)) = rest.split_once(PLACEHOLDER) {
        // The placeholder stands for a character at least. The nearest place leaves the most to the others.
        let hidden = left.chars().next().map_or(1, char::len_utf8);
        let Some(at) = left.get(hidden..).and_then(|after| after.find(piece)) else { return false };
        left = left.get(hidden + at + piece.len()..).unwrap_or_default();
        rest = more;
    }
    left.len() > rest.len() && left.ends_with(rest)
}

/// Whether there is neither a digit of any script in it nor a letter that a number could be spelled with.
fn says_nothing(text: &str) -> bool {
    !text.chars().any(|c| c.is_numeric() || c.is_alphabetic())
}
