//! Connections break at any moment and in every way, and their people come back to the same chat.
//!
//! Who comes back names the token of the last confirmation and the position of the last frame it was shown, and
//! shows what it is sent then. What it typed without an answer it does not send again: see `fate`.

use crate::dice::{Dice, seed};
use crate::fate::{Fate, Said, Verdict};
use crate::figures::{metric, ms};
use crate::line::{Heard, Line};
use crate::{hub, raise_file_limit};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until};

/// How large a run is.
#[derive(Clone, Copy)]
struct Plan {
    pairs: usize,
    talk: Duration,
    /// The time between two cuts of one person, in milliseconds: from, to.
    steady: (u64, u64),
    /// How long a person is gone.
    gone: (u64, u64),
}

const SMALL: Plan = Plan { pairs: 25, talk: Duration::from_secs(2), steady: (100, 900), gone: (0, 400) };
const LARGE: Plan =
    Plan { pairs: 500, talk: Duration::from_secs(30), steady: (500, 8_000), gone: (0, 4_000) };

/// The most that is typed in one go. With it and the pace, fewer lines wait for somebody who is gone than the
/// hundred that the hub would show again.
const BURST: u64 = 20;

/// How a connection breaks.
#[derive(Clone, Copy)]
enum Cut {
    /// The stream is closed, without a close frame.
    Dropped,
    /// The same with an RST.
    Reset,
    /// The same in the middle of a frame.
    Torn,
    /// It stays open, and nobody is there any more.
    HalfOpen,
}

impl Cut {
    const ALL: [Self; 4] = [Self::Dropped, Self::Reset, Self::Torn, Self::HalfOpen];
}

/// How often what happened to one person, or to all.
#[derive(Default)]
struct Tally {
    cuts: [usize; Cut::ALL.len()],
    /// Frames that the hub said were lost.
    missed: u64,
    slowest_return: Duration,
}

/// One side of a pair.
struct Person {
    name: String,
    port: u16,
    line: Line,
    /// The last connection that was left half-open.
    left_open: Option<Line>,
    token: String,
    pos: String,
    dice: Dice,
    said: Said,
    shown: Vec<usize>,
    tally: Tally,
}

impl Person {
    async fn join(port: u16, name: String, dice: Dice) -> Self {
        let mut line = Line::connect(port).await;
        let token = line.register(&name).await.resume_token.expect("a token");
        // Or the numbers of the lines would be hidden.
        assert!(line.ask("#hide").await.success);
        let (said, shown) = (Said::default(), Vec::new());
        // Whoever was shown nothing yet was shown nothing up to "0".
        let pos = "0".to_owned();
        Self { name, port, line, left_open: None, token, pos, dice, said, shown, tally: Tally::default() }
    }

    fn frame_of(&mut self, number: usize) -> Value {
        let message = format!("{} {number}", self.name);
        // Some say at times what they have seen, and some never.
        let last_pos = (self.dice.below(4) == 0).then_some(&self.pos);
        json!({"type": "chat_message", "message": message, "request_id": number.to_string(), "last_pos": last_pos})
    }

    async fn say(&mut self) {
        let number = self.said.next(Fate::Unanswered);
        let frame = self.frame_of(number);
        self.line.send(&frame).await;
    }

    async fn say_some(&mut self, most: u64) {
        for _ in 0..self.dice.below(most + 1) {
            self.say().await;
        }
    }

    /// Talks, is cut and comes back, until the time is over.
    async fn live(mut self, plan: Plan, gate: Arc<Barrier>) -> Self {
        let end = Instant::now() + plan.talk;
        let mut pace = self.pace();
        loop {
            let steady = Instant::now() + self.dice.millis(plan.steady.0, plan.steady.1);
            self.talk(&mut pace, steady.min(end)).await;
            if steady >= end {
                break;
            }
            let gone = self.dice.millis(plan.gone.0, plan.gone.1);
            self = self.cut_and_return(gone).await;
        }
        self.settle(&gate).await;
        self
    }

