//! How long things may get. Test code has no budget.

use crate::settle;
use crate::source::{Function, Source, sources};

const FILE: usize = 400;
const MAIN: usize = 100;
const FUNCTION: usize = 60;
/// The median has to stay below.
const USUAL_FUNCTION: usize = 15;

#[test]
fn files_can_be_read_in_one_go() {
    let too_long = |source: &Source| {
        let (lines, budget) = (source.lines().count(), budget(&source.path));
        let path = &source.path;
        let advice = "move one of the things its module docs name into a file of its own";
        (lines > budget).then(|| format!("{path}: {lines} lines without tests, at most {budget}: {advice}"))
    };
    settle(&sources(&["src", "examples"]).iter().filter_map(too_long).collect::<Vec<_>>());
}

#[test]
fn functions_fit_on_a_screen() {
    let mut complaints = Vec::new();
    for source in sources(&["src", "examples"]) {
        let long = source.functions().into_iter().filter(|function| function.lines.len() > FUNCTION);
        complaints.extend(long.map(|Function { name, lines }| {
            let (at, count) = (source.at(lines.start), lines.len());
            let advice = "name its steps, and make each a function";
            format!("{at}: `{name}` has {count} lines, at most {FUNCTION}: {advice}")
        }));
    }
    settle(&complaints);
}

#[test]
fn most_functions_are_short() {
    let functions = sources(&["src"]).iter().flat_map(Source::functions).collect::<Vec<_>>();
    let mut lengths: Vec<usize> = functions.iter().map(|function| function.lines.len()).collect();
    lengths.sort_unstable();
    let median = lengths.get(lengths.len() / 2).copied().unwrap_or_default();
    let advice = "split picking from deciding from performing, where they still stand together";
    assert!(median < USUAL_FUNCTION, "the median of {} functions is {median} lines: {advice}", lengths.len());
}

fn budget(path: &str) -> usize {
    if path == "src/main.rs" { MAIN - 1 } else { FILE }
}
