//! Measures small things side by side, and prints a table.
//!
//! It owns rounds, the clock and the table; it must never know what is measured. All subjects run in every
//! round, one after another, so that a machine that slows down slows down all of them alike; the median of the
//! rounds is what counts. Nothing is asserted about time.
//!
//! `cargo bench` measures, `cargo bench -- WORD` only subjects with that word in their name. Any other start, as
//! `cargo test --bench '*'` makes it, runs each subject once, to see that it still does what it says.

use std::time::{Duration, Instant};

/// How often everything is measured. Odd, so that one of them is the median.
const ROUNDS: usize = 15;
/// How long one subject runs in one round: long beside the clock's steps, short beside what slows machines down.
const TURN: Duration = Duration::from_millis(20);
/// The most operations in a turn: subjects may leave something behind with each, which must not pile up.
const MOST: u64 = 100_000;

/// One thing to measure.
pub struct Subject {
    name: &'static str,
    /// Does it so many times, on something fresh, and says how long that took.
    run: Box<dyn FnMut(u64) -> Duration>,
}

impl Subject {
    /// `prepare` makes what is repeated. It is called anew for each round, and its own time is not measured.
    pub fn new<O: FnMut()>(name: &'static str, mut prepare: impl FnMut() -> O + 'static) -> Self {
        let run = move |times| {
            let mut operation = prepare();
            let begun = Instant::now();
            for _ in 0..times {
                operation();
            }
            begun.elapsed()
        };
        Self { name, run: Box::new(run) }
    }
}

/// What one subject took for an operation, in nanoseconds.
pub struct Figures {
    pub name: &'static str,
    pub fastest: f64,
    pub median: f64,
    pub slowest: f64,
}

/// Runs all of them, as the command line says, and prints what each took.
pub fn compare(title: &str, subjects: Vec<Subject>) {
    let Some(figures) = run(title, subjects) else { return };
    println!("\n{title:<52} {:>10}   of {ROUNDS} rounds, fastest to slowest", "ns each");
    for Figures { name, fastest, median, slowest } in figures {
        println!("{name:<52} {median:>10.0}   {fastest:.0} to {slowest:.0}");
    }
}

/// Runs all of them, as the command line says. Nothing if they were not to be measured.
pub fn run(title: &str, mut subjects: Vec<Subject>) -> Option<Vec<Figures>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wanted = arguments.iter().find(|argument| !argument.starts_with('-'));
    subjects.retain(|subject| wanted.is_none_or(|word| subject.name.contains(word.as_str())));
    if is_to_measure() {
        return Some(measure(&mut subjects));
    }
    for subject in &mut subjects {
        (subject.run)(1);
    }
    println!("{title}: {} run once each, unmeasured", subjects.len());
    None
}

/// Whether `cargo bench` started this program.
pub fn is_to_measure() -> bool {
    let given = |flag: &str| std::env::args().any(|argument| argument == flag);
    given("--bench") && !given("--test")
}

fn measure(subjects: &mut [Subject]) -> Vec<Figures> {
    let turns: Vec<u64> = subjects.iter_mut().map(operations_in_a_turn).collect();
    let mut results = vec![Vec::with_capacity(ROUNDS); subjects.len()];
    for _ in 0..ROUNDS {
        for ((subject, times), result) in subjects.iter_mut().zip(&turns).zip(&mut results) {
            result.push(nanoseconds((subject.run)(*times), *times));
        }
    }
    subjects.iter().zip(results).map(|(subject, result)| figures(subject.name, result)).collect()
}

/// Doubles until it takes long enough. That warms everything up, too.
fn operations_in_a_turn(subject: &mut Subject) -> u64 {
    let mut times = 1;
    while times < MOST && (subject.run)(times) < TURN {
        times *= 2;
    }
    times.min(MOST)
}

fn figures(name: &'static str, mut result: Vec<f64>) -> Figures {
    result.sort_by(f64::total_cmp);
    let median = result.get(result.len() / 2).copied().unwrap_or_default();
    let fastest = result.first().copied().unwrap_or_default();
    let slowest = result.last().copied().unwrap_or_default();
    Figures { name, fastest, median, slowest }
}

/// For one operation, with fractions: some take less than a few.
fn nanoseconds(elapsed: Duration, times: u64) -> f64 {
    elapsed.as_secs_f64() * 1e9 / times as f64
}
