//! The words of a sentence: which one comes next, where a text begins, and what is mere courtesy.
//!
//! Every function takes what is left of a sentence and gives what is left behind the word, to the letter. It must
//! never know: whose name a word is.

/// Before an order.
const COURTESY: &[&str] = &[
    "please",
    "pls",
    "plz",
    "kindly",
    "can you",
    "could you",
    "would you",
    "will you",
    "can u",
    "hey",
    "hi",
    "hello",
    "ok",
    "okay",
    "i want to",
    "i'd like to",
    "i would like to",
    "i want you to",
    "go ahead and",
];
/// Behind an order.
const THANKS: &[&str] = &["please", "pls", "plz", "thanks", "thank you", "thx"];

/// What comes before a text. The longer comes first.
const SAYING: &[&str] = &["that says", "which says", "saying", "that", "with"];
/// Those that are no part of a text.
pub const ANNOUNCING: &[&str] = &["that says", "which says", "saying"];
/// What stands for something said before, and is no text.
pub const IT: &[&str] = &["it", "this", "that", "them", "these", "those"];
/// What texts begin with and no name does.
const OPENING: &[&str] = &[
    "yes",
    "yeah",
    "no",
    "thanks",
    "thank you",
    "thx",
    "sorry",
    "good",
    "happy",
    "great",
    "sure",
    "see you",
    "call me",
    "let's",
    "dinner",
    "bye",
    "lol",
    "ok",
    "okay",
    "don't",
    "didn't",
    "can't",
    "won't",
    "do you",
    "did you",
    "have you",
    "have a",
    "have fun",
    "got it",
    "let me",
    "come home",
    "come here",
    "come over",
    "congratulations",
    "congrats",
    "merry christmas",
    "love you",
    "miss you",
    "running late",
    "omg",
];
pub const ARTICLE: &[&str] = &["a", "an", "the", "my"];
pub const MESSAGE: &[&str] = &["message", "msg", "text message", "text", "note"];
const NUMBERS: [&str; 20] = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];
const ORDINALS: [&str; 10] =
    ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
const LAST: &[&str] = &["most recent", "latest", "last"];
/// How many signs at the end are taken off one by one, for one may be a part of a name.
const SIGNS: usize = 4;
/// How often something is taken off the end.
const ENDINGS: usize = 12;
/// The most messages that are read at once.
const MOST: usize = 100;

/// What is left behind `phrase`, if that comes next.
pub fn word<'t>(text: &'t str, phrase: &str) -> Option<&'t str> {
    let mut rest = text.trim_start();
    for (at, part) in phrase.split(' ').enumerate() {
        if at > 0 {
            rest = rest.strip_prefix(char::is_whitespace)?.trim_start();
        }
        rest = without(rest, part)?;
    }
    ends(rest).then_some(rest)
}

/// What is left behind the first of these that comes next.
pub fn any<'t>(text: &'t str, phrases: &[&str]) -> Option<&'t str> {
    let text = text.trim_start();
    phrases.iter().filter(|phrase| may_begin(text, phrase)).find_map(|phrase| word(text, phrase))
}

/// Whether the first two letters do not speak against it: most words are told apart by these.
fn may_begin(text: &str, phrase: &str) -> bool {
    let is_so = |(c, wanted): (&u8, &u8)| c.eq_ignore_ascii_case(wanted) || matches!(wanted, b' ' | b'\'');
    text.as_bytes().iter().zip(phrase.as_bytes()).take(2).all(is_so)
}

/// What is left behind one of these, or everything.
pub fn maybe<'t>(text: &'t str, phrases: &[&str]) -> &'t str {
    any(text, phrases).unwrap_or(text)
}

/// What is left behind as many of these as come next.
pub fn many<'t>(mut text: &'t str, phrases: &[&str]) -> &'t str {
    while let Some(rest) = any(text, phrases) {
        text = rest;
    }
    text
}

fn without<'t>(text: &'t str, part: &str) -> Option<&'t str> {
    if let Some((head, rest)) = text.split_at_checked(part.len())
        && head.eq_ignore_ascii_case(part)
    {
        return Some(rest);
    }
    if !part.contains('\'') {
        return None;
    }
    part.chars().try_fold(text, |rest, wanted| {
        let is_wanted = |c: char| c.eq_ignore_ascii_case(&wanted) || wanted == '\'' && matches!(c, '’' | '‘');
        rest.strip_prefix(is_wanted)
    })
}

/// Whether a word may end before this.
fn ends(rest: &str) -> bool {
    let mut next = rest.chars();
    match next.next() {
        Some('-' | '‐' | '–') => !next.next().is_some_and(char::is_alphanumeric),
        Some(c) => !c.is_alphanumeric() && !matches!(c, '\'' | '’' | '‘' | '_' | '@' | '/'),
        None => true,
    }
}

