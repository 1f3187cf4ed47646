//! The table in `examples/README.md`: every example is there, and is run as it says.

use std::collections::BTreeSet;
use std::fs;

/// The first and the last column of each row.
fn rows() -> Vec<(String, String)> {
    let text = fs::read_to_string(crate::example("README.md")).expect("a document");
    let rows = text.lines().filter(|line| line.starts_with("| ["));
    let cells =
        |row: &str| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    rows.map(cells).map(|cells| (cells[0].clone(), cells[2].clone())).collect()
}

#[test]
fn every_example_is_in_the_table_once_and_named_in_its_command() {
    let mut files = BTreeSet::new();
    for (link, command) in rows() {
        let name = link.trim_start_matches('[').split(']').next().expect("a name");
        assert_eq!(link, format!("[{name}]({name})"));
        let (stem, extension) = name.rsplit_once('.').expect("an extension");
        let run = if extension == "rs" { format!("--example {stem}") } else { format!("examples/{name}") };
        assert!(command.contains(&run), "{name}: {command} does not run it");
        assert!(files.insert(name.to_owned()), "{name} is there twice");
    }
    let there = fs::read_dir(crate::example(""))
        .expect("the examples")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"));
    let there: BTreeSet<String> = there.filter(|name| name != "README.md").collect();
    assert_eq!(files, there);
}
