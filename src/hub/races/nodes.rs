//! Clients of two nodes, each with its matchmaker and its postman, over a log and a post that they share.

use super::calls::{MASKER, couple, house, meet};
use super::person::Person;
use super::*;
use crate::core::{Command, NodeId};
use crate::hub::directory::Directory;
use crate::hub::post::memory::Network;
use crate::hub::{Clock, Hub};
use crate::metrics::Metrics;
use shuttle::future::{block_on, spawn, yield_now};
use shuttle::rand::Rng;

const HERE: NodeId = NodeId(1);
const THERE: NodeId = NodeId(2);
const LINES: usize = 2;

fn open_nodes() -> (Network, Hub, Hub) {
    let network = Network::new(Clock::stepped());
    network.join(HERE);
    network.join(THERE);
    // Everything may come twice.
    network.repeat(shuttle::rand::thread_rng().gen_range(0..2) == 0);
    assert!(network.agree(house().rules));
    let open = |node| {
        let (hub, matchmaker, postman, _) =
            Hub::start_among(&network, node, house(), MASKER.clone(), Metrics::new());
        drop((spawn(matchmaker), spawn(postman)));
        hub
    };
    let (here, there) = (open(HERE), open(THERE));
    (network, here, there)
}

/// Until nothing is under way any more, and everybody has read what there is. What a node makes of all before is
/// sent by the second time, and what its people make of that by the third.
async fn settle(network: &Network, people: &mut [Person]) {
    for _ in 0..3 {
        // A node that has read this has dealt with what it read before.
        people[0].ask(Command::Who).await;
        while !network.is_quiet() {
            yield_now().await;
        }
        for person in &mut *people {
            person.read_what_is_there();
            person.flush();
        }
    }
}

/// Both write, and read as they like; and Bert knows of their match before Anna does.
#[test]
fn who_writes_to_another_node_hears_of_every_line() {
    explore(|| {
        block_on(async {
            let (network, here, there) = open_nodes();
            let fates = Fates::default();
            let mut anna = Person::join(&here, "anna", &fates).await;
            let mut bert = Person::join(&there, "bert", &fates).await;
            anna.ask(meet()).await;
            let bert = spawn(async move {
                bert.ask(meet()).await;
                bert.say();
                bert.read_what_is_there();
                bert.flush();
                bert
            });
            anna.until(|anna| anna.is_talking()).await;
            (0..LINES).for_each(|_| anna.say());
            let mut people = [anna, bert.await.unwrap()];
            settle(&network, &mut people).await;
            fates.settle(LINES + 1);
            assert!(fates.has_no(Fate::Returned), "nobody leaves");
            // What is kept no more can't come back.
            for (hub, lost) in [(&here, THERE), (&there, HERE)] {
                hub.post().lose(lost, &Directory::default());
            }
            for person in &mut people {
                person.read_what_is_there();
            }
            fates.settle(LINES + 1);
        });
    });
}

/// Bert goes on at another connection, here or there, while Anna writes to him: to his old address, and to the new
/// one, whether his node has read of it or not. He writes from both.
#[test]
fn a_registration_that_moves_between_nodes_loses_no_line() {
    explore(|| {
        block_on(async {
            let (network, here, there) = open_nodes();
            let fates = Fates::default();
            let (mut anna, mut first) = couple((&here, &there), &fates).await;
            let stays = shuttle::rand::thread_rng().gen_range(0..2) == 0;
            first.say();
            let mut second = first.elsewhere(if stays { &there } else { &here });
            let first = spawn(first.work_until_followed());
            let second = spawn(async move {
                second.come_back().await;
                second.say();
                second
            });
            (0..LINES).for_each(|_| anna.say());
            anna.until(|anna| anna.has_moved_partner()).await;
            (0..LINES).for_each(|_| anna.say());
            first.await.unwrap();
            let mut people = [anna, second.await.unwrap()];
            settle(&network, &mut people).await;
            fates.settle(2 * LINES + 2);
        });
    });
}
