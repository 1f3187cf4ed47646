//! Random lives of an account and its bridge: connections break between action and result, results come late or
//! twice, requests are repeated, and the list of contacts comes in another order. Whatever happens, nothing is called
//! sent that nobody acknowledged, nothing is carried out twice, and nothing goes to a namesake.
//!
//! `ACCOUNT_SEEDS=100000` lives longer. A life that fails names its seed.

use crate::line::{Carried, Line, send};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use strowger::core::Millis;
use strowger::core::account::{Answer, Context, Event, OrderId, Progress, Refusal, Report, Wish};

/// How many lives there are unless `ACCOUNT_SEEDS` says otherwise.
const SEEDS: u64 = 10_000;
/// How many things happen in each.
const STEPS: usize = 80;
/// Whom the session knows: two of one name, and one with two numbers.
const PEOPLE: [&str; 6] =
    ["John", "Sarah +441111111", "Sarah +442222222", "Mike", "Anna +443333333 #a", "Anna +444444444 #a"];
/// What is typed: it is where that goes, too.
const NAMES: [&str; 6] = ["John", "+441111111", "+442222222", "Mike", "+443333333", "+444444444"];

#[test]
fn nothing_is_called_sent_that_nobody_acknowledged_and_nothing_is_carried_out_twice() {
    let seeds = std::env::var("ACCOUNT_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(SEEDS);
    let mut seen = Seen::default();
    for seed in 0..seeds {
        let mut life = Life::new(seed);
        for _ in 0..STEPS {
            life.step();
        }
        life.end();
        life.judge(&mut seen);
    }
    println!("{seeds} lives: {seen:?}");
    // All of it has to have happened, or the lives show nothing.
    let Seen { acknowledged, maybe, not_handed, timed_out, cancelled, late, repeated } = seen;
    for (what, count) in [
        ("acknowledged", acknowledged),
        ("maybe sent", maybe),
        ("not handed over", not_handed),
        ("timed out", timed_out),
        ("cancelled in time", cancelled),
        ("heard late", late),
        ("repeated", repeated),
    ] {
        assert!(count > seeds / 20, "{what} happened {count} times only in {seeds} lives");
    }
}

/// What happened in all lives together.
#[derive(Debug, Default)]
struct Seen {
    acknowledged: u64,
    maybe: u64,
    not_handed: u64,
    timed_out: u64,
    cancelled: u64,
    late: u64,
    repeated: u64,
}

/// What somebody asked for, and how often.
struct Wanted {
    registration: u64,
    request_id: String,
    name: &'static str,
    message: String,
    asks: Vec<u64>,
}

/// One life: the account, its clients, and a bridge with the phone behind it.
struct Life {
    seed: u64,
    dice: u64,
    line: Line,
    is_up: bool,
    wanted: Vec<Wanted>,
    /// How much of what was handed over was looked at.
    looked_at: usize,
    /// On its way to the bridge.
    mailbox: VecDeque<Carried>,
    /// What the phone sent, in order.
    sent: Vec<Carried>,
    /// Results on their way back; they may arrive on a later connection too.
    results: VecDeque<(OrderId, Report)>,
    acknowledged: BTreeSet<OrderId>,
    cancelled: u64,
    late: u64,
}

impl Life {
    fn new(seed: u64) -> Self {
        let mut line = Line::simulated().knowing(&PEOPLE);
        line.happens(Event::BridgeUp);
        Self {
            seed,
            dice: seed.wrapping_mul(0xD134_2543_DE82_EF95),
            line,
            is_up: true,
            wanted: Vec::new(),
            looked_at: 0,
            mailbox: VecDeque::new(),
            sent: Vec::new(),
            results: VecDeque::new(),
            acknowledged: BTreeSet::new(),
            cancelled: 0,
            late: 0,
        }
    }

    fn throw(&mut self, below: usize) -> usize {
        self.dice = self.dice.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.dice;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((bits ^ (bits >> 31)) % below as u64).expect("small")
    }

    fn step(&mut self) {
        match self.throw(100) {
            0..30 => self.somebody_asks(),
            30..42 => self.somebody_asks_again(),
            42..62 => self.bridge_takes_one(),
            62..80 => self.result_arrives(),
            80..84 => self.bridge_goes(),
            84..92 => self.bridge_comes(),
            92..95 => self.line.passes(Millis::seconds(1)),
            95..97 => self.list_is_turned(),
            _ => self.line.passes(Millis::seconds(31)),
        }
        self.look_at_what_was_done();
    }

    /// A client gives the list in another order.
    fn list_is_turned(&mut self) {
        let mut people = PEOPLE;
        people.rotate_left(self.throw(PEOPLE.len()));
        self.line.supplies(&people);
    }

    fn somebody_asks(&mut self) {
        let registration = self.throw(3) as u64;
        let name = NAMES[self.throw(NAMES.len())];
        let (request_id, message) =
            (format!("r{}", self.wanted.len()), format!("text {}", self.wanted.len()));
        self.wanted.push(Wanted { registration, request_id, name, message, asks: Vec::new() });
        self.ask(self.wanted.len() - 1);
    }

    fn somebody_asks_again(&mut self) {
        if !self.wanted.is_empty() {
            let which = self.throw(self.wanted.len());
            self.ask(which);
        }
    }

    fn ask(&mut self, which: usize) {
        let wanted = &mut self.wanted[which];
        let (name, message) = (wanted.name, &wanted.message);
        let wish = if !which.is_multiple_of(8) {
            send(name, message)
        } else {
            let sentence = format!("send {name} a message saying {message}").as_str().into();
            Wish::Plain { sentence, context: Context::default() }
        };
        wanted.asks.push(self.line.asks(wanted.registration, Some(&wanted.request_id), wish));
    }

    /// The bridge reads one action and carries it out; its result may be lost.
    fn bridge_takes_one(&mut self) {
        let Some(carried) = self.mailbox.pop_front().filter(|_| self.is_up) else { return };
        let (id, chance) = (carried.id, self.throw(10));
        if chance == 0 {
            let why = Refusal::Backend { code: "internal".into(), text: "".into() };
            return self.results.push_back((id, Report::Refused(why)));
        }
        self.sent.push(carried);
        if chance > 1 {
            self.results.push_back((id, Report::Reached(Progress::Sent)));
        }
        if chance > 7 {
            self.results.push_back((id, Report::Reached(Progress::Delivered)));
        }
    }

    fn result_arrives(&mut self) {
        if !self.is_up {
            return;
        }
        let Some((order, report)) = self.results.pop_front() else { return };
        if matches!(report, Report::Reached(_)) {
            self.late += u64::from(self.line.withdrawn.contains(&order));
            self.acknowledged.insert(order);
        }
        self.line.happens(Event::Reported { order, report });
    }

    fn bridge_goes(&mut self) {
        self.is_up = false;
        self.mailbox.clear();
        // Between action and result: what was not heard yet may be lost with the connection, or told by the next.
        if self.throw(2) == 0 {
            self.results.clear();
        }
        self.line.happens(Event::BridgeDown);
    }

    fn bridge_comes(&mut self) {
        self.is_up = true;
        self.mailbox.clear();
        self.line.happens(Event::BridgeUp);
    }

    /// What was handed over is on its way, unless it was withdrawn before it was read.
    fn look_at_what_was_done(&mut self) {
        self.mailbox.extend(self.line.carried[self.looked_at..].iter().cloned());
        self.looked_at = self.line.carried.len();
        let before = self.mailbox.len();
        self.mailbox.retain(|carried| !self.line.withdrawn.contains(&carried.id));
        self.cancelled += (before - self.mailbox.len()) as u64;
    }

    /// Time passes until nobody waits any more.
    fn end(&mut self) {
        while let Some(at) = self.line.account.next_deadline() {
            self.line.passes(at.since(self.line.now));
        }
    }

    fn judge(&self, seen: &mut Seen) {
        let seed = self.seed;
        let mut handed = BTreeSet::new();
        for carried in &self.line.carried {
            assert!(handed.insert(carried.id), "seed {seed}: {carried:?} was handed over twice");
            let wanted = self.wanted.iter().find(|wanted| wanted.message == carried.message);
            let to = carried.phone.as_ref().unwrap_or(&carried.name);
            assert_eq!(
                wanted.map(|wanted| wanted.name),
                Some(to.as_str()),
                "seed {seed}: {carried:?} went wrong"
            );
        }
        let mut texts = BTreeSet::new();
        for carried in &self.sent {
            assert!(texts.insert(&carried.message), "seed {seed}: {carried:?} was carried out twice");
        }
        self.judge_order();
        for wanted in &self.wanted {
            self.judge_answers(wanted, seen);
        }
        seen.cancelled += self.cancelled;
        seen.late += self.late;
    }

    /// What the phone sent to one contact was asked for in that order.
    fn judge_order(&self) {
        let mut last: BTreeMap<&str, usize> = BTreeMap::new();
        for carried in &self.sent {
            let number: usize = carried.message.trim_start_matches("text ").parse().expect("a number");
            let before = last.insert(&carried.chat, number);
            assert!(before < Some(number), "seed {}: {carried:?} came behind {before:?}", self.seed);
        }
    }

    fn judge_answers(&self, wanted: &Wanted, seen: &mut Seen) {
        let (seed, message) = (self.seed, &wanted.message);
        let first = self.line.answer(wanted.asks[0]);
        for ask in &wanted.asks {
            let answer = self.line.answer(*ask);
            let is_certain_now = is_doubt(first) && is_no(answer);
            assert!(
                is_certain_now || answer == first,
                "seed {seed}: {message}: not the same answer: {answer:?}"
            );
        }
        seen.repeated += u64::from(wanted.asks.len() > 1);
        let was_sent = self.sent.iter().any(|carried| carried.message == *message);
        match first {
            Answer::Sent { id, .. } => {
                seen.acknowledged += 1;
                assert!(self.acknowledged.contains(id), "seed {seed}: {message}: nobody acknowledged it");
                assert!(was_sent, "seed {seed}: {message}: nobody sent it");
            }
            Answer::Refused { why: Refusal::Unavailable { maybe: false }, .. } => {
                seen.not_handed += 1;
                assert!(!was_sent, "seed {seed}: {message}: it was sent, and called not sent");
            }
            Answer::Refused { why: Refusal::Backend { .. }, .. } => {
                assert!(!was_sent, "seed {seed}: {message}: it was sent, and called refused");
            }
            Answer::Refused { why: Refusal::Unavailable { maybe: true }, .. } => seen.maybe += 1,
            Answer::Refused { why: Refusal::TimedOut, .. } => seen.timed_out += 1,
            other => panic!("seed {seed}: {message}: {other:?}"),
        }
    }
}

fn is_doubt(answer: &Answer) -> bool {
    matches!(answer, Answer::Refused { why: Refusal::TimedOut | Refusal::Unavailable { maybe: true }, .. })
}

/// A bridge said that it was not sent.
fn is_no(answer: &Answer) -> bool {
    matches!(answer, Answer::Refused { why: Refusal::Backend { .. }, .. })
}
