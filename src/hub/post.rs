//! The way to clients on other nodes: parcels, which travel beside the log and may overtake it.
//!
//! A text for somebody on another node is kept here until that node says that it was written to its reader. If it
//! is refused there, comes back, or the node is lost, its sender is told: so none is lost in silence.

pub mod memory;

use super::Card;
use super::directory::Directory;
use super::letter::{Letter, Origin, Receipt, Text, Unshown};
use super::mailbox::{Mailbox, Refused, Taken, counted};
use super::sync::{Mutex, MutexGuard, lock};
use crate::core::{ConnId, NodeId, PairId, Presence};
use crate::metrics::Metrics;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many texts this node keeps until other nodes have shown them; past it new ones are refused.
const KEPT: usize = 65_536;

/// What one node sends another.
#[derive(Clone)]
pub struct Parcel {
    pub from: NodeId,
    /// Each one of a node to another has a higher number, so that one that comes twice counts once.
    pub number: u64,
    pub what: What,
}

/// What is in a parcel. Texts are called by the number under which their sender's node keeps them.
#[derive(Clone)]
pub enum What {
    Text {
        to: ConnId,
        pair: PairId,
        turn: u32,
        kept: u64,
        text: Box<str>,
    },
    Typing {
        to: ConnId,
        pair: PairId,
        active: bool,
    },
    /// What became of a text on its arrival.
    Receipt {
        kept: u64,
        outcome: Result<Taken, Refused>,
    },
    /// A text was written to its reader's socket.
    Written {
        kept: u64,
    },
    /// A text could not be shown after all.
    Failed {
        kept: u64,
        why: Refused,
    },
    /// What became of a text follows its sender, who went on there.
    Follow {
        to: ConnId,
        news: News,
    },
    /// A client that shares a session with somebody there has this name.
    Name {
        about: ConnId,
        card: Arc<Card>,
    },
    /// Clients are told who of their session came or went.
    Announce {
        about: ConnId,
        card: Arc<Card>,
        presence: Presence,
        to: Vec<ConnId>,
    },
}

/// What somebody hears of a text of their own.
#[derive(Clone)]
pub enum News {
    Failed(Box<Unshown>),
    Receipt(Box<Receipt>),
}

impl What {
    /// Whether it says what became of a text. There are few of them for each text, and they must arrive.
    pub fn is_about_a_text(&self) -> bool {
        matches!(
            self,
            Self::Receipt { .. } | Self::Written { .. } | Self::Failed { .. } | Self::Follow { .. }
        )
    }
}

/// How parcels travel.
#[derive(Clone)]
pub enum Link {
    /// There is one node.
    None,
    /// The other nodes are in this process.
    Memory(memory::Network),
}

/// A node's post office. Cloning it is cheap.
#[derive(Clone)]
pub struct Post(Arc<Office>);

struct Office {
    node: NodeId,
    link: Link,
    metrics: Metrics,
    shelf: Mutex<Shelf>,
    /// Held while a parcel is taken and opened: whoever holds it knows that none is half open.
    opening: Mutex<()>,
}

#[derive(Default)]
struct Shelf {
    texts: BTreeMap<u64, Kept>,
    next: u64,
    lost: BTreeSet<NodeId>,
    /// The newest parcel of each node.
    seen: BTreeMap<NodeId, u64>,
}

/// A text that another node has not shown yet.
struct Kept {
    at: NodeId,
    text: Text,
    is_answered: bool,
}

impl Post {
    /// The post of a node, over this link.
    pub fn new(node: NodeId, link: Link, metrics: Metrics) -> Self {
        Self(Arc::new(Office { node, link, metrics, shelf: Mutex::default(), opening: Mutex::default() }))
    }

    /// Sends a text to a client on another node. Its sender, whose mailbox it names, hears what becomes of it.
    pub fn send_text(&self, to: ConnId, text: Text) -> Result<(), Refused> {
        let (pair, turn, line) = (text.pair, text.turn, text.text.clone());
        let mut shelf = self.lock();
        if shelf.lost.contains(&to.node) {
            return Err(Refused::OutOfReach);
        }
        if shelf.texts.len() >= KEPT {
            return Err(Refused::Full);
        }
        shelf.next += 1;
        let kept = shelf.next;
        shelf.texts.insert(kept, Kept { at: to.node, text, is_answered: false });
        drop(shelf);
        if self.send(to.node, What::Text { to, pair, turn, kept, text: line }) {
            return Ok(());
        }
        // If it is gone, the node was lost meanwhile, and the sender is told so.
        self.lock().texts.remove(&kept).map_or(Ok(()), |_| Err(Refused::Full))
    }

    /// Sends a parcel. `false`: there is no way, or it is full, and this is a parcel that can be refused.
    pub fn send(&self, to: NodeId, what: What) -> bool {
        match &self.0.link {
            Link::None => false,
            Link::Memory(network) => network.send(self.0.node, to, what),
        }
    }

