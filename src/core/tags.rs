//! What somebody would like to talk about, so that two with a common interest meet first.

use super::mask::Masker;
use std::collections::BTreeSet;
use std::fmt;

/// The most tags a search may carry.
pub const MOST: usize = 10;
/// The longest tag, in characters.
pub const LONGEST: usize = 30;

/// Normalised tags: lower case, trimmed, each once. Their `Debug` shows only how many there are.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Tags(BTreeSet<Box<str>>);

/// Tags that are too many or too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TagError;

impl fmt::Display for TagError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {MOST} tags of at most {LONGEST} characters each, separated by commas")
    }
}

impl std::error::Error for TagError {}

impl Tags {
    /// Reads `music, films`. A leading `#` is forgiven; a tag that holds a phone number is dropped.
    pub fn parse(words: &str, masker: &Masker) -> Result<Self, TagError> {
        let mut tags = BTreeSet::new();
        for word in words.split(',') {
            let tag = word.trim().trim_start_matches('#').to_lowercase();
            if tag.chars().count() > LONGEST {
                return Err(TagError);
            }
            if !tag.is_empty() && masker.mask(&tag) == tag {
                tags.insert(tag.into_boxed_str());
            }
        }
        if tags.len() > MOST { Err(TagError) } else { Ok(Self(tags)) }
    }

    /// Whether anything goes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// Whether two searches agree: one of them does not care, or they share a tag.
    pub fn agree(&self, other: &Self) -> bool {
        self.0.is_empty() || other.0.is_empty() || !self.0.is_disjoint(&other.0)
    }
}

impl fmt::Debug for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tags({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(words: &str) -> Tags {
        Tags::parse(words, &Masker::default()).expect("good tags")
    }

    #[test]
    fn case_spaces_and_a_hash_do_not_matter() {
        assert_eq!(tags(" Music , #FILMS,,music"), tags("films,music"));
        assert!(tags("music").agree(&tags("MUSIC, cats")));
        assert!(!tags("music").agree(&tags("films")));
        assert!(tags("").agree(&tags("films")));
    }

    #[test]
    fn too_many_and_too_long_are_refused() {
        let masker = Masker::default();
        assert!(Tags::parse(&"é".repeat(LONGEST), &masker).is_ok());
        assert_eq!(Tags::parse(&"é".repeat(LONGEST + 1), &masker), Err(TagError));
        let eleven = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"].join(",");
        assert_eq!(Tags::parse(&eleven, &masker), Err(TagError));
    }

    #[test]
    fn a_phone_number_is_no_tag_and_debug_shows_nothing() {
        assert_eq!(tags("9876543210, music"), tags("music"));
        assert_eq!(format!("{:?}", tags("music")), "Tags(1)");
    }
}
