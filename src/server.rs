//! Assembles the house from its settings and opens the doors in order; `stop` closes them in reverse.

mod ai;
mod doors;
mod greeting;
mod own;
mod tokens;

pub use own::talk;

use crate::ai::{Ai, Service};
use crate::config::{self, Loaded, Settings, StoreOn};
use crate::core::mask::Masker;
use crate::core::{Millis, NodeId, Private, Rate, Rules, account};
use crate::http::{self, Door, Limits, Origins, Pulse, Readiness, Services};
use crate::hub::accounts::{Asking, Unopened};
use crate::hub::{Clock, House as Rooms, Hub, MailboxLimits, Network};
use crate::inbox::Inboxes;
use crate::logging::{self, Tail};
use crate::metrics::Metrics;
use crate::stop::{self, Signals};
use crate::store::{Calendar, Retention, Shelf, Store};
use crate::whatsapp::{Script, Simulator};
use doors::{Doors, Ports};
use futures::future;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokens::Token;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// File descriptors that are no connection's: listeners, the log, and the runtime's own.
const OWN_FILES: usize = 64;
/// Requests under way get this part of the other ones at most, where the limit on open files is low.
const SPARE_PART: usize = 4;

/// A running house. Dropping it without [`House::close`] cuts everybody off.
pub struct House {
    pub(crate) ready: Readiness,
    pub(crate) stop: CancellationToken,
    pub(crate) visitors: TaskTracker,
    pub(crate) actors: TaskTracker,
    pub(crate) stop_within: Duration,
    pub(crate) store: Store,
    /// The matchmaker and the accounts: without either nobody is served.
    vital: [JoinHandle<()>; 2],
    ports: Ports,
    clock: Clock,
    metrics: Metrics,
    token: Token,
}

/// Why the house could not be opened, in words for the operator.
#[derive(Debug)]
pub struct NotOpened(String);

impl fmt::Display for NotOpened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotOpened {}

/// Serves until a signal says stop. The exit code says whether it ever could.
pub fn run(loaded: Loaded) -> ExitCode {
    match start(&loaded.settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If even standard error is gone, the exit code has to do.
            let _ = writeln!(io::stderr(), "strowger: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start(settings: &Settings) -> Result<(), NotOpened> {
    let tail = Tail::default();
    logging::start(&settings.log, tail.clone())
        .map_err(|error| NotOpened(format!("log.file can't be written: {error}")))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| NotOpened(format!("the runtime can't start: {error}")))?;
    runtime.block_on(async {
        let mut signals = Signals::listen().map_err(|error| NotOpened(format!("no signals: {error}")))?;
        let (settings, for_dashboard) = tokens::with_admin(settings);
        let mut house = House::open_and_watch(&settings, Clock::real(), tail).await?;
        greeting::greet(&settings, house.ports, (&house.token, &for_dashboard));
        let failed = tokio::select! {
            () = signals.heard() => false,
            () = house.drained() => false,
            () = house.failed() => true,
        };
        house.close().await;
        if failed {
            Err(NotOpened("the matchmaker or the accounts ended; the log says where".to_owned()))
        } else {
            Ok(())
        }
    })
}

impl House {
    /// Opens every door that the settings name.
    pub async fn open(settings: &Settings, clock: Clock) -> Result<Self, NotOpened> {
        Self::open_and_watch(settings, clock, Tail::default()).await
    }

    /// The same, where whoever watches can read the end of the log.
    async fn open_and_watch(settings: &Settings, clock: Clock, tail: Tail) -> Result<Self, NotOpened> {
        let (masker, metrics) = (masker(settings)?, Metrics::new());
        let doors = Doors::bind(settings).await?;
        let store = store(settings, &metrics)?;
        let simulator = simulator(settings)?;
        let (hub, matchmaker, accounts) = Hub::start(rooms(settings), masker, clock, metrics.clone());
        let actors = TaskTracker::new();
        let matchmaker = actors.spawn(matchmaker);
        let accounts =
            actors.spawn(reopened(accounts, settings, simulator, &store, (metrics, &actors)).await?);
        Self::around(settings, doors, hub, tail, store, actors, [matchmaker, accounts])
    }

    /// Opens one house of several that are one exchange. All nodes have joined the network before.
    pub async fn open_among(settings: &Settings, network: &Network, node: NodeId) -> Result<Self, NotOpened> {
        let (masker, metrics, rooms) = (masker(settings)?, Metrics::new(), rooms(settings));
        if !network.agree(rooms.rules) {
            return Err(NotOpened("the other nodes have other rules (see chat and limits)".to_owned()));
        }
        let doors = Doors::bind(settings).await?;
        let store = store(settings, &metrics)?;
        let simulator = simulator(settings)?;
        let (hub, matchmaker, postman, accounts) =
            Hub::start_among(network, node, rooms, masker, metrics.clone());
        let (actors, ended) = (TaskTracker::new(), CancellationToken::new());
        let accounts =
            actors.spawn(reopened(accounts, settings, simulator, &store, (metrics, &actors)).await?);
        let (is_ended, place) = (ended.clone(), network.place(node));
        let matchmaker = actors.spawn(async move {
            // Dropped however it ends: then the others know that this node is gone, and its post rests.
            let _ends = (ended.drop_guard(), place);
            matchmaker.await;
        });
        actors.spawn(async move { is_ended.run_until_cancelled(postman).await });
        Self::around(settings, doors, hub, Tail::default(), store, actors, [matchmaker, accounts])
    }

    fn around(
        settings: &Settings,
        doors: Doors,
        hub: Hub,
        tail: Tail,
        store: Store,
        actors: TaskTracker,
        vital: [JoinHandle<()>; 2],
    ) -> Result<Self, NotOpened> {
        let ports = doors.ports();
        let visitors = TaskTracker::new();
        let (clock, metrics) = (hub.clock().clone(), hub.metrics().clone());
        let (ready, stop) = (Readiness::default(), CancellationToken::new());
        let public = settings.http.public_url.as_ref().map(|url| url.origin().to_owned());
        let (gatekeeper, token) = tokens::gatekeeper(settings)?;
        let most = settings.limits.callers.unwrap_or(usize::MAX);
        let inboxes = Inboxes::new(hub.clone(), most, visitors.clone(), stop.clone());
        let pulse = Pulse::new(hub.clone(), inboxes.clone());
        visitors.spawn(pulse.clone().run(stop.clone()));
        let services = Services {
            inboxes,
            pulse,
            tail,
            hub,
            gatekeeper: Arc::new(gatekeeper),
            origins: Arc::new(Origins::with_public(public)),
            my_number: settings.mcp.my_number.as_ref().map(|number| number.reveal().into()),
            ready: ready.clone(),
            stop: stop.clone(),
            tickets: Arc::default(),
            visitors: visitors.clone(),
        };
        let door = Door::new(&services, limits(settings));
        door.for_mcp(&services).open(doors.mcp, &visitors);
        door.open(doors.hub, &visitors);
        ready.set(true);
        let stop_within = settings.server.stop_within;
        Ok(Self { ready, stop, visitors, actors, stop_within, store, vital, ports, clock, metrics, token })
    }

    /// The port of WebSocket and pages.
    pub fn port(&self) -> u16 {
        self.ports.hub
    }

    /// The port of MCP.
    pub fn mcp_port(&self) -> u16 {
        self.ports.mcp
    }

    /// The time of the house.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// What sessions keep.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Ends when the matchmaker does, or the accounts. While the doors are open nobody is answered any more: that is a
    /// bug, or the other nodes gave this one up.
    pub async fn failed(&mut self) {
        // How it ended is in the log.
        let [matchmaker, accounts] = &mut self.vital;
        let _ = future::select(matchmaker, accounts).await;
    }

    /// Waits until somebody who may has asked for the end.
    pub fn drained(&self) -> impl Future<Output = ()> + Send + 'static {
        self.stop.clone().cancelled_owned()
    }

    /// Closes the doors in order and waits for everybody to leave.
    pub async fn close(self) {
        stop::close(self).await;
    }
}

