//! Where the matchmaker's inputs come from, in one order for all.
//!
//! On one node that is a bounded queue. On many it is a log that all of them read; what arrives beside it, and is
//! no input, is a client's mailbox and names: they stay on this node.

use super::Card;
use super::directory::Line;
use super::post::memory::{Entry, Network};
use crate::core::{ConnId, Input, Millis, NodeId};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc;

/// One thing that reaches the matchmaker.
pub enum Arrival {
    /// A client of this node, ahead of its first input.
    Client(ConnId, Line),
    /// A client of this node has another name from now on.
    Renamed(ConnId, Arc<Card>),
    /// An entry of the log, and its time, if the log says.
    Input(Input, Option<Millis>),
}

/// How many arrivals the matchmaker takes at once.
const BATCH: usize = 64;

/// The reading end, for the matchmaker.
pub enum InputLog {
    /// One node: a queue.
    Local(mpsc::Receiver<Arrival>),
    /// Many nodes in one process.
    Memory(Reader),
}

/// The writing end, for everybody else.
#[derive(Clone)]
pub enum Pen {
    Local(mpsc::Sender<Arrival>),
    Memory { clients: mpsc::Sender<Arrival>, network: Network, node: NodeId },
}

/// A node's view of a log that it shares.
pub struct Reader {
    network: Network,
    node: NodeId,
    clients: mpsc::Receiver<Arrival>,
    /// The newest entry of each node: one that comes again counts once.
    seen: BTreeMap<NodeId, u64>,
    /// The deadline that this node wrote a `Tick` for.
    ticked: Option<Millis>,
}

impl InputLog {
    /// A log of one node that holds at most `capacity` entries nobody read yet.
    pub fn local(capacity: usize) -> (Pen, Self) {
        let (sender, receiver) = mpsc::channel(capacity);
        (Pen::Local(sender), Self::Local(receiver))
    }

    /// A log that this node shares with others.
    pub fn memory(network: Network, node: NodeId, capacity: usize) -> (Pen, Self) {
        let (sender, clients) = mpsc::channel(capacity);
        let pen = Pen::Memory { clients: sender, network: network.clone(), node };
        (pen, Self::Memory(Reader { network, node, clients, seen: BTreeMap::new(), ticked: None }))
    }

    /// Waits for entries and appends them to `batch`. `false`: there will be no more.
    pub async fn read(&mut self, batch: &mut Vec<Arrival>) -> bool {
        match self {
            Self::Local(receiver) => receiver.recv_many(batch, BATCH).await > 0,
            Self::Memory(reader) => reader.read(batch).await,
        }
    }

    /// A deadline passed in a quiet log: writes a `Tick` for all to read, once. `false`: this log is one node's,
    /// which may tick by itself.
    pub fn tick(&mut self, deadline: Millis) -> bool {
        match self {
            Self::Local(_) => false,
            Self::Memory(reader) => {
                if reader.ticked.replace(deadline) != Some(deadline) {
                    reader.network.append(reader.node, Input::Tick);
                }
                true
            }
        }
    }

    /// Whether a `Tick` for this deadline is on its way already.
    pub fn has_ticked(&self, deadline: Millis) -> bool {
        matches!(self, Self::Memory(reader) if reader.ticked == Some(deadline))
    }
}

impl Reader {
    async fn read(&mut self, batch: &mut Vec<Arrival>) -> bool {
        let network = self.network.clone();
        loop {
            let moved = network.moved();
            // Entries first and clients second: then every client of these entries is there. But clients are
            // to be known before their entries are applied.
            let entries = network.read(self.node, BATCH);
            while let Ok(client) = self.clients.try_recv() {
                batch.push(client);
            }
            for entry in entries {
                batch.extend(self.accept(entry));
            }
            if !batch.is_empty() {
                return true;
            }
            let client = tokio::select! {
                () = moved => continue,
                client = self.clients.recv() => client,
            };
            let Some(client) = client else { return false };
            batch.push(client);
        }
    }

    fn accept(&mut self, entry: Entry) -> Option<Arrival> {
        let seen = self.seen.entry(entry.from).or_default();
        if entry.number <= *seen {
            return None;
        }
        *seen = entry.number;
        Some(Arrival::Input(entry.input, Some(entry.at)))
    }
}

impl Pen {
    /// Appends one entry; waits for room if need be. After the matchmaker ended nobody is left to read it.
    pub async fn write(&self, input: Input) {
        match self {
            Self::Local(sender) => {
                let _ = sender.send(Arrival::Input(input, None)).await;
            }
            Self::Memory { network, node, .. } => network.append(*node, input),
        }
    }

    /// A client gave itself another name.
    pub async fn rename(&self, conn: ConnId, card: Arc<Card>) {
        let (Self::Local(sender) | Self::Memory { clients: sender, .. }) = self;
        let _ = sender.send(Arrival::Renamed(conn, card)).await;
    }

    /// Makes a client known ahead of its first entry.
    pub async fn attach(&self, conn: ConnId, line: Line) {
        let (Self::Local(sender) | Self::Memory { clients: sender, .. }) = self;
        let _ = sender.send(Arrival::Client(conn, line)).await;
    }
}
