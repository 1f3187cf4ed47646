//! An answer on its way: whoever waits for it hears each piece as it comes, from wherever they began to listen.

use super::Trouble;
use std::fmt;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

/// How much longer than the call itself somebody waits who listens: what ends in time is heard in time.
const GRACE: Duration = Duration::from_millis(100);

/// What a call took, as far as the provider says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tokens {
    pub prompt: u64,
    pub completion: u64,
}

/// How far an answer is.
#[derive(Default)]
struct Progress {
    text: String,
    end: Option<Result<Whole, Trouble>>,
}

/// An answer that is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole {
    pub service: super::Service,
    pub tokens: Tokens,
    /// It was longer than it may be, and ends in the middle.
    pub is_cut: bool,
}

/// One thing to hear of an answer.
#[derive(Clone, PartialEq, Eq)]
pub enum Piece {
    /// More of the text.
    Text(String),
    /// That was all of it, or all that comes.
    End(Result<Whole, Trouble>),
}

/// Tells all who listen.
#[derive(Default)]
pub struct Teller(watch::Sender<Progress>);

impl Teller {
    /// Somebody more, who hears all of it from its beginning, and until then at the longest.
    pub fn listen(&self, until: Instant) -> Answering {
        Answering { progress: self.0.subscribe(), heard: 0, is_over: false, until }
    }

    /// How many listen.
    pub fn listeners(&self) -> usize {
        self.0.receiver_count()
    }

    /// More of the text came.
    pub fn tell(&self, text: &str) {
        self.0.send_modify(|progress| progress.text.push_str(text));
    }

    /// How much of it came so far, in bytes.
    pub fn len(&self) -> usize {
        self.0.borrow().text.len()
    }

    /// Whether any of it came yet.
    pub fn has_begun(&self) -> bool {
        self.len() > 0
    }

    /// That was all.
    pub fn end(&self, end: Result<Whole, Trouble>) {
        self.0.send_modify(|progress| progress.end = Some(end));
    }

    /// Waits until nobody listens.
    pub async fn is_alone(&self) {
        self.0.closed().await;
    }
}

/// See the module. Dropping it is not to care any more; if nobody does, the call ends.
pub struct Answering {
    progress: watch::Receiver<Progress>,
    /// Bytes of the text.
    heard: usize,
    is_over: bool,
    /// Whatever else may be: past it there is no answer.
    until: Instant,
}

impl Answering {
    /// To a question that nobody can be asked.
    pub fn none() -> Self {
        let teller = Teller::default();
        teller.end(Err(Trouble::NoProvider));
        teller.listen(Instant::now())
    }

    /// What comes next. After the end there is nothing.
    pub async fn next(&mut self) -> Option<Piece> {
        if self.is_over {
            return None;
        }
        let heard = self.heard;
        let is_news = |progress: &Progress| progress.text.len() > heard || progress.end.is_some();
        let news = timeout_at(self.until + GRACE, self.progress.wait_for(is_news)).await;
        let piece = match news {
            Err(_) => Piece::End(Err(Trouble::TooLate)),
            Ok(Ok(progress)) => match progress.text.get(heard..).filter(|more| !more.is_empty()) {
                Some(more) => Piece::Text(more.to_owned()),
                None => Piece::End(progress.end.unwrap_or(Err(Trouble::Unavailable))),
            },
            // Whoever told us is gone without an end.
            Ok(Err(_)) => Piece::End(Err(Trouble::Unavailable)),
        };
        match &piece {
            Piece::Text(more) => self.heard += more.len(),
            Piece::End(_) => self.is_over = true,
        }
        Some(piece)
    }

    /// All of it at once.
    pub async fn whole(mut self) -> Result<(String, Whole), Trouble> {
        let mut text = String::new();
        while let Some(piece) = self.next().await {
            match piece {
                Piece::Text(more) => text.push_str(&more),
                Piece::End(end) => return end.map(|whole| (text, whole)),
            }
        }
        Err(Trouble::Unavailable)
    }
}

/// Nothing of the text.
impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(…)"),
            Self::End(end) => write!(f, "End({end:?})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::Service;

    const WHOLE: Whole =
        Whole { service: Service::Gemini, tokens: Tokens { prompt: 1, completion: 2 }, is_cut: false };

    fn later() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_listens_longer_than_they_said() {
        let teller = Teller::default();
        let (mut short, mut long) =
            (teller.listen(Instant::now() + Duration::from_secs(1)), teller.listen(later()));
        assert_eq!(short.next().await, Some(Piece::End(Err(Trouble::TooLate))));
        teller.tell("at last");
        assert_eq!(long.next().await, Some(Piece::Text("at last".to_owned())));
    }

    #[tokio::test]
    async fn who_listens_late_hears_all_of_it() {
        let teller = Teller::default();
        let mut early = teller.listen(later());
        teller.tell("Hel");
        assert_eq!(early.next().await, Some(Piece::Text("Hel".to_owned())));
        teller.tell("lo, ");
        teller.tell("you");
        let late = teller.listen(later());
        assert_eq!(early.next().await, Some(Piece::Text("lo, you".to_owned())));
        teller.end(Ok(WHOLE));
        assert_eq!(late.whole().await, Ok(("Hello, you".to_owned(), WHOLE)));
        assert_eq!(early.next().await, Some(Piece::End(Ok(WHOLE))));
        assert_eq!(early.next().await, None);
    }

    #[tokio::test]
    async fn who_tells_and_is_gone_has_ended() {
        let teller = Teller::default();
        let mut answering = teller.listen(later());
        teller.tell("half");
        drop(teller);
        assert_eq!(answering.next().await, Some(Piece::Text("half".to_owned())));
        assert_eq!(answering.next().await, Some(Piece::End(Err(Trouble::Unavailable))));
        assert_eq!(answering.next().await, None);
    }

    #[tokio::test]
    async fn nobody_listens_once_all_are_gone() {
        let teller = Teller::default();
        let (one, other) = (teller.listen(later()), teller.listen(later()));
        drop(one);
        assert!(futures::poll!(std::pin::pin!(teller.is_alone())).is_pending());
        drop(other);
        teller.is_alone().await;
    }
}
