//! Two strangers meet on a running hub, talk, and part.
//!
//! ```sh
//! cargo run --release &
//! cargo run --example two_strangers
//! cargo run --example two_strangers -- ws://192.168.1.100:8002
//! ```
//!
//! All that a person types is a line: commands like `#meet`, and texts for the partner. A line has an answer; what
//! others do is pushed.

use std::error::Error;
use std::time::Duration;
use strowger::client::{Backoff, Client, Frame, Happening, Options, Request, Said};
use tokio::time::timeout;
use uuid::Uuid;

type Failure = Box<dyn Error>;

/// Whoever takes longer is not alone on the hub, and has met somebody else.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "ws://localhost:8002".to_owned());
    match timeout(PATIENCE, meet_and_part(&url)).await {
        Ok(outcome) => outcome.map_err(|why| format!("{url}: {why}").into()),
        Err(_) => Err("Somebody waits in vain: is there anybody else on this hub?".into()),
    }
}

async fn meet_and_part(url: &str) -> Result<(), Failure> {
    let (mut a, mut b) = (Stranger::new(url, "User_A")?, Stranger::new(url, "User_B")?);
    a.types("#meet").await?;
    b.types("#meet").await?;
    a.sees().await?;

    a.types("Hello! How are you?").await?;
    b.sees().await?;
    b.types("I'm good, thanks! Where are you from?").await?;
    a.sees().await?;

    a.types("#who").await?;
    a.types("#bye").await?;
    b.sees().await?;

    // A goodbye each. Without it the hub would wait for them to come back.
    a.client.leave().await;
    b.client.leave().await;
    Ok(())
}

/// One of the two.
struct Stranger {
    name: &'static str,
    client: Client,
}

impl Stranger {
    fn new(url: &str, name: &'static str) -> Result<Self, Failure> {
        // The clients of a session see each other's contacts, so strangers each take their own.
        let options =
            Options::to(url)?.token_of_environment().nickname(name).session(Uuid::new_v4().to_string());
        // By itself a client tries again and again. This one gives up where there is no hub.
        let client = Client::new(options.with_backoff(Backoff::USUAL.at_most(1)));
        Ok(Self { name, client })
    }

    /// Waits for the answer, and shows it. That a text was delivered is told without words.
    async fn types(&mut self, line: &str) -> Result<(), Failure> {
        println!("{}: {line}", self.name);
        let answer = self.client.ask(Request::line(line)).await;
        let answer = answer.map_err(|why| format!("{why}: {}", self.end()))?;
        if let Some(text) = answer.content().and_then(|content| content.text.as_deref()) {
            self.shows(text);
        }
        Ok(())
    }

    /// Waits for something that was pushed, and shows it.
    async fn sees(&mut self) -> Result<(), Failure> {
        loop {
            let happening = self.client.next().await.ok_or_else(|| self.end())?;
            if let Happening::Pushed(frame) = happening
                && let Some(text) = shown(&frame)
            {
                self.shows(&text);
                return Ok(());
            }
        }
    }

    /// Why the client is over.
    fn end(&self) -> String {
        self.client.end().map(ToString::to_string).unwrap_or_default()
    }

    /// What a stranger writes comes as it is, so nothing in it may steer this terminal.
    fn shows(&self, text: &str) {
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        println!("    {} sees: {text}", self.name);
    }
}

/// What a person sees of it. Frames that a client does not know it passes over.
fn shown(frame: &Frame) -> Option<String> {
    match frame.said() {
        Said::ChatEvent(event) => Some(event.text.clone()),
        Said::ChatMessage(text) => Some(format!("{}: {}", text.from, text.message)),
        _ => None,
    }
}