    /// One in eight says little, so that the hub pings it.
    fn pace(&mut self) -> Interval {
        let pause = if self.dice.below(8) == 0 { Duration::from_secs(2) } else { self.dice.millis(150, 350) };
        let mut pace = interval_at(Instant::now() + self.dice.millis(0, 200), pause);
        pace.set_missed_tick_behavior(MissedTickBehavior::Skip);
        pace
    }

    async fn talk(&mut self, pace: &mut Interval, until: Instant) {
        loop {
            tokio::select! {
                () = sleep_until(until) => return,
                _ = pace.tick() => self.say().await,
                heard = self.line.next() => {
                    let heard = heard.unwrap_or_else(|ended| panic!("{}: the hub ended it: {ended:?}", self.name));
                    self.note(&heard);
                }
            }
        }
    }

    async fn cut_and_return(mut self, gone: Duration) -> Self {
        let port = self.port;
        // Some lines go out just before, and nobody reads their answers.
        let most = if self.dice.below(4) == 0 { BURST } else { 3 };
        self.say_some(most).await;
        let kind = usize::try_from(self.dice.below(4)).expect("a small number");
        self.tally.cuts[kind] += 1;
        let torn = matches!(Cut::ALL[kind], Cut::Torn).then(|| self.said.next(Fate::Torn));
        let frame = self.frame_of(torn.unwrap_or_default());
        let share = self.dice.below(1_000);
        let back = Instant::now() + gone;
        let Self { line, .. } = self;
        let left_open = match Cut::ALL[kind] {
            Cut::Dropped => None,
            Cut::Reset => {
                line.reset();
                None
            }
            Cut::Torn => {
                line.tear(&frame, share).await;
                None
            }
            Cut::HalfOpen => Some(line),
        };
        sleep_until(back).await;
        let line = Line::connect(port).await;
        let mut again = Self { line, left_open: left_open.or(self.left_open), ..self };
        again.come_back().await;
        again
    }

    async fn come_back(&mut self) {
        let begun = Instant::now();
        let register = json!({"type": "register", "resume_token": self.token, "last_pos": self.pos});
        self.line.send(&register).await;
        // It goes on at once, and does not wait to be confirmed.
        self.say_some(2).await;
        let heard = self.line.expect().await;
        assert_eq!(heard.kind, "registration_confirmed", "{}: {heard:?}", self.name);
        if !heard.recovered {
            self.tally.missed +=
                heard.missed.unwrap_or_else(|| panic!("{} is not known any more", self.name));
        }
        self.token = heard.resume_token.expect("a token");
        self.tally.slowest_return = self.tally.slowest_return.max(begun.elapsed());
    }

    fn note(&mut self, heard: &Heard) {
        if let Some(pos) = &heard.pos {
            self.pos.clone_from(pos);
        }
        let number = |id: &Option<String>| id.as_deref().and_then(|id| id.parse::<usize>().ok());
        match (heard.kind.as_str(), number(&heard.request_id)) {
            ("chat_message", _) => self.shown.push(self.number_in(heard)),
            ("response", Some(number)) => self.said.answered(number, heard.content.success),
            ("chat_message_failed", Some(number)) => self.said.came_back(number),
            ("chat_event", _) => {
                let event = heard.event.as_deref().unwrap_or_default();
                assert!(
                    matches!(event, "matched" | "partner_away" | "partner_back"),
                    "{}: {heard:?}",
                    self.name
                );
            }
            _ => panic!("{}: {heard:?}", self.name),
        }
    }

    fn number_in(&self, heard: &Heard) -> usize {
        let (who, number) = heard.message.as_deref().and_then(|text| text.split_once(' ')).expect("a line");
        assert_eq!(who, partner_of(&self.name), "a line of somebody else");
        number.parse().expect("a number")
    }

