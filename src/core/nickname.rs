//! The name that a stranger shows. It must never say who somebody is, nor pass for the system.

use super::mask::Masker;
use std::fmt;
use std::sync::Arc;

/// The longest nickname, in characters.
pub const LONGEST: usize = 32;

/// Letters and digits that are not taken for one another; 32 of them, so five random bits each.
const TAG_LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// Names that would look like the house itself.
const RESERVED: [&str; 16] = [
    "system",
    "admin",
    "administrator",
    "moderator",
    "mod",
    "server",
    "strowger",
    "support",
    "operator",
    "root",
    "staff",
    "official",
    "you",
    "partner",
    "yourpartner",
    "bot",
];

/// Words that make any name look like the house, whatever stands beside them.
const TELLING: [&str; 8] =
    ["system", "admin", "administrator", "moderator", "server", "strowger", "operator", "official"];

/// Look-alikes of Latin letters: the letter first, then those that are read as it.
const LOOKALIKES: [&str; 21] = [
    "aàáâãäåāаαɑ@4",
    "bвЬβ8",
    "cсϲç",
    "dԁ",
    "eèéêëēеεё3€",
    "hнһ",
    "iìíîïīіι1l|!łӏ",
    "jј",
    "kкκ",
    "mмμ",
    "nпηñ",
    "oòóôõöøōоο0",
    "pрρ",
    "rгř",
    "sѕ5$šş",
    "tтτ7",
    "uùúûüūυ",
    "vνѵ",
    "wшω",
    "xхχ",
    "yуýÿγ",
];

/// A cleaned nickname. Its `Debug` prints nothing of it; cloning it is cheap.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Nickname(Arc<str>);

impl Nickname {
    /// Cleans what somebody typed: no control or direction characters, single spaces, phone numbers
    /// hidden, at most 32 characters. `None` if nothing is left or it would pass for the system.
    pub fn clean(typed: &str, masker: &Masker) -> Option<Self> {
        let visible: String =
            typed.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(is_visible).collect();
        let spaced = visible.split_whitespace().collect::<Vec<_>>().join(" ");
        let short: String = masker.mask(&spaced).chars().take(LONGEST).collect();
        let name = short.trim_end();
        let shape = skeleton(name);
        let parts = || name.split(|c: char| !c.is_alphanumeric()).map(skeleton);
        let is_reserved = RESERVED.iter().any(|word| skeleton(word) == shape)
            || parts().any(|part| TELLING.iter().any(|word| skeleton(word) == part));
        (!name.is_empty() && !name.starts_with('#') && !is_reserved).then(|| Self(name.into()))
    }

    /// `User_` and four characters made of 20 random bits: says nothing about who it is.
    pub fn random(bits: u32) -> Self {
        let tag =
            (0..4).map(|i| TAG_LETTERS.get((bits >> (5 * i)) as usize & 31).copied().unwrap_or(b'X') as char);
        Self("User_".chars().chain(tag).collect::<String>().into())
    }

    /// The name, for the partner and its owner only.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Nickname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nickname(…)")
    }
}

/// Not a control, direction, joining, filling or tag character.
fn is_visible(c: &char) -> bool {
    !c.is_control()
        && !matches!(*c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// What a hasty reader sees: lower case, look-alikes folded, letters only.
fn skeleton(name: &str) -> String {
    name.chars().map(plain).flat_map(char::to_lowercase).map(fold).filter(|c| c.is_alphanumeric()).collect()
}

/// Full-width and mathematical letters as plain ones.
fn plain(c: char) -> char {
    let letter = |offset: u32| char::from_u32(offset).unwrap_or(c);
    match c {
        '\u{FF01}'..='\u{FF5E}' => letter(c as u32 - 0xFEE0),
        '\u{1D400}'..='\u{1D6A3}' => letter('a' as u32 + (c as u32 - 0x1D400) % 26),
        '\u{24B6}'..='\u{24E9}' => letter('a' as u32 + (c as u32 - 0x24B6) % 26),
        _ => c,
    }
}

fn fold(c: char) -> char {
    LOOKALIKES.iter().find(|row| row.contains(c)).and_then(|row| row.chars().next()).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(typed: &str) -> Option<String> {
        Nickname::clean(typed, &Masker::default()).map(|name| name.as_str().to_owned())
    }

    #[test]
    fn a_name_is_cleaned_of_what_nobody_sees() {
        assert_eq!(clean("  Anna\u{202E} \t\n Maria\u{0007}\u{200B} ").as_deref(), Some("Anna Maria"));
        assert_eq!(clean("👩‍🚀 Zoë").as_deref(), Some("👩🚀 Zoë"));
        assert_eq!(clean(&"x".repeat(99)).map(|n| n.chars().count()), Some(LONGEST));
    }

    #[test]
    fn numbers_never_show() {
        assert_eq!(clean("9876543210").as_deref(), Some("[hidden]"));
        assert_eq!(clean("Call 9876543210").as_deref(), Some("Call [hidden]"));
    }

    #[test]
    fn nobody_passes_for_the_system() {
        for typed in [
            "System",
            "S y s t e m",
            "ѕуѕтем",
            "ＡＤＭＩＮ",
            "adm1n",
            "𝐀𝐝𝐦𝐢𝐧",
            "You",
            "#meet",
            "Your Partner",
            "System Message",
            "the ADMIN team",
            "y0u",
        ] {
            assert_eq!(clean(typed), None, "{typed}");
        }
        for typed in ["", "   ", "\u{200B}\u{3164}"] {
            assert_eq!(clean(typed), None, "{typed:?}");
        }
        for typed in ["Amin", "Systema", "नीलम", "Łukasz", "李雷", "Müller", "User_A", "أحمد"]
        {
            assert_eq!(clean(typed).as_deref(), Some(typed));
        }
    }

    #[test]
    fn a_random_name_is_short_and_readable() {
        assert_eq!(Nickname::random(0).as_str(), "User_AAAA");
        assert_eq!(Nickname::random(u32::MAX).as_str(), "User_9999");
        assert_eq!(format!("{:?}", Nickname::random(7)), "Nickname(…)");
    }
}
