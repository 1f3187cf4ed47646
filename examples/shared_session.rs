//! The clients of one session share a WhatsApp account: contacts, what is sent and received, and its history.
//!
//! ```sh
//! cargo run --release &
//! cargo run --example shared_session
//! cargo run --example shared_session -- ws://192.168.1.100:8002
//! ```
//!
//! By itself the hub sends nothing, and says so: `simulated`. With a bridge in the session messages get
//! further:
//!
//! ```sh
//! python examples/bridge.py team &
//! cargo run --example shared_session -- ws://localhost:8002 team
//! ```

use std::error::Error;
use strowger::client::{Backoff, Client, Content, Frame, Happening, Options, Request, Said};
use uuid::Uuid;

type Failure = Box<dyn Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().unwrap_or_else(|| "ws://localhost:8002".to_owned());
    // Whoever names the same session is in it, so it takes a name that nobody guesses.
    let session = arguments.next().unwrap_or_else(|| format!("team {}", Uuid::new_v4()));
    share(&url, &session).await.map_err(|why| format!("{url}: {why}").into())
}

async fn share(url: &str, session: &str) -> Result<(), Failure> {
    let mut phone = Device::join(url, session, "phone").await?;
    let mut laptop = Device::join(url, session, "laptop").await?;
    phone.sees(|said| matches!(said, Said::ClientJoined(_))).await?;

    // One gives the contacts, all get them.
    laptop.asks("shares its contacts", Request::update_contacts(["John", "Sarah", "Mike"])).await?;
    phone.sees(|said| matches!(said, Said::ContactListBroadcast(_))).await?;

    // A message in plain words and one as an action. Whoever sends, all see it.
    phone.says("send john a message saying hello").await?;
    both_see_it(&mut phone, &mut laptop).await?;
    laptop.asks("sends an action", Request::send("Sarah", "Lunch at noon?")).await?;
    both_see_it(&mut phone, &mut laptop).await?;
    // The whole session speaks of the same person, so this goes to Sarah.
    phone.says("tell her I am late").await?;
    both_see_it(&mut phone, &mut laptop).await?;

    // What the session remembers, for any of its clients.
    laptop.asks("looks back", Request::history(3)).await?;
    laptop.asks("searches for lunch", Request::search("lunch")).await?;
    laptop.asks("asks how things stand", Request::status()).await?;

    // Who comes later hears how things stand.
    let mut tablet = Device::join(url, session, "tablet").await?;
    tablet.sees(|said| matches!(said, Said::ContactListBroadcast(_))).await?;
    tablet.sees(|said| matches!(said, Said::SessionStatus(_))).await?;
    phone.sees(|said| matches!(said, Said::ClientJoined(_))).await?;

    laptop.leaves().await;
    phone.sees(|said| matches!(said, Said::ClientLeft(_))).await?;
    tablet.sees(|said| matches!(said, Said::ClientLeft(_))).await?;
    phone.leaves().await;
    tablet.leaves().await;
    Ok(())
}

async fn both_see_it(phone: &mut Device, laptop: &mut Device) -> Result<(), Failure> {
    let is_message = |said: &Said| matches!(said, Said::WhatsappMessage(_));
    phone.sees(is_message).await?;
    laptop.sees(is_message).await
}

/// A client of the session.
struct Device {
    name: &'static str,
    client: Client,
}

impl Device {
    async fn join(url: &str, session: &str, name: &'static str) -> Result<Self, Failure> {
        // The name is what the others read.
        let options = Options::to(url)?.token_of_environment().client_name(name).session(session);
        // By itself a client tries again and again. This one gives up where there is no hub.
        let client = Client::new(options.with_backoff(Backoff::USUAL.at_most(1)));
        let mut device = Self { name, client };
        while !matches!(device.next().await?, Happening::Registered(_)) {}
        println!("    {name} is registered");
        Ok(device)
    }

    async fn says(&mut self, sentence: &str) -> Result<(), Failure> {
        self.asks(&format!("says: {sentence}"), Request::sentence(sentence)).await
    }

    /// Asks for something, and shows the answer, which has to be a good one.
    async fn asks(&mut self, what: &str, request: Request) -> Result<(), Failure> {
        println!("{} {what}", self.name);
        let answer = self.client.ask(request).await;
        let answer = answer.map_err(|why| format!("{why}: {}", self.end()))?;
        let text = shown(&answer);
        if !answer.is_success() {
            return Err(format!("{} is refused: {text}", self.name).into());
        }
        println!("    {} is answered: {text}", self.name);
        Ok(())
    }

    /// Waits for something of this kind that others did, and shows it. Any client and any contact of the session may do
    /// something else meanwhile.
    async fn sees(&mut self, is_wanted: impl Fn(&Said) -> bool) -> Result<(), Failure> {
        loop {
            match self.next().await? {
                Happening::Pushed(frame) if is_wanted(frame.said()) => {
                    println!("    {} sees: {}", self.name, shown(&frame));
                    return Ok(());
                }
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

    async fn leaves(self) {
        println!("{} leaves", self.name);
        self.client.leave().await;
    }
}

fn shown(frame: &Frame) -> String {
    let text = match frame.said() {
        Said::ClientJoined(member) => format!("{} joined", member.client_name),
        Said::ClientLeft(member) => format!("{} left", member.client_name),
        // At most twenty names come with it; total_count counts all.
        Said::ContactListBroadcast(list) => {
            format!("{} ({} contacts)", list.contacts.join(", "), list.total_count)
        }
        Said::WhatsappMessage(sent) => message(&sent.direction, &sent.contact, &sent.message),
        Said::SessionStatus(status) => format!("WhatsApp is {}", known(&status.whatsapp)),
        Said::Response(answer) => answered(&answer.response_type, &answer.content),
        _ => frame.text().to_owned(),
    };
    // What others write comes as it is, so nothing in it may steer this terminal.
    text.chars().filter(|c| !c.is_control()).collect()
}

fn answered(kind: &str, content: &Content) -> String {
    match kind {
        _ if !content.success => known(&content.text).to_owned(),
        "whatsapp_command_result" => format!("{} to {}", known(&content.state), known(&content.contact)),
        "status" => {
            format!("WhatsApp is {}, last contact {}", known(&content.whatsapp), known(&content.last_contact))
        }
        _ => {
            let messages = content.messages.iter();
            let lines = messages.map(|found| message(&found.direction, known(&found.contact), &found.text));
            lines.collect::<Vec<_>>().join(" | ")
        }
    }
}

fn message(direction: &str, contact: &str, text: &str) -> String {
    let way = if direction == "incoming" { "from" } else { "to" };
    format!("{way} {contact}: {text}")
}

fn known(field: &Option<String>) -> &str {
    field.as_deref().unwrap_or_default()
}