/// Whether a text begins so.
pub fn is_opening(text: &str) -> bool {
    any(text, OPENING).is_some() || any(text, COURTESY).is_some()
}

/// The order, without what politeness puts before it.
pub fn without_courtesy(mut text: &str) -> &str {
    while let Some(rest) = any(text, COURTESY) {
        text = rest.trim_start().trim_start_matches([',', '!']);
    }
    text.trim_start()
}

/// The text as it is, then without its last full stop, then without thanks, and so on: as long as there is
/// something to take off, but no more than a few times. More than some signs at the end go at once.
pub fn endings(text: &str) -> impl Iterator<Item = &str> {
    let first = Some((text.trim(), 0));
    let all = std::iter::successors(first, |(text, taken)| {
        let shorter = without_sign(text, *taken >= SIGNS).or_else(|| without_thanks(text))?.trim_end();
        (!shorter.is_empty()).then_some((shorter, taken + 1))
    });
    all.map(|(text, _)| text).take(ENDINGS)
}

/// Without the sign at the end, or without `all` signs there; of nothing but signs the first one stays.
fn without_sign(text: &str, all: bool) -> Option<&str> {
    let is_sign = |c: char| matches!(c, '.' | '?' | '!' | ',');
    let one = text.strip_suffix(is_sign)?;
    let shorter = one.trim_end_matches(|c: char| is_sign(c) || c.is_whitespace());
    match (all, shorter) {
        (false, _) => Some(one),
        (true, "") => text.get(..1).filter(|first| first.len() < text.len()),
        (true, shorter) => Some(shorter),
    }
}

fn without_thanks(text: &str) -> Option<&str> {
    THANKS.iter().find_map(|thanks| {
        let (before, end) = text.split_at_checked(text.len().checked_sub(thanks.len())?)?;
        (end.eq_ignore_ascii_case(thanks) && before.ends_with([' ', ',', '\t', '\n'])).then_some(before)
    })
}

/// Whether nothing is left but courtesy.
pub fn is_over(text: &str) -> bool {
    endings(text).any(|text| {
        matches!(text, "" | "." | "?" | "!") || THANKS.iter().any(|t| text.eq_ignore_ascii_case(t))
    })
}

/// What is left behind the word or sign that comes before a text.
pub fn saying(text: &str) -> Option<&str> {
    if let Some(rest) = any(text, SAYING) {
        // "Tell John that." says nothing yet.
        let is_over =
            !rest.starts_with(char::is_whitespace) && !rest.starts_with([':', ',']) && !rest.is_empty();
        let is_nothing = is_over && rest.chars().all(|c| matches!(c, '.' | '!' | '?' | '…'));
        return (!is_nothing).then(|| rest.strip_prefix([':', ',']).unwrap_or(rest));
    }
    let sign = text.trim_start();
    let rest = sign.strip_prefix([':', ',', '-', '–', '—'])?;
    let is_glued = sign.len() == text.len() && sign.starts_with([':', ',']);
    (is_glued || rest.starts_with(char::is_whitespace)).then_some(rest)
}

/// What is left behind "a message".
pub fn a_message(text: &str) -> Option<&str> {
    any(maybe(text, ARTICLE), MESSAGE)
}

/// What is left behind a word or sign that comes before a text and is no part of it, whatever the text is.
pub fn announced(text: &str) -> Option<&str> {
    let is_clear = any(text, ANNOUNCING).is_some() || text.trim_start().starts_with(':');
    saying(text).filter(|_| is_clear)
}

/// Whether it begins as in "a quick message saying", where it should not.
pub fn is_announcement(text: &str) -> bool {
    let Some(rest) = any(text, ARTICLE) else { return false };
    let starts = std::iter::once(0).chain(rest.match_indices(char::is_whitespace).map(|(at, _)| at)).take(4);
    let mut rests = starts.filter_map(|at| rest.get(at..));
    rests.any(|rest| any(rest, MESSAGE).and_then(announced).is_some())
}

/// The text that is to be sent, if there is one.
pub fn message(text: &str) -> Option<&str> {
    let text = text.trim();
    let is_whole = |inside: &&str| !inside.trim().is_empty();
    let unquoted =
        quoted(text).filter(|(_, rest)| rest.is_empty()).map(|(inside, _)| inside).filter(is_whole);
    Some(unquoted.unwrap_or(text)).filter(|text| !text.is_empty())
}

/// What is in the quotes that come next, and what is left behind them.
pub fn quoted(text: &str) -> Option<(&str, &str)> {
    quoted_within(text, usize::MAX)
}

