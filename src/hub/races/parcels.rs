//! Lines for another node: what that one says of them, and the news that it is lost.

use super::*;
use crate::core::{ConnId, NodeId};
use crate::hub::Clock;
use crate::hub::directory::Directory;
use crate::hub::letter::Receipt;
use crate::hub::mailbox::{Refused, Taken};
use crate::hub::post::memory::Network;
use crate::hub::post::{Link, Parcel, Post, What};
use crate::metrics::Metrics;
use shuttle::rand::Rng;
use shuttle::thread;
use std::collections::BTreeSet;

const HERE: NodeId = NodeId(1);
const THERE: NodeId = NodeId(2);
/// A node that nobody can send to.
const NOWHERE: NodeId = NodeId(3);

const LINES: usize = 2;

fn network() -> Network {
    let network = Network::new(Clock::stepped());
    network.join(HERE);
    network.join(THERE);
    network
}

fn text(name: &str, sender: &Arc<Mailbox>) -> Text {
    let sender = Origin::Here(sender.clone());
    Text { pair: PairId(1), sender, request_id: Some(name.into()), text: name.into() }
}

/// Sends lines to a node, each with its own name, and returns those that were not refused at once.
fn write(post: &Post, to: NodeId, sender: &'static str, outbox: &Arc<Mailbox>) -> thread::JoinHandle<Names> {
    let (post, outbox, to) = (post.clone(), outbox.clone(), ConnId { node: to, serial: 0 });
    thread::spawn(move || {
        let names = (1..=LINES).map(|number| format!("{sender}{number}"));
        names.filter(|name| post.send_text(to, text(name, &outbox)).is_ok()).collect()
    })
}

type Names = BTreeSet<String>;

/// What the sender of lines hears of them, in order.
fn heard(outbox: &Mailbox) -> BTreeMap<String, Vec<Heard>> {
    let mut heard: BTreeMap<String, Vec<Heard>> = BTreeMap::new();
    while let Some(letter) = outbox.take(Mailbox::FIRST) {
        let (name, news) = match letter {
            Letter::Failed(text) => (text.text, Heard::Failed),
            Letter::Receipt(receipt) => {
                let Receipt { request_id, outcome } = *receipt;
                (request_id.unwrap(), if outcome.is_ok() { Heard::Delivered } else { Heard::Refused })
            }
            letter => panic!("{letter:?}"),
        };
        heard.entry(name.into()).or_default().push(news);
    }
    heard
}

#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Delivered,
    Refused,
    Failed,
}

/// The other node, as its postman hears it: says of each line what became of it, and some things twice. Returns
/// the lines that it says it has shown.
fn answer(network: &Network, post: &Post) -> Names {
    let (mut number, mut shown) = (0, Names::new());
    let directory = Directory::alone();
    loop {
        let parcel = shuttle::future::block_on(network.receive(THERE));
        let What::Text { kept, text, .. } = parcel.what else { return shown };
        let delivered = What::Receipt { kept, outcome: Ok(Taken::Delivered) };
        let says = match shuttle::rand::thread_rng().gen_range(0..5) {
            0 => vec![What::Receipt { kept, outcome: Err(Refused::Closed) }],
            1 => vec![delivered, What::Failed { kept }],
            2 => vec![delivered, What::Written { kept }],
            // The reader may be faster than the postman.
            3 => vec![What::Written { kept }, delivered],
            _ => vec![delivered],
        };
        for what in says {
            number += 1;
            if let What::Written { .. } = what {
                shown.insert(text.clone().into());
            }
            let parcel = Parcel { from: THERE, number, what };
            post.open(parcel.clone(), &directory);
            post.open(parcel, &directory);
        }
    }
}

#[test]
fn a_line_for_a_node_that_is_lost_has_one_end() {
    explore(|| {
        let (network, outbox) = (network(), mailbox(NO_LIMITS));
        let post = Post::new(HERE, Link::Memory(network.clone()), Metrics::new());
        let senders = ["a", "b"].map(|sender| write(&post, THERE, sender, &outbox));
        let postman = post.clone();
        let postman = thread::spawn(move || answer(&network, &postman));
        post.lose(THERE);
        let taken: Names = senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect();
        post.send(
            THERE,
            What::Typing { to: ConnId { node: THERE, serial: 0 }, pair: PairId(1), active: true },
        );
        let shown = postman.join().unwrap();
        let heard = heard(&outbox);
        assert!(heard.keys().all(|name| taken.contains(name)), "a line that was refused at once is no more");
        for name in taken {
            let news: &[Heard] = heard.get(&name).map_or(&[], Vec::as_slice);
            let is_fine = match news {
                [Heard::Refused | Heard::Failed] | [Heard::Delivered, Heard::Failed] => true,
                [Heard::Delivered] => shown.contains(&name),
                _ => false,
            };
            assert!(is_fine, "{name}: {news:?}");
        }
    });
}

#[test]
fn a_line_that_cannot_be_sent_is_refused_or_comes_back() {
    explore(|| {
        let outbox = mailbox(NO_LIMITS);
        let post = Post::new(HERE, Link::Memory(network()), Metrics::new());
        let sender = write(&post, NOWHERE, "a", &outbox);
        post.lose(NOWHERE);
        let taken = sender.join().unwrap();
        let heard = heard(&outbox);
        assert!(heard.values().all(|news| *news == [Heard::Failed]));
        assert_eq!(heard.into_keys().collect::<Names>(), taken);
    });
}
