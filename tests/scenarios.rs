//! Conversations that read like the README, held on the pure machine, over real sockets, and over two nodes.
//!
//! Each file in `scenarios/` is a script: what people do, and below it, after arrows, what they are told.
//! `UPDATE_EXPECT=1 cargo test --test scenarios` rewrites the arrows by what the pure machine says.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "scenarios/on_machine.rs"]
mod on_machine;
#[cfg(feature = "server")]
#[path = "scenarios/on_sockets.rs"]
mod on_sockets;
#[path = "scenarios/script.rs"]
mod script;
// Other tests use more of these two.
#[cfg(feature = "server")]
#[allow(dead_code)]
#[path = "common/test_client.rs"]
mod test_client;
#[cfg(feature = "server")]
#[allow(dead_code)]
#[path = "common/test_server.rs"]
mod test_server;

#[cfg(feature = "server")]
use on_sockets::Weather;
use script::{Script, Step, Told};
use std::path::{Path, PathBuf};

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder of scenarios")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "there are scenarios");
    files
}

fn place(path: &Path, step: &Step) -> String {
    let file = path.file_name().expect("a name").to_string_lossy();
    format!("\nin {file}, line {}: {:?}", step.line, step.action)
}

/// What each was told, in their own order.
#[cfg(feature = "server")]
fn by_person(told: &[Told]) -> std::collections::BTreeMap<&str, Vec<&str>> {
    let mut people = std::collections::BTreeMap::<_, Vec<_>>::new();
    for told in told {
        people.entry(told.who.as_str()).or_default().push(told.what.as_str());
    }
    people
}

#[test]
fn every_scenario_on_the_pure_machine() {
    for path in files() {
        let text = std::fs::read_to_string(&path).expect("a scenario");
        let script = Script::read(&text);
        let mut machine = on_machine::Stage::default();
        let told: Vec<Vec<Told>> = script.steps.iter().map(|step| machine.act(&step.action)).collect();
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&path, script.with_arrows(&told)).expect("the scenario is written");
            continue;
        }
        for (step, told) in script.steps.iter().zip(told) {
            assert_eq!(told, step.told, "{}", place(&path, step));
        }
    }
}

/// Over sockets nobody can see in which order two clients were told something, only each one's own order.
#[cfg(feature = "server")]
async fn every_scenario<S: Future<Output = on_sockets::Stage>>(stage: impl Fn() -> S) {
    for path in files() {
        let text = std::fs::read_to_string(&path).expect("a scenario");
        let script = Script::read(&text);
        let mut stage = stage().await;
        for step in &script.steps {
            let told = stage.act(&step.action).await;
            assert_eq!(by_person(&told), by_person(&step.told), "{}", place(&path, step));
        }
        stage.close().await;
    }
}

#[cfg(feature = "server")]
#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_over_real_sockets() {
    every_scenario(on_sockets::Stage::start).await;
}

#[cfg(feature = "server")]
#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_on_two_nodes() {
    every_scenario(|| on_sockets::Stage::start_two(Weather::Fair)).await;
}

#[cfg(feature = "server")]
#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_on_two_nodes_when_everything_comes_twice() {
    every_scenario(|| on_sockets::Stage::start_two(Weather::Twice)).await;
}

#[cfg(feature = "server")]
#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_on_two_nodes_when_the_log_is_late() {
    every_scenario(|| on_sockets::Stage::start_two(Weather::LateLog)).await;
}

#[cfg(feature = "server")]
#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_on_two_nodes_when_parcels_are_late() {
    every_scenario(|| on_sockets::Stage::start_two(Weather::LatePost)).await;
}