fn masker(settings: &Settings) -> Result<Masker, NotOpened> {
    Masker::new(&settings.chat.mask_also).map_err(|error| NotOpened(error.to_string()))
}

/// After the doors' places are sure: a second hub on this port has no say in what this one keeps.
fn store(settings: &Settings, metrics: &Metrics) -> Result<Store, NotOpened> {
    let shelf = match (&settings.session.store, &settings.data.dir) {
        (StoreOn::Memory, _) => Shelf::Memory,
        (StoreOn::Disk, None) => Shelf::Usual,
        (StoreOn::Disk, Some(directory)) => Shelf::Directory(directory.clone()),
    };
    Store::open(&shelf, Retention::of(settings.session.history), Calendar::real(), metrics.clone())
        .map_err(|error| NotOpened(error.to_string()))
}

/// An AI that may take as long as it likes is given up after a day.
const ANY_TIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The accounts with what the store kept of them, ready to be spawned.
async fn reopened(
    accounts: Unopened,
    settings: &Settings,
    simulator: Simulator,
    store: &Store,
    (metrics, tasks): (Metrics, &TaskTracker),
) -> Result<impl Future<Output = ()> + Send + 'static, NotOpened> {
    // A call that nobody waits for ends by itself, and when the accounts end nobody waits.
    let ai = ai::ai(settings, metrics, tasks.clone())?;
    let rules = account_rules(settings, &ai);
    let [within, sentences_within] = patience_with_ai(settings);
    let asking = Asking { ai, within, sentences_within };
    accounts.open(rules, simulator, store.clone(), asking).await.map_err(|_| {
        NotOpened(
            "what sessions keep can't be read, and nothing begins anew over it; the log says why".to_owned(),
        )
    })
}

/// How long an answer may take, and a sentence that is to be read.
fn patience_with_ai(settings: &Settings) -> [Duration; 2] {
    [settings.ai.answers_within, settings.ai.commands_within].map(|within| within.unwrap_or(ANY_TIME))
}

