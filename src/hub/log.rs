//! Where the matchmaker's inputs come from, in one order for all.
//!
//! On one node that is a bounded queue. What arrives with it, but is no input, is a client's mailbox and names:
//! they stay on this node.

use super::{Card, Mailbox};
use crate::core::{ConnId, Input};
use std::sync::Arc;
use tokio::sync::mpsc;

/// One thing that reaches the matchmaker.
pub enum Arrival {
    /// A client of this node, ahead of its first input.
    Client { conn: ConnId, mailbox: Arc<Mailbox>, card: Arc<Card> },
    /// An entry of the log.
    Input(Input),
}

/// How many arrivals the matchmaker takes at once.
const BATCH: usize = 64;

/// The reading end, for the matchmaker.
pub enum InputLog {
    /// One node: a queue.
    Local(mpsc::Receiver<Arrival>),
}

/// The writing end, for everybody else.
#[derive(Clone)]
pub enum Pen {
    Local(mpsc::Sender<Arrival>),
}

impl InputLog {
    /// A log of one node that holds at most `capacity` entries nobody read yet.
    pub fn local(capacity: usize) -> (Pen, Self) {
        let (sender, receiver) = mpsc::channel(capacity);
        (Pen::Local(sender), Self::Local(receiver))
    }

    /// Waits for entries and appends them to `batch`. `false`: there will be no more.
    pub async fn read(&mut self, batch: &mut Vec<Arrival>) -> bool {
        match self {
            Self::Local(receiver) => receiver.recv_many(batch, BATCH).await > 0,
        }
    }
}

impl Pen {
    /// Appends one entry; waits for room if need be. After the matchmaker ended nobody is left to read it.
    pub async fn write(&self, arrival: Arrival) {
        match self {
            Self::Local(sender) => {
                let _ = sender.send(arrival).await;
            }
        }
    }
}
