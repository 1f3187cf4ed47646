//! What keys do, as in any shell.
//!
//! It must never know: what is typed.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tui_input::InputRequest;

/// What a key press is for.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum Key {
    Enter,
    Edit(InputRequest),
    Paste(String),
    Up,
    Down,
    Tab,
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-D.
    End,
    /// Ctrl-L.
    Clear,
    /// Ctrl-Z.
    Suspend,
    Resize,
}

impl Key {
    /// `None` for what does nothing here.
    pub fn of(event: Event) -> Option<Self> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => Self::pressed(key),
            Event::Paste(text) => Some(Self::Paste(text)),
            Event::Resize(..) => Some(Self::Resize),
            _ => None,
        }
    }

    fn pressed(key: KeyEvent) -> Option<Self> {
        let (control, alt) =
            (key.modifiers.contains(KeyModifiers::CONTROL), key.modifiers.contains(KeyModifiers::ALT));
        match (key.code, control, alt) {
            (KeyCode::Char(c), true, false) => Self::with_control(c.to_ascii_lowercase()),
            (code, _, _) if control || alt => Self::by_words(code).map(Self::Edit),
            (KeyCode::Char(c), _, _) => Some(Self::Edit(InputRequest::InsertChar(c))),
            (code, _, _) => Self::plain(code),
        }
    }

    fn with_control(c: char) -> Option<Self> {
        Some(match c {
            'c' => Self::Interrupt,
            'd' => Self::End,
            'l' => Self::Clear,
            'z' => Self::Suspend,
            'p' => Self::Up,
            'n' => Self::Down,
            'i' => Self::Tab,
            'j' | 'm' => Self::Enter,
            'a' => Self::Edit(InputRequest::GoToStart),
            'e' => Self::Edit(InputRequest::GoToEnd),
            'b' => Self::Edit(InputRequest::GoToPrevChar),
            'f' => Self::Edit(InputRequest::GoToNextChar),
            'h' => Self::Edit(InputRequest::DeletePrevChar),
            'w' => Self::Edit(InputRequest::DeletePrevWord),
            'u' => Self::Edit(InputRequest::DeleteLine),
            'k' => Self::Edit(InputRequest::DeleteTillEnd),
            _ => return None,
        })
    }

    fn by_words(code: KeyCode) -> Option<InputRequest> {
        Some(match code {
            KeyCode::Left | KeyCode::Char('b') => InputRequest::GoToPrevWord,
            KeyCode::Right | KeyCode::Char('f') => InputRequest::GoToNextWord,
            KeyCode::Backspace => InputRequest::DeletePrevWord,
            KeyCode::Delete | KeyCode::Char('d') => InputRequest::DeleteNextWord,
            // Where Alt is a way to write a letter, as AltGr is.
            KeyCode::Char(c) => InputRequest::InsertChar(c),
            _ => return None,
        })
    }

    fn plain(code: KeyCode) -> Option<Self> {
        Some(match code {
            KeyCode::Enter => Self::Enter,
            KeyCode::Tab => Self::Tab,
            KeyCode::Up => Self::Up,
            KeyCode::Down => Self::Down,
            KeyCode::Left => Self::Edit(InputRequest::GoToPrevChar),
            KeyCode::Right => Self::Edit(InputRequest::GoToNextChar),
            KeyCode::Home => Self::Edit(InputRequest::GoToStart),
            KeyCode::End => Self::Edit(InputRequest::GoToEnd),
            KeyCode::Backspace => Self::Edit(InputRequest::DeletePrevChar),
            KeyCode::Delete => Self::Edit(InputRequest::DeleteNextChar),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: KeyCode, modifiers: KeyModifiers) -> Option<Key> {
        Key::of(Event::Key(KeyEvent::new(code, modifiers)))
    }

    #[test]
    fn keys_do_what_they_do_in_a_shell() {
        use KeyModifiers as With;
        for (code, with, does) in [
            (KeyCode::Char('a'), With::NONE, Some(Key::Edit(InputRequest::InsertChar('a')))),
            (KeyCode::Char('A'), With::SHIFT, Some(Key::Edit(InputRequest::InsertChar('A')))),
            (KeyCode::Char('c'), With::CONTROL, Some(Key::Interrupt)),
            (KeyCode::Char('w'), With::CONTROL, Some(Key::Edit(InputRequest::DeletePrevWord))),
            (KeyCode::Left, With::CONTROL, Some(Key::Edit(InputRequest::GoToPrevWord))),
            (
                KeyCode::Char('@'),
                With::CONTROL.union(With::ALT),
                Some(Key::Edit(InputRequest::InsertChar('@'))),
            ),
            (KeyCode::Enter, With::NONE, Some(Key::Enter)),
            (KeyCode::Char('q'), With::CONTROL, None),
            (KeyCode::F(1), With::NONE, None),
        ] {
            assert_eq!(key(code, with), does, "{code:?}");
        }
    }
}
