//! Somebody loses the connection in the middle of a chat, and goes on where they were: nothing is lost, nothing
//! comes twice.
//!
//! ```sh
//! cargo run --release &
//! cargo run --example come_back
//! cargo run --example come_back -- ws://192.168.1.100:8002
//! ```
//!
//! The client does it by itself. It keeps the `resume_token` of the last confirmation, which says who it is, and the
//! `pos` of the last pushed frame, which says how far it has come.

use std::error::Error;
use std::time::Duration;
use strowger::client::{Backoff, Client, Frame, Happening, Options, Registration, Request, Return, Said};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::timeout;
use uuid::Uuid;

type Failure = Box<dyn Error>;

/// Whoever takes longer is not alone on the hub, and has met somebody else.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "ws://localhost:8002".to_owned());
    let hub = url.trim_start_matches("ws://").trim_end_matches('/');
    let cable = Cable { socket: TcpListener::bind("127.0.0.1:0").await?, cut: Notify::new() };
    tokio::select! {
        outcome = timeout(PATIENCE, lose_and_come_back(&url, &cable)) => match outcome {
            Ok(outcome) => outcome.map_err(|why| format!("{url}: {why}").into()),
            Err(_) => Err("Somebody waits in vain: is there anybody else on this hub?".into()),
        },
        outcome = cable.carry(hub) => outcome,
    }
}

async fn lose_and_come_back(url: &str, cable: &Cable) -> Result<(), Failure> {
    let (mut a, mut b) = (Person::new(url, "User_A")?, Person::new(&cable.url()?, "User_B")?);
    a.types("#meet").await?;
    b.types("#meet").await?;
    a.sees().await?;
    a.types("Can you hear me?").await?;
    b.sees().await?;

    println!("User_B loses the connection");
    cable.cut.notify_one();
    a.sees().await?;
    a.types("Hello?").await?;
    a.types("I'll just go on.").await?;

    b.comes_back().await?;
    b.sees().await?;
    b.sees().await?;
    a.sees().await?;
    a.client.leave().await;
    b.client.leave().await;
    Ok(())
}

/// What lies between somebody and the hub.
struct Cable {
    socket: TcpListener,
    cut: Notify,
}

impl Cable {
    fn url(&self) -> Result<String, Failure> {
        Ok(format!("ws://{}", self.socket.local_addr()?))
    }

    /// One connection after the other, each until it is cut.
    async fn carry(&self, hub: &str) -> Result<(), Failure> {
        loop {
            let (mut near, _) = self.socket.accept().await?;
            let mut far = TcpStream::connect(hub).await?;
            tokio::select! {
                ended = copy_bidirectional(&mut near, &mut far) => drop(ended),
                () = self.cut.notified() => {}
            }
        }
    }
}

/// Somebody at a client.
struct Person {
    name: &'static str,
    client: Client,
}

impl Person {
    fn new(url: &str, name: &'static str) -> Result<Self, Failure> {
        let options =
            Options::to(url)?.token_of_environment().nickname(name).session(Uuid::new_v4().to_string());
        // By itself a client tries again and again.
        Ok(Self { name, client: Client::new(options.with_backoff(Backoff::USUAL.at_most(3))) })
    }

    /// Waits for the answer, and shows it.
    async fn types(&mut self, line: &str) -> Result<(), Failure> {
        println!("{}: {line}", self.name);
        let answer = self.client.ask(Request::line(line)).await;
        let answer = answer.map_err(|why| format!("{why}: {}", self.end()))?;
        self.shows(&shown(&answer));
        Ok(())
    }

    /// Waits for something that was pushed, and shows it.
    async fn sees(&mut self) -> Result<(), Failure> {
        loop {
            if let Happening::Pushed(frame) = self.next().await? {
                self.shows(&shown(&frame));
                return Ok(());
            }
        }
    }

    /// Waits until the hub knows them again.
    async fn comes_back(&mut self) -> Result<(), Failure> {
        loop {
            match self.next().await? {
                Happening::Lost(loss) => println!("{}: {}, so let's try again", self.name, loss.end),
                Happening::Registered(Registration { how: Return::Whole, .. }) => {
                    println!("{} is back, and nothing is lost", self.name);
                    return Ok(());
                }
                Happening::Registered(Registration { how, .. }) => return Err(format!("{how:?}").into()),
                _ => {}
            }
        }
    }

    async fn next(&mut self) -> Result<Happening, Failure> {
        self.client.next().await.ok_or_else(|| self.end().into())
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

fn shown(frame: &Frame) -> String {
    match frame.said() {
        Said::Response(answer) if answer.content.delivered == Some(true) => "delivered".to_owned(),
        Said::Response(answer) if answer.content.queued == Some(true) => {
            "held until the partner is back".to_owned()
        }
        Said::Response(answer) => answer.content.text.clone().unwrap_or_default(),
        Said::ChatEvent(event) => event.text.clone(),
        Said::ChatMessage(text) => format!("{}: {}", text.from, text.message),
        _ => frame.text().to_owned(),
    }
}
