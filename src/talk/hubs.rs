//! The hub that is talked with: the one that was asked for, or one of this client's own while that does not answer.
//!
//! The client of the hub that was asked for goes on trying meanwhile, and what was typed for it waits there.
//!
//! It must never know: what is said.

use super::Wanted;
use super::conversation::Link;
use super::shown::{Line, Mood};
use super::words;
use crate::client::{Backoff, Client, End, Happening, Loss, Options};
use futures::future::{BoxFuture, FutureExt, OptionFuture};
use std::collections::VecDeque;

/// A hub that somebody else opened for this client.
pub struct Lodging {
    /// Where it listens, as `ws://`.
    pub url: String,
    /// What lets this client in, and nobody else.
    pub token: String,
    /// Ends it.
    pub close: BoxFuture<'static, ()>,
}

impl Lodging {
    fn options(&self, own: &Options) -> Options {
        own.clone().at(&self.url).token(Some(self.token.clone()))
    }
}

/// Opens a hub for this client alone; the error is in words.
pub type OpenHub = Box<dyn Fn() -> BoxFuture<'static, Result<Lodging, String>> + Send + Sync>;

/// So many attempts in a row have to fail before a hub that was there is taken to be gone: a restart takes a moment.
const ATTEMPTS: u32 = 3;
/// A script does not wait for ever: after about a minute in which no attempt succeeds it is told.
const ATTEMPTS_OF_SCRIPTS: u32 = 8;

/// See the module.
pub struct Hubs {
    /// Whoever is talked with.
    speaker: Client,
    /// If that is at a hub of its own, this.
    lodging: Option<Lodging>,
    /// And this is whoever waits to talk with the hub that was asked for.
    waiting: Option<Client>,
    opening: Option<BoxFuture<'static, Result<Lodging, String>>>,
    closing: Option<BoxFuture<'static, ()>>,
    news: VecDeque<News>,
    /// Where the hub is that was asked for; `None` if none was.
    home: Option<String>,
    was_home: bool,
    open: OpenHub,
    own: Options,
    /// Whether it falls into a hub of its own by itself.
    falls: bool,
    /// Whether it waits for a hub that was never there.
    waits: bool,
    /// Whether another token may come after one that expired.
    renews: bool,
}

/// What happens.
pub enum News {
    Happening(Happening),
    /// It is another hub now.
    Moved {
        hub: String,
        link: Link,
        line: Line,
    },
    Told(Line),
    Over(End),
}

enum Event {
    Speaker(Option<Happening>),
    Waiting(Option<Happening>),
    Opened(Result<Lodging, String>),
    Closed,
}

impl Hubs {
    /// Begins to connect; a hub of its own is opened first, if no other was asked for.
    pub async fn new(wanted: &Wanted, open: OpenHub, is_screen: bool) -> Result<Self, String> {
        let (speaker, lodging, home) = match &wanted.hub {
            Some(options) => {
                let patient =
                    if is_screen { Backoff::USUAL } else { Backoff::USUAL.at_most(ATTEMPTS_OF_SCRIPTS) };
                let options = options.clone().with_backoff(patient);
                let url = options.url().to_owned();
                (Client::new(options), None, Some(url))
            }
            None => {
                let lodging = open().await?;
                (Client::new(lodging.options(&wanted.own)), Some(lodging), None)
            }
        };
        let mut hubs = Self {
            speaker,
            lodging,
            waiting: None,
            opening: None,
            closing: None,
            news: VecDeque::new(),
            home,
            was_home: false,
            open,
            own: wanted.own.clone(),
            falls: is_screen && wanted.falls,
            waits: is_screen,
            renews: wanted.renews,
        };
        hubs.settle_in();
        Ok(hubs)
    }

    fn settle_in(&mut self) {
        if let Some(lodging) = &self.lodging {
            let line = Line::new(Mood::Note, &words::on_its_own(self.home.as_deref()));
            self.news.push_back(News::Moved { hub: lodging.url.clone(), link: Link::Own, line });
        }
    }

    /// Where the hub is that was asked for.
    pub fn url(&self) -> &str {
        self.home.as_deref().unwrap_or_default()
    }

