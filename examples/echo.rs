//! The hub's door with an echo behind it, for test suites of WebSocket servers such as Autobahn's.
//!
//! ```sh
//! cargo run --example echo -- 9001
//! ```
//!
//! What listens, upgrades and reads frames is the code that the hub runs. Only the limit on a message is higher,
//! because such suites send up to 16 MiB, and who is silent is not asked whether it is still there.

use futures::{SinkExt, StreamExt};
use std::error::Error;
use std::sync::Arc;
use strowger::auth::{Gatekeeper, Mode};
use strowger::core::mask::Masker;
use strowger::core::{Millis, Rate, Rules};
use strowger::http::{self, Door, Limits, Origins, Pulse, Readiness, Services, Tail, Talk};
use strowger::hub::{Clock, House, Hub, MailboxLimits};
use strowger::inbox::Inboxes;
use strowger::metrics::Metrics;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The largest message that comes back.
const FRAME: usize = 64 * 1_024 * 1_024;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1).map_or(Ok(9_001), |port| port.parse())?;
    let listeners = http::bind("127.0.0.1", port).await?;
    println!("Echo on ws://127.0.0.1:{}", listeners.port());
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let limits = Limits { sockets: 1_000, spare: 100, frame: FRAME, ..Limits::default() };
    let hub = nobody(&tasks);
    let inboxes = Inboxes::new(hub.clone(), 0, tasks.clone(), stop.clone());
    let services = Services {
        pulse: Pulse::new(hub.clone(), inboxes.clone()),
        tail: Tail::default(),
        inboxes,
        hub,
        gatekeeper: Arc::new(Gatekeeper::new(Mode::None, "nobody's", None)),
        origins: Arc::new(Origins::default()),
        my_number: None,
        ready: Readiness::default(),
        stop,
        tickets: Arc::default(),
        visitors: tasks.clone(),
    };
    let door = Door::new(&services, limits);
    door.open_to::<Echo>(listeners, &tasks);
    tasks.close();
    tasks.wait().await;
    Ok(())
}

/// A hub that no client ever reaches: a door needs one for its clock and its counters.
fn nobody(tasks: &TaskTracker) -> Hub {
    let off = Millis(0);
    let rules =
        Rules { rematch_after: off, tags_give_way: off, grace: off, most_away: 0, meets_per_minute: 0 };
    let mailbox = MailboxLimits { letters: 1, bytes: 0 };
    let house =
        House { rules, mailbox, texts: Rate::default(), longest_text: 0, idle_after: off, answers: off };
    let (hub, matchmaker, _) = Hub::start(house, Masker::default(), Clock::real(), Metrics::new());
    tasks.spawn(matchmaker);
    hub
}

/// Sends back what it gets.
struct Echo;

impl Talk for Echo {
    async fn talk<S>(mut socket: WebSocketStream<S>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        while let Some(Ok(message)) = socket.next().await {
            let is_data = message.is_text() || message.is_binary();
            // The codec answers pings and closes by itself.
            if is_data && socket.send(message).await.is_err() {
                break;
            }
        }
    }
}
