//! Lines for another node: what that one says of them, and the news that it is lost.

use super::*;
use crate::core::{ConnId, NodeId};
use crate::hub::Clock;
use crate::hub::directory::Directory;
use crate::hub::letter::Receipt;
use crate::hub::mailbox::{Refused, Taken};
use crate::hub::post::memory::Network;
use crate::hub::post::{Link, Post, What};
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
    Text { pair: PairId(1), turn: 0, said: None, sender, request_id: Some(name.into()), text: name.into() }
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

/// The other node: says of each line what became of it. Returns the lines that it says it has shown.
fn answer(network: &Network) -> Names {
    let (mut shown, mut seen) = (Names::new(), 0);
    loop {
        shuttle::future::block_on(network.has_parcels(THERE));
        let parcel = network.take(THERE).unwrap();
        network.opened();
        if parcel.number <= std::mem::replace(&mut seen, parcel.number) {
            continue;
        }
        let What::Text { kept, text, .. } = parcel.what else { return shown };
        let delivered = What::Receipt { kept, outcome: Ok(Taken::Delivered) };
        let says = match shuttle::rand::thread_rng().gen_range(0..5) {
            0 => vec![What::Receipt { kept, outcome: Err(Refused::Closed) }],
            1 => vec![delivered, What::Failed { kept, why: Refused::Closed }],
            2 => vec![delivered, What::Written { kept }],
            // The reader may be faster than the postman.
            3 => vec![What::Written { kept }, delivered],
            _ => vec![delivered],
        };
        for what in says {
            if let What::Written { .. } = what {
                shown.insert(text.clone().into());
            }
            network.send(THERE, HERE, what);
        }
    }
}

#[test]
fn a_line_for_a_node_that_is_lost_has_one_end() {
    explore(|| {
        let (network, outbox, directory) = (network(), mailbox(NO_LIMITS), Directory::default());
        // Everything may come twice.
        network.repeat(shuttle::rand::thread_rng().gen_range(0..2) == 0);
        let post = Post::new(HERE, Link::Memory(network.clone()), Metrics::new());
        drop(shuttle::future::spawn(post.clone().run(directory.clone())));
        let senders = ["a", "b"].map(|sender| write(&post, THERE, sender, &outbox));
        let there = network.clone();
        let there = thread::spawn(move || answer(&there));
        // It may have said all that it has to say by then, whether that was opened or not.
        let has_last_words = shuttle::rand::thread_rng().gen_range(0..2) == 0;
        if !has_last_words {
            post.lose(THERE, &directory);
        }
        let taken: Names = senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect();
        let nobody = ConnId { node: THERE, serial: 0 };
        post.send(THERE, What::Typing { to: nobody, pair: PairId(1), active: true });
        let shown = there.join().unwrap();
        if has_last_words {
            post.lose(THERE, &directory);
        }
        let heard = heard(&outbox);
        assert!(heard.keys().all(|name| taken.contains(name)), "a line that was refused at once is no more");
        for name in taken {
            let news: &[Heard] = heard.get(&name).map_or(&[], Vec::as_slice);
            let is_fine = match news {
                [Heard::Refused] => true,
                [Heard::Failed] | [Heard::Delivered, Heard::Failed] => {
                    !(has_last_words && shown.contains(&name))
                }
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
        post.lose(NOWHERE, &Directory::default());
        let taken = sender.join().unwrap();
        let heard = heard(&outbox);
        assert!(heard.values().all(|news| *news == [Heard::Failed]));
        assert_eq!(heard.into_keys().collect::<Names>(), taken);
    });
}