    /// Whoever is talked with.
    pub fn client(&mut self) -> &mut Client {
        &mut self.speaker
    }

    /// What happens next. May be dropped and called again.
    pub async fn next(&mut self) -> News {
        loop {
            if let Some(news) = self.news.pop_front() {
                return news;
            }
            let event = self.pick().await;
            self.decide(event);
        }
    }

    /// Says goodbye everywhere.
    pub async fn leave(self) {
        let home = OptionFuture::from(self.waiting.map(Client::leave));
        let closing = OptionFuture::from(self.closing);
        futures::join!(self.speaker.leave(), home, closing);
        if let Some(lodging) = self.lodging {
            lodging.close.await;
        }
    }

    async fn pick(&mut self) -> Event {
        let waiting = OptionFuture::from(self.waiting.as_mut().map(Client::next));
        let opening = OptionFuture::from(self.opening.as_mut());
        let closing = OptionFuture::from(self.closing.as_mut());
        tokio::select! {
            happening = self.speaker.next() => Event::Speaker(happening),
            Some(happening) = waiting => Event::Waiting(happening),
            Some(opened) = opening => Event::Opened(opened),
            Some(()) = closing => Event::Closed,
        }
    }

    fn decide(&mut self, event: Event) {
        match event {
            Event::Speaker(None) => self.is_over(|hubs| &hubs.speaker),
            Event::Speaker(Some(Happening::Lost(loss))) if self.lodging.is_none() => self.lost(loss),
            Event::Speaker(Some(happening)) => {
                if let (Happening::Registered(_), None) = (&happening, &self.lodging) {
                    (self.was_home, self.opening) = (true, None);
                }
                self.news.push_back(News::Happening(happening));
            }
            Event::Waiting(None) => self.is_over(|hubs| hubs.waiting.as_ref().unwrap_or(&hubs.speaker)),
            Event::Waiting(Some(happening)) => self.waits(happening),
            Event::Opened(opened) => {
                self.opening = None;
                match opened {
                    Ok(lodging) => self.move_in(lodging),
                    Err(why) => self.news.push_back(News::Told(Line::new(Mood::Problem, &why))),
                }
            }
            Event::Closed => self.closing = None,
        }
    }

    fn lost(&mut self, loss: Loss) {
        let is_gone = loss.end.is_absence() && (!self.was_home || loss.attempt >= ATTEMPTS);
        let is_over = is_gone && !self.waits && !self.was_home;
        if is_over || (loss.end.is_expiry() && !self.renews) {
            return self.news.push_back(News::Over(loss.end));
        }
        if is_gone && self.falls && self.opening.is_none() {
            self.opening = Some((self.open)());
        }
        self.news.push_back(News::Happening(Happening::Lost(loss)));
    }

    fn move_in(&mut self, lodging: Lodging) {
        let own = Client::new(lodging.options(&self.own));
        self.waiting = Some(std::mem::replace(&mut self.speaker, own));
        self.lodging = Some(lodging);
        self.settle_in();
    }

    /// Until the hub that was asked for is there, it is no news that it is not.
    fn waits(&mut self, happening: Happening) {
        match happening {
            Happening::Lost(_) => {}
            Happening::Registered(_) => self.move_out(happening),
            other => self.news.push_back(News::Happening(other)),
        }
    }

    fn move_out(&mut self, registered: Happening) {
        let (Some(home), Some(lodging)) = (self.waiting.take(), self.lodging.take()) else { return };
        let own = std::mem::replace(&mut self.speaker, home);
        self.closing = Some(
            async move {
                own.leave().await;
                lodging.close.await;
            }
            .boxed(),
        );
        self.was_home = true;
        let hub = self.url().to_owned();
        let line = Line::new(Mood::Note, &format!("The hub at {hub} answers again."));
        self.news.push_back(News::Moved { hub, link: Link::Here, line });
        self.news.push_back(News::Happening(registered));
    }

    fn is_over(&mut self, of: impl Fn(&Self) -> &Client) {
        let end = of(self).end().cloned().unwrap_or(End::Lost);
        self.news.push_back(News::Over(end));
    }
}
