//! Every setting is explained where its default stands.

use crate::settle;

const DEFAULTS: &str = include_str!("../../config/default.toml");

#[test]
fn every_setting_is_explained() {
    let mut above = "";
    let mut complaints = Vec::new();
    for line in DEFAULTS.lines() {
        if let Some((name, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#'))
            && above.trim_start_matches('#').trim().is_empty()
        {
            complaints.push(format!("config/default.toml: say above `{name}` what it is for"));
        }
        above = if line.starts_with('#') { line } else { "" };
    }
    settle(&complaints);
}

#[test]
fn nothing_but_comments_sections_and_settings() {
    let stray = |line: &&str| !(line.is_empty() || line.starts_with(['#', '[']) || line.contains(" = "));
    let complaint = |line| format!("config/default.toml: write one `name = value` a line, not {line:?}");
    settle(&DEFAULTS.lines().filter(stray).map(complaint).collect::<Vec<_>>());
}