    /// Once all have an answer that came behind their lines, the lines are in the mailboxes. Once all have
    /// another one, these were shown; and once more, what came back is back.
    async fn settle(&mut self, gate: &Barrier) {
        for round in 0..3 {
            let end = format!("end {round}");
            self.line.send(&json!({"type": "chat_message", "message": "#who", "request_id": end})).await;
            loop {
                let heard = self.line.expect().await;
                if heard.request_id.as_ref() == Some(&end) {
                    assert_eq!(heard.content.state.as_deref(), Some("paired"), "{}", self.name);
                    break;
                }
                self.note(&heard);
            }
            gate.wait().await;
        }
    }
}

/// `7a` talks to `7b`.
fn partner_of(name: &str) -> String {
    match name.strip_suffix('a') {
        Some(pair) => format!("{pair}b"),
        None => format!("{}a", name.trim_end_matches('b')),
    }
}

/// Both sides of a pair, who have met by a tag of their own.
async fn pair(port: u16, seed: u64, number: usize) -> [Person; 2] {
    let dice = |side| Dice::of(seed, 2 * number as u64 + side);
    let mut a = Person::join(port, format!("{number}a"), dice(0)).await;
    let mut b = Person::join(port, format!("{number}b"), dice(1)).await;
    let meet = format!("#meet pair {number}");
    assert_eq!(a.line.ask(&meet).await.state.as_deref(), Some("waiting"));
    assert_eq!(b.line.ask(&meet).await.state.as_deref(), Some("paired"));
    [a, b]
}

async fn run(name: &str, plan: Plan) {
    raise_file_limit();
    let seed = seed();
    println!("{name}: seed {seed} (ENDURANCE_SEED), {} sockets, {:?}", 2 * plan.pairs, plan.talk);
    let hub = hub(name, &["chat.tags_give_way=1h", "limits.ping=1s"]);
    let port = hub.port;
    let mut people = Vec::new();
    for number in 0..plan.pairs {
        people.extend(pair(port, seed, number).await);
    }
    let gate = Arc::new(Barrier::new(people.len()));
    let mut lives: JoinSet<Person> =
        people.into_iter().map(|person| person.live(plan, gate.clone())).collect();
    let mut people = Vec::new();
    while let Some(life) = lives.join_next().await {
        people.push(life.expect("nobody's life ends early"));
    }
    let (verdict, tally) = judge(&people);
    let cuts: usize = tally.cuts.iter().sum();
    let [dropped, reset, torn, half_open] = tally.cuts;
    println!("  {cuts} cuts: {dropped} dropped, {reset} reset, {torn} torn, {half_open} half-open");
    println!("{verdict}\n  slowest return {:.0} ms", ms(tally.slowest_return));
    assert!(verdict.is_clean(), "seed {seed}");
    assert_eq!((verdict.refused, verdict.came_back, tally.missed), (0, 0, 0), "everybody was back in time");
    assert!(cuts >= people.len(), "enough happened");
    for (series, expected) in [
        ("strowger_clients", people.len()),
        ("strowger_away", 0),
        ("strowger_pairs", plan.pairs),
        ("strowger_comebacks_total{outcome=\"recovered\"}", cuts),
    ] {
        assert_eq!(metric(port, series).await, expected as u64, "{series}");
    }
}

/// Each direction by itself, and all of them together.
fn judge(people: &[Person]) -> (Verdict, Tally) {
    let (mut all, mut tally) = (Verdict::default(), Tally::default());
    for person in people {
        let partner = partner_of(&person.name);
        let partner = people.iter().find(|other| other.name == partner).expect("both are there");
        let verdict = person.said.judge(&partner.shown);
        if !verdict.is_clean() {
            println!("  {} to {}:\n{verdict}", person.name, partner.name);
        }
        all.add(&verdict);
        tally.missed += person.tally.missed;
        tally.slowest_return = tally.slowest_return.max(person.tally.slowest_return);
        tally.cuts.iter_mut().zip(person.tally.cuts).for_each(|(sum, cuts)| *sum += cuts);
    }
    (all, tally)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_shown_twice_when_fifty_connections_break() {
    run("fifty", SMALL).await;
}

/// `scripts/test endurance` runs it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes half a minute, and a release build"]
async fn nothing_is_lost_or_shown_twice_when_a_thousand_connections_break() {
    run("a thousand", LARGE).await;
}