fn simulator(settings: &Settings) -> Result<Simulator, NotOpened> {
    let Some(file) = &settings.whatsapp.simulator else { return Ok(Simulator::default()) };
    Script::read(file).map(Simulator::new).map_err(|error| NotOpened(error.to_string()))
}

fn account_rules(settings: &Settings, ai: &Ai) -> account::Rules {
    let auto_reply = Private::from(settings.session.auto_reply.as_str());
    let patience = settings.whatsapp.timeout.into();
    account::Rules { patience, auto_reply, ai: ai.services().next().map(Service::name) }
}

fn rooms(settings: &Settings) -> Rooms {
    let (chat, limits) = (&settings.chat, &settings.limits);
    Rooms {
        rules: Rules {
            rematch_after: chat.rematch_after.into(),
            tags_give_way: chat.tags_give_way.into(),
            grace: chat.grace.into(),
            most_away: limits.away.unwrap_or(0),
            meets_per_minute: limits.meets_per_minute.unwrap_or(0),
        },
        mailbox: MailboxLimits {
            letters: limits.outbox_frames.unwrap_or(0),
            bytes: limits.outbox_bytes.unwrap_or(0),
        },
        texts: texts(limits),
        longest_text: limits.text.unwrap_or(0),
        idle_after: or_off(chat.idle_after),
        answers: longest_answer(settings).into(),
    }
}

/// A burst that is off, or smaller than the rate, is what one second allows.
fn texts(limits: &config::Limits) -> Rate {
    let per_second = limits.texts_per_second.unwrap_or(0);
    let burst = limits.texts_burst.unwrap_or(0).max(per_second);
    Rate { per_minute: per_second.saturating_mul(60), burst }
}

fn limits(settings: &Settings) -> Limits {
    let limits = &settings.limits;
    let (sockets, spare) = places(limits.connections, open_files());
    if limits.connections.is_some_and(|wanted| sockets < wanted) {
        tracing::info!(
            connections = sockets,
            "The limit on open files (ulimit -n) allows fewer connections than limits.connections"
        );
    }
    Limits {
        sockets,
        sockets_per_address: limits.connections_per_address.unwrap_or(0),
        spare,
        handshake: limits.handshake.unwrap_or_default(),
        register: or_off(limits.register),
        ping: or_off(limits.ping),
        pong: or_off(limits.pong),
        message: or_off(limits.message),
        frame: limits.frame,
    }
}

/// How long the account may take for an answer: a sentence may have to be read first, and then done.
fn longest_answer(settings: &Settings) -> Duration {
    let [answer, sentence] = patience_with_ai(settings);
    let has_ai = settings.services().any(|(_, service)| service.model.is_some());
    let (answer, sentence) = if has_ai { (answer, sentence) } else { Default::default() };
    sentence + settings.whatsapp.timeout.max(answer)
}

fn or_off(limit: Option<Duration>) -> Millis {
    limit.map_or(Millis(0), Millis::from)
}

/// How many WebSockets there may be, 0 for any number, and how many connections beside them: as many as wanted,
/// and no more than files can be opened, so that to accept one fails only if something else takes files too.
fn places(wanted: Option<usize>, files: Option<usize>) -> (usize, usize) {
    let Some(files) = files else { return (wanted.unwrap_or(0), http::SPARE_CONNECTIONS) };
    let files = files.saturating_sub(OWN_FILES);
    let spare = (files / SPARE_PART).clamp(1, http::SPARE_CONNECTIONS);
    let sockets = files.saturating_sub(spare).max(1);
    (wanted.map_or(sockets, |wanted| wanted.min(sockets)), spare)
}

/// How many files this process may open, after asking for as many as it is allowed to ask for.
#[cfg(unix)]
fn open_files() -> Option<usize> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // If it may not be raised, it stays as it is.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    getrlimit(Resource::Nofile).current.and_then(|files| usize::try_from(files).ok())
}

#[cfg(not(unix))]
fn open_files() -> Option<usize> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flag;
    use std::path::Path;

    #[test]
    fn there_are_no_more_places_than_files() {
        assert_eq!(places(Some(20_000), Some(1 << 20)), (20_000, 256));
        assert_eq!(places(Some(20_000), Some(20_000)), (19_680, 256));
        assert_eq!(places(None, Some(1_024)), (720, 240));
        assert_eq!(places(Some(20_000), Some(256)), (144, 48));
        assert_eq!(places(Some(10), Some(256)), (10, 48));
        assert_eq!(places(Some(10), Some(20)), (1, 1));
        assert_eq!(places(None, None), (0, 256));
    }

    #[tokio::test]
    async fn a_house_whose_matchmaker_or_accounts_ended_says_so_and_closes() {
        for which in [0, 1] {
            let flags =
                ["server.port=0", "mcp.port=0", "session.store=memory"].map(|flag| Flag::set(flag).unwrap());
            let loaded = Settings::load(flags, std::iter::empty(), Path::new("/nonexistent")).unwrap();
            let mut house = House::open(&loaded.settings, Clock::real()).await.unwrap();
            house.vital[which].abort();
            house.failed().await;
            house.close().await;
        }
    }
}
