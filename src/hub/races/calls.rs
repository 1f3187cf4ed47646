//! Clients of a whole hub, with its matchmaker: they type to each other while one leaves, is matched anew, or
//! comes back on another connection.

use super::person::{Person, introduction};
use super::*;
use crate::core::mask::Masker;
use crate::core::{Answer, Command, Millis, Rate, Rules, Tags};
use crate::hub::{Ask, Clock, House, Hub, Incoming, Told};
use crate::metrics::Metrics;
use shuttle::future::{block_on, spawn, yield_now};
use shuttle::rand::{self, Rng};
use std::sync::LazyLock;
use std::time::Duration;
use tokio::sync::oneshot;

/// Built once: it takes longer than an encounter.
pub static MASKER: LazyLock<Arc<Masker>> = LazyLock::new(|| Arc::new(Masker::new(&[]).unwrap()));

pub fn house() -> House {
    House {
        rules: Rules::default(),
        mailbox: NO_LIMITS,
        texts: Rate::default(),
        longest_text: 0,
        idle_after: Millis(0),
        answers: Millis(0),
    }
}

fn open_hub() -> Hub {
    let (hub, matchmaker, _) = Hub::start(house(), MASKER.clone(), Clock::stepped(), Metrics::new());
    // It ends with the last handle on the hub.
    drop(spawn(matchmaker));
    hub
}

pub fn meet() -> Command {
    Command::Meet(Tags::default())
}

/// Two people who have met, and know it.
pub async fn couple((here, there): (&Hub, &Hub), fates: &Fates) -> (Person, Person) {
    let mut anna = Person::join(here, "anna", fates).await;
    let mut bert = Person::join(there, "bert", fates).await;
    anna.ask(meet()).await;
    bert.ask(meet()).await;
    anna.until(|anna| anna.is_talking()).await;
    (anna, bert)
}

/// Bert leaves while Anna writes to him; she goes on with Carol, who waits and writes to whomever she meets.
#[test]
fn a_line_reaches_the_partner_it_was_written_to_or_comes_back() {
    explore(|| {
        block_on(async {
            let (hub, fates) = (open_hub(), Fates::default());
            let (mut anna, mut bert) = couple((&hub, &hub), &fates).await;
            let mut carol = Person::join(&hub, "carol", &fates).await;
            carol.ask(meet()).await;
            let bert = spawn(async move {
                bert.say();
                bert.read_what_is_there();
                bert.leave().await;
            });
            let carol = spawn(async move {
                carol.until(|carol| carol.is_talking()).await;
                carol.say();
                carol.read_what_is_there();
                carol.say();
                carol
            });
            anna.say();
            anna.read_what_is_there();
            anna.say();
            anna.ask(Command::Again).await;
            anna.say();
            bert.await.unwrap();
            let mut carol = carol.await.unwrap();
            // Every input before this one is dealt with when it is answered.
            anna.ask(Command::Who).await;
            for person in [&mut anna, &mut carol] {
                person.read_what_is_there();
                person.flush();
            }
            fates.settle_but("bert");
        });
    });
}

/// Bert comes back on a second connection while the first one still reads, and on a third while the second does.
#[test]
fn a_registration_that_moves_shows_every_line_once_and_in_order() {
    explore(|| {
        block_on(async {
            let (hub, fates) = (open_hub(), Fates::default());
            let (mut anna, first) = couple((&hub, &hub), &fates).await;
            let screen = first.screen();
            let (mut second, mut third) = (first.elsewhere(&hub), first.elsewhere(&hub));
            let (done, second_is_here) = oneshot::channel();
            let first = spawn(first.work_until_followed());
            let second = spawn(async move {
                second.come_back().await;
                done.send(second.token()).unwrap();
                second.work_until_followed().await;
            });
            let third = spawn(async move {
                third.use_token(second_is_here.await.unwrap());
                third.come_back().await;
                third.say();
                third
            });
            (0..LINES).for_each(|_| anna.say());
            first.await.unwrap();
            second.await.unwrap();
            let mut third = third.await.unwrap();
            anna.ask(Command::Who).await;
            anna.read_what_is_there();
            anna.flush();
            third.ask(Command::Who).await;
            third.read_what_is_there();
            third.flush();
            let seen: Vec<String> = screen.lock().unwrap().values().cloned().collect();
            let expected: Vec<String> = (1..=LINES).map(|number| format!("anna {number}")).collect();
            assert_eq!(seen, expected);
            fates.settle_but("nobody");
        });
    });
}

/// Bert's time to come back ends while he does, and Anna writes.
#[test]
fn whoever_comes_back_at_the_last_moment_is_back_or_gone() {
    explore(|| {
        block_on(async {
            let (hub, fates) = (open_hub(), Fates::default());
            let (mut anna, mut bert) = couple((&hub, &hub), &fates).await;
            let mut back = bert.elsewhere(&hub);
            let (done, he_is_away) = oneshot::channel();
            let bert = spawn(async move {
                let hub = bert.hub();
                bert.read_what_is_there();
                bert.flush_perhaps();
                bert.read_what_is_there();
                bert.go_away().await;
                done.send(()).unwrap();
                // A clock is no lock, and nobody else would run in between.
                yield_now().await;
                hub.clock().step(Duration::from_secs(60));
            });
            let back = spawn(async move {
                he_is_away.await.unwrap();
                while rand::thread_rng().gen_range(0..3) > 0 {
                    yield_now().await;
                }
                back.come_back().await;
                back.read_what_is_there();
                back
            });
            (0..LINES).for_each(|_| anna.say());
            bert.await.unwrap();
            let mut back = back.await.unwrap();
            for person in [&mut anna, &mut back] {
                person.ask(Command::Who).await;
            }
            for person in [&mut back, &mut anna] {
                person.read_what_is_there();
                person.flush();
            }
            fates.settle_but("nobody");
        });
    });
}

/// Somebody says to be Anna, is refused, and says another name at once.
#[test]
fn whoever_is_refused_may_try_again_at_once() {
    explore(|| {
        block_on(async {
            let (hub, fates) = (open_hub(), Fates::default());
            let anna = Person::join(&hub, "anna", &fates).await;
            let mut client = hub.client();
            for (name, is_taken) in [("anna", true), ("carol", false)] {
                client.await_answer(None);
                client.ask(Ask::Register(Box::new(introduction(&hub, name, None)))).await;
                let Incoming::Letter(letter) = poll_fn(|cx| client.poll_incoming(cx)).await else { panic!() };
                let Told::Answer(answer, _) = client.open(letter) else { panic!() };
                assert_eq!(matches!(*answer, Answer::ClientIdTaken), is_taken);
            }
            anna.leave().await;
        });
    });
}

const LINES: usize = 3;