    /// Opens a parcel.
    pub fn open(&self, parcel: Parcel, directory: &Directory) {
        let Parcel { from, number, what } = parcel;
        if !self.is_news(from, number) {
            return;
        }
        match what {
            What::Text { to, pair, turn, kept, text } => {
                let sender = Origin::There { node: from, kept };
                let text = Text { pair, turn, said: None, sender, request_id: None, text };
                // If they are gone for good, their partner's node hears so by the log.
                let outcome = directory.push(to, Letter::Text(text)).unwrap_or(Err(Refused::OutOfReach));
                self.send(from, What::Receipt { kept, outcome });
            }
            // A hint that finds no room is no loss.
            What::Typing { to, pair, active } => drop(directory.push(to, Letter::Typing(pair, active))),
            What::Receipt { kept, outcome } => self.receipt(kept, outcome),
            What::Written { kept } => {
                // Its reader may be faster than the postman who says that it arrived.
                self.receipt(kept, Ok(Taken::Delivered));
                self.lock().texts.remove(&kept);
            }
            What::Failed { kept, why } => {
                let failed = self.lock().texts.remove(&kept);
                failed.into_iter().for_each(|kept| super::give_back(kept.text, why, &self.0.metrics, self));
            }
            What::Follow { to, news } => self.follow(to, news, directory),
            What::Name { about, card } => directory.meet_stranger(about, card),
            What::Announce { about, card, presence, to } => {
                match presence {
                    Presence::Joined => directory.meet_stranger(about, card.clone()),
                    Presence::Left => drop(directory.forget_stranger(about)),
                }
                directory.announce(card, presence, to.into_iter());
            }
        }
    }

    fn is_news(&self, from: NodeId, number: u64) -> bool {
        let mut shelf = self.lock();
        if shelf.lost.contains(&from) || shelf.seen.get(&from).is_some_and(|seen| *seen >= number) {
            return false;
        }
        shelf.seen.insert(from, number);
        true
    }

    /// Tells somebody what became of a text of theirs, also if they went on on another node. Who is gone needs no
    /// news.
    pub fn tell(&self, to: &Mailbox, news: Letter) {
        let Err((_, letter)) = to.push(news) else { return };
        let news = match letter {
            Letter::Failed(text) => News::Failed(text),
            Letter::Receipt(receipt) => News::Receipt(receipt),
            _ => return,
        };
        if let Some(to) = to.moved_to() {
            self.send(to.node, What::Follow { to, news });
        }
    }

    fn follow(&self, to: ConnId, news: News, directory: &Directory) {
        let mut to = to;
        while let Some(next) = directory.moved(to) {
            to = next;
        }
        if to.node != self.0.node {
            self.send(to.node, What::Follow { to, news });
            return;
        }
        let news = match news {
            News::Failed(text) => Letter::Failed(text),
            News::Receipt(receipt) => Letter::Receipt(receipt),
        };
        directory.send(to, news);
    }

    fn receipt(&self, kept: u64, outcome: Result<Taken, Refused>) {
        let mut shelf = self.lock();
        let Some(found) = shelf.texts.get_mut(&kept).filter(|found| !found.is_answered) else { return };
        found.is_answered = true;
        let request_id = found.text.request_id.clone();
        let Origin::Here(sender) = &found.text.sender else { return };
        let sender = sender.clone();
        if outcome.is_err() {
            shelf.texts.remove(&kept);
        }
        self.0.metrics.text(counted(outcome));
        // Before anybody else gets at the shelf: if the node is lost next, that is the newer news.
        // A success without `request_id` is silent.
        if request_id.is_some() || outcome.is_err() {
            self.tell(&sender, Letter::Receipt(Box::new(Receipt { request_id, outcome })));
        }
    }

    /// A node is lost: what it had sent is opened, and nothing that comes after. What it had not shown by then goes
    /// back.
    pub fn lose(&self, node: NodeId, directory: &Directory) {
        let opening = lock(&self.0.opening);
        if let Link::Memory(network) = &self.0.link {
            network.take_all(self.0.node, node).into_iter().for_each(|parcel| self.open(parcel, directory));
        }
        let mut shelf = self.lock();
        shelf.lost.insert(node);
        let gone: Vec<u64> =
            shelf.texts.iter().filter(|(_, kept)| kept.at == node).map(|(number, _)| *number).collect();
        let gone: Vec<Kept> = gone.into_iter().filter_map(|number| shelf.texts.remove(&number)).collect();
        drop((shelf, opening));
        gone.into_iter()
            .for_each(|kept| super::give_back(kept.text, Refused::OutOfReach, &self.0.metrics, self));
    }

    /// Opens parcels as they come, for ever.
    pub async fn run(self, directory: Directory) {
        let Link::Memory(network) = self.0.link.clone() else { return };
        loop {
            network.has_parcels(self.0.node).await;
            let _opening = lock(&self.0.opening);
            if let Some(parcel) = network.take(self.0.node) {
                self.open(parcel, &directory);
                network.opened();
            }
        }
    }

    /// Whether a node is lost.
    pub fn has_lost(&self, node: NodeId) -> bool {
        self.lock().lost.contains(&node)
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        lock(&self.0.shelf)
    }
}
