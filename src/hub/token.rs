//! What a registration is gone on with: a secret, and behind it the readable names of whoever holds it.
//!
//! The log knows the secret's hash. The names are for a node where the registration was not before: it finds them
//! nowhere else. Whoever changes them is found out by the hashes that the log has of them.

use super::Card;
use std::fmt::Write;
use uuid::Uuid;

/// See the module. Its `Debug` prints nothing of it.
#[derive(Clone)]
pub struct Token(Box<str>);

/// What stands between the secret and the names.
const NAMES: char = '.';

impl Token {
    /// A new one, without names.
    pub fn random() -> Self {
        Self(Uuid::new_v4().simple().to_string().into())
    }

    /// The token, for its holder only.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The secret alone.
    pub fn secret(&self) -> &str {
        self.0.split_once(NAMES).map_or(&*self.0, |(secret, _)| secret)
    }

    /// The same with these names, in hexadecimal digits: each behind its length.
    pub fn with_names(&self, card: &Card) -> Self {
        let mut token = format!("{}{NAMES}", self.secret());
        for name in [&card.client_id, &card.client_name, &card.session] {
            // A string takes everything.
            let _ = write!(token, "{:04x}", name.len());
            for byte in name.bytes() {
                let _ = write!(token, "{byte:02x}");
            }
        }
        Self(token.into())
    }

    /// The names that it holds.
    pub fn names(&self) -> Option<Card> {
        let mut digits = self.0.split_once(NAMES)?.1;
        let [client_id, client_name, session] = [name(&mut digits)?, name(&mut digits)?, name(&mut digits)?];
        Some(Card { client_id, client_name, session, log_name: String::new() })
    }
}

/// The next name, which is taken from the digits.
fn name(digits: &mut &str) -> Option<String> {
    let (length, rest) = digits.split_at_checked(4)?;
    let length = usize::from_str_radix(length, 16).ok()?;
    let (name, rest) = rest.split_at_checked(2 * length)?;
    *digits = rest;
    let byte = |at: usize| u8::from_str_radix(name.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..length).map(|at| byte(2 * at)).collect();
    String::from_utf8(bytes?).ok()
}

impl From<String> for Token {
    fn from(token: String) -> Self {
        Self(token.into())
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card() -> Card {
        let log_name = String::new();
        Card { client_id: "anna".into(), client_name: "Ännchen .".into(), session: String::new(), log_name }
    }

    #[test]
    fn names_come_back_as_they_were() {
        let (secret, card) = (Token::random(), card());
        let token = secret.with_names(&card);
        assert_eq!((token.secret(), token.with_names(&card).as_str()), (secret.as_str(), token.as_str()));
        let names = token.names().expect("names");
        let known = (names.client_id, names.client_name, names.session);
        assert_eq!(known, (card.client_id, card.client_name, card.session));
    }

    #[test]
    fn what_is_no_token_of_ours_holds_no_names() {
        for token in
            ["", "7c9e", ".", "7c9e.", "7c9e.000", "7c9e.0001zz", "7c9e.0001ff", "7c9e.ffff00", "ä.ää"]
        {
            assert!(Token::from(token.to_owned()).names().is_none(), "{token}");
        }
        let whole = Token::random().with_names(&card());
        let cut: String = whole.as_str().chars().take(whole.as_str().len() - 1).collect();
        assert!(Token::from(cut).names().is_none());
    }
}
