//! Where the matchmaker's inputs come from, in one order for all.
//!
//! On one node that is a bounded queue. On many it is a log that all of them read.

use super::post::memory::{Entry, Network};
use crate::core::{Input, Millis, NodeId};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

/// An entry of the log, and its time, if the log says.
pub type Arrival = (Input, Option<Millis>);

/// How many entries the matchmaker takes at once.
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
    Memory { network: Network, node: NodeId, _in_use: Arc<DropGuard> },
}

/// A node's view of a log that it shares.
pub struct Reader {
    network: Network,
    node: NodeId,
    /// Nobody on this node can write any more.
    abandoned: CancellationToken,
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
    pub fn memory(network: Network, node: NodeId) -> (Pen, Self) {
        let abandoned = CancellationToken::new();
        let _in_use = Arc::new(abandoned.clone().drop_guard());
        let pen = Pen::Memory { network: network.clone(), node, _in_use };
        (pen, Self::Memory(Reader { network, node, abandoned, seen: BTreeMap::new(), ticked: None }))
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
            for entry in network.read(self.node, BATCH) {
                batch.extend(self.accept(entry));
            }
            if !batch.is_empty() {
                return true;
            }
            if self.abandoned.run_until_cancelled(moved).await.is_none() {
                return false;
            }
        }
    }

    fn accept(&mut self, entry: Entry) -> Option<Arrival> {
        let seen = self.seen.entry(entry.from).or_default();
        if entry.number <= *seen {
            return None;
        }
        *seen = entry.number;
        if self.ticked.is_some_and(|deadline| entry.at >= deadline) {
            // If the machine still has something to do for that deadline, it takes another entry.
            self.ticked = None;
        }
        Some((entry.input, Some(entry.at)))
    }
}

impl Pen {
    /// Appends one entry; waits for room if need be. After the matchmaker ended nobody is left to read it.
    pub async fn write(&self, input: Input) {
        match self {
            Self::Local(sender) => {
                let _ = sender.send((input, None)).await;
            }
            Self::Memory { network, node, .. } => network.append(*node, input),
        }
    }
}