/// The same, if there are no more than so many bytes in the quotes.
pub fn quoted_within(text: &str, most: usize) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let (open, inside) = text.chars().next().and_then(|open| Some((open, text.strip_prefix(open)?)))?;
    let close = match open {
        '"' => ['"', '"'],
        '“' | '„' => ['”', '“'],
        '‘' => ['’', '’'],
        '\'' => ['\'', '\''],
        '«' => ['»', '»'],
        _ => return None,
    };
    let near = inside.get(..inside.floor_char_boundary(most)).unwrap_or(inside);
    let end = near.find(close)?;
    let (inside, rest) = (inside.get(..end)?, inside.get(end..)?.strip_prefix(close)?);
    (!inside.contains(open) && ends(rest)).then_some((inside, rest))
}

/// How many, and what is left behind: at least one, at most a hundred.
pub fn number(text: &str) -> Option<(usize, &str)> {
    let named = NUMBERS.iter().zip(1..).find_map(|(name, count)| Some((count, word(text, name)?)));
    named.or_else(|| {
        let (count, rest) = digits(text)?;
        ends(rest).then_some((count, rest))
    })
}

fn digits(text: &str) -> Option<(usize, &str)> {
    let text = text.trim_start();
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = text.strip_suffix(rest).filter(|digits| !digits.is_empty())?;
    Some((digits.parse().unwrap_or(MOST).clamp(1, MOST), rest))
}

/// `last`, or another word for it.
pub fn last(text: &str) -> Option<&str> {
    any(text, LAST)
}

/// Which one from the end, as in `third to last`.
pub fn position(text: &str) -> Option<(usize, &str)> {
    if let Some(rest) = word(text, "penultimate") {
        return Some((2, last(rest).unwrap_or(rest)));
    }
    let text = text.trim_start();
    let (position, rest) = ORDINALS
        .iter()
        .zip(1..)
        .find_map(|(name, position)| Some((position, without(text, name)?)))
        .or_else(|| {
            let (position, rest) = digits(text)?;
            Some((position, ["st", "nd", "rd", "th"].iter().find_map(|end| without(rest, end))?))
        })?;
    let rest =
        without(rest, "-to-").or_else(|| without(rest, "-")).or_else(|| word(rest, "to")).unwrap_or(rest);
    Some((position, last(rest)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_ends_where_no_letter_follows() {
        assert_eq!(word("  Send  john", "send"), Some("  john"));
        assert_eq!(word("What’s\n the", "what's the"), Some(""));
        for text in ["sender", "send's", "send-off", "", "sen"] {
            assert_eq!(word(text, "send"), None, "{text}");
        }
        assert_eq!(many("me all the contacts", &["me", "all", "the"]), " contacts");
    }

    #[test]
    fn a_text_is_kept_to_the_letter() {
        for (slot, text) in [
            (" Hi  there.\n", Some("Hi  there.")),
            (" \"Hi\" ", Some("Hi")),
            ("“Hi you”", Some("Hi you")),
            ("'on my way'", Some("on my way")),
            ("\"a\" and \"b\"", Some("\"a\" and \"b\"")),
            ("\"\"", Some("\"\"")),
            ("\" hi \"", Some(" hi ")),
            ("'tis o'clock", Some("'tis o'clock")),
            ("  ", None),
        ] {
            assert_eq!(message(slot), text, "{slot}");
        }
    }

    #[test]
    fn a_text_begins_behind_a_word_or_a_sign() {
        for (text, rest) in [
            (" saying hi", Some(" hi")),
            (" saying: hi", Some(" hi")),
            (": hi", Some(" hi")),
            (":hi", Some("hi")),
            (" - hi", Some(" hi")),
            (" -5 degrees", None),
            (" :) hi", None),
            (" that's it", None),
            (" that says hi", Some(" hi")),
        ] {
            assert_eq!(saying(text), rest, "{text}");
        }
    }

    #[test]
    fn numbers_and_positions() {
        assert_eq!(number("5 messages"), Some((5, " messages")));
        assert_eq!(number("twenty messages"), Some((20, " messages")));
        assert_eq!(number("99999999999999999999999 m").map(|n| n.0), Some(100));
        assert_eq!(number("0 m").map(|n| n.0), Some(1));
        assert_eq!(number("5th"), None);
        for text in
            ["second last m", "2nd-to-last m", "2nd to last m", "second most recent m", "penultimate m"]
        {
            assert_eq!(position(text), Some((2, " m")), "{text}");
        }
        assert_eq!(position("second message"), None);
    }

    #[test]
    fn courtesy_is_no_order() {
        assert_eq!(without_courtesy("Hey, could you please send"), "send");
        assert_eq!(endings("john, please?").last(), Some("john"));
        assert!(is_over(" please.") && is_over("") && is_over("?") && !is_over(" for john"));
    }
}
