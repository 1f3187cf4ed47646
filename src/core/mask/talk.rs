//! What a text speaks of just before and after a number.
//!
//! Owns how long a word is remembered. It must never look at the digits themselves.

use super::PLACEHOLDER;
use super::lexicon::{Label, Lexicon, Meaning};
use super::reader::{Reader, Token};

/// Words after which a phone spoken of is forgotten.
const FADES_AFTER: u8 = 5;
/// Words and marks looked at after a number.
const LOOK_AHEAD: usize = 12;

/// What was said last, as the number of words since.
pub(super) struct Talk {
    phone: u8,
    reach: u8,
    me: u8,
    /// Words since, other than those that add nothing.
    other: u8,
    label: Label,
}

impl Default for Talk {
    fn default() -> Self {
        Self { phone: u8::MAX, reach: u8::MAX, me: u8::MAX, other: 0, label: Label::None }
    }
}

impl Talk {
    pub(super) fn hear(&mut self, meaning: Option<Meaning>) {
        for age in [&mut self.phone, &mut self.reach, &mut self.me] {
            *age = age.saturating_add(1);
        }
        match meaning {
            Some(Meaning::Phone) if self.label != Label::Reference => (self.phone, self.other) = (0, 0),
            Some(Meaning::Reach) => self.reach = 0,
            Some(Meaning::Me) => (self.me, self.other) = (0, 0),
            Some(Meaning::Idle | Meaning::Joins(_)) => {}
            _ => self.other = self.other.saturating_add(1),
        }
        if self.reach <= 2 && self.me <= 2 {
            self.phone = self.reach.min(self.me);
        }
        self.label = match meaning {
            Some(Meaning::Label(label)) => label,
            // "order number" is still about an order.
            Some(Meaning::Phone) if self.label == Label::Reference => Label::Reference,
            _ => Label::None,
        };
    }

    /// Whether "no" would be short for "number" here: "my no", "roll no".
    pub(super) fn names_number(&self) -> bool {
        self.me == 0 || self.label == Label::Reference
    }

    /// A number was said; what was said about it does not hold for the next one.
    pub(super) fn number(&mut self) {
        self.label = Label::None;
    }

    /// What the last word said about numbers.
    pub(super) fn label(&self) -> Label {
        self.label
    }

    pub(super) fn of_phone(&self) -> bool {
        self.phone < FADES_AFTER
    }

    /// Whether somebody says that what follows is their number.
    pub(super) fn of_own_number(&self) -> bool {
        self.phone <= 3 && self.me <= 4 && self.other == 0 && self.label == Label::None
    }

    /// Whether what follows a number speaks of a phone, and of no other number.
    pub(super) fn turns_to_phone(
        mut reader: Reader<'_>,
        ended_by: Option<Meaning>,
        lexicon: &Lexicon,
    ) -> bool {
        let mut phone = ended_by == Some(Meaning::Phone);
        let mut reach = ended_by == Some(Meaning::Reach);
        for _ in 0..LOOK_AHEAD {
            match reader.next() {
                Some(Token::Word(span)) => {
                    let word = reader.text().get(span.start..span.end).unwrap_or_default();
                    // A number that is hidden already is one all the same.
                    if PLACEHOLDER.get(1..7) == Some(word) {
                        return false;
                    }
                    let meaning = lexicon.meaning(word);
                    phone |= meaning == Some(Meaning::Phone) || reach && meaning == Some(Meaning::Me);
                    reach |= meaning == Some(Meaning::Reach);
                }
                Some(Token::Chunk(_)) => return false,
                Some(Token::Mark(_)) => {}
                None => break,
            }
        }
        phone
    }
}
