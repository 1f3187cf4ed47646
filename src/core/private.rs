//! What a person wrote, or their phone number: kept to be passed on, and never to be printed.
//!
//! It must never know: what the text says, or who wrote it.

use std::fmt;
use std::sync::Arc;

/// A chat text or a phone number, which its copies share. Its `Debug` prints nothing of it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Private(Arc<str>);

impl Private {
    /// The text, for those it is meant for only.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Private {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Private {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Private(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_the_text_and_prints_nothing_of_it() {
        let text = Private::from(" Hi \n");
        assert_eq!(text.as_str(), " Hi \n");
        assert_eq!(text, Private::from(" Hi \n".to_owned()));
        assert_eq!(format!("{text:?}"), "Private(…)");
    }
}
