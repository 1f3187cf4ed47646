//! A bot that greets strangers: it meets somebody, says hello, answers a little, and meets the next.
//!
//! ```sh
//! cargo run --release &
//! cargo run --example greeter
//! cargo run --example greeter -- ws://192.168.1.100:8002
//! ```
//!
//! Then say `#meet` on the chat page, <http://localhost:8002/>. Ctrl-C ends it. When the connection breaks it comes
//! back to its stranger.

use std::error::Error;
use std::time::Duration;
use strowger::client::{Client, Content, Happening, Options, Request, Return, Said};
use tokio::time::sleep;
use uuid::Uuid;

const GREETING: &str = "Hello! I'm a bot that greets strangers. How are you?";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "ws://localhost:8002".to_owned());
    let options =
        Options::to(&url)?.token_of_environment().nickname("Greeter").session(Uuid::new_v4().to_string());
    let mut client = Client::new(options);
    tokio::select! {
        outcome = greet(&mut client) => return outcome,
        pressed = tokio::signal::ctrl_c() => pressed?,
    }
    client.leave().await;
    Ok(())
}

/// Goes on for as long as the hub lets it.
async fn greet(client: &mut Client) -> Result<(), Box<dyn Error>> {
    let mut reply = None;
    while let Some(happening) = client.next().await {
        tell(&happening);
        if let Some(pause) = pause(&happening) {
            sleep(pause).await;
        }
        if let Happening::Answered(ticket, _) | Happening::Unanswered(ticket) = &happening {
            reply = reply.filter(|reply| reply != ticket);
        }
        // Whoever writes faster than it is delivered hears less: what waits could reach the next one.
        if is_text(&happening) && reply.is_some() {
            continue;
        }
        for line in lines(&happening) {
            let ticket = client.send(Request::line(*line))?;
            reply = is_text(&happening).then_some(ticket).or(reply);
        }
    }
    Err(client.end().map(ToString::to_string).unwrap_or_default().into())
}

fn is_text(happening: &Happening) -> bool {
    matches!(happening, Happening::Pushed(frame) if matches!(frame.said(), Said::ChatMessage(_)))
}

/// Nothing of what anybody wrote.
fn tell(happening: &Happening) {
    match happening {
        Happening::Registered(registration) => println!("Here as {}.", registration.nickname),
        Happening::Lost(loss) => println!("{}. Trying again in {:.1?}.", loss.end, loss.retry_in),
        _ if lines(happening) == [GREETING] => println!("Met somebody."),
        _ => {}
    }
}

/// Who meets many must not search all too often. It is about a second.
fn pause(happening: &Happening) -> Option<Duration> {
    let Happening::Answered(_, frame) = happening else { return None };
    frame.content()?.retry_after_ms.map(Duration::from_millis)
}

/// What the bot says then.
fn lines(happening: &Happening) -> &'static [&'static str] {
    match happening {
        Happening::Registered(registration) => match registration.how {
            Return::First | Return::Anew => &["#meet"],
            // What was answered while it was away is not known: this asks where it is.
            Return::Whole | Return::Missed(_) | Return::Unsure => &["#who"],
        },
        Happening::Answered(_, frame) => frame.content().map_or(&[], after),
        Happening::Pushed(frame) => match frame.said() {
            Said::ChatMessage(text) => reply(&text.message),
            Said::ChatEvent(event) => match event.event.as_str() {
                "matched" => &[GREETING],
                "partner_left" | "expired" => &["#again"],
                _ => &[],
            },
            _ => &[],
        },
        Happening::Unanswered(_) | Happening::Unsent(_) | Happening::Lost(_) => &[],
    }
}

/// After a command of its own.
fn after(answer: &Content) -> &'static [&'static str] {
    match (answer.state.as_deref(), answer.command.as_deref()) {
        (Some("idle"), _) => &["#meet"],
        (Some("paired"), Some("meet" | "again")) if answer.success => &[GREETING],
        _ => &[],
    }
}

fn reply(text: &str) -> &'static [&'static str] {
    let text = text.trim();
    if text == GREETING {
        // Another one of its kind, and they would go on for ever.
        &["#block"]
    } else if text.to_lowercase().contains("bye") {
        &["Goodbye!", "#again"]
    } else if text.ends_with('?') {
        &["I don't know, I'm only a bot. What do you think?"]
    } else {
        &["I see. Tell me more, or say bye."]
    }
}
