//! What Dockerfile.mcp, config/compose.yml and config/strowger.service say of the hub is so, and they agree.
//!
//! What an engine and systemd make of them, `scripts/test image` and `scripts/test unit` try.

use crate::document::{Document, root};
use crate::settle;
use clap::Parser;
use regex::Regex;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;
use strowger::cli::{Cli, Command};
use strowger::config::{Settings, Source};

const DOCKERFILE: &str = "Dockerfile.mcp";
const IGNORED: &str = ".dockerignore";
const COMPOSE: &str = "config/compose.yml";
const UNIT: &str = "config/strowger.service";

/// What `docker stop` waits before it kills.
const DOCKER_STOPS_WITHIN: Duration = Duration::from_secs(10);

/// What is put where a variable is left to whoever deploys: one of these is good for each of them.
const STAND_INS: [&str; 2] = ["919876543210", "https://chat.example.org"];

/// A file for those who deploy, without its comments.
struct Deployed {
    path: &'static str,
    lines: Vec<String>,
}

impl Deployed {
    /// With lines that are broken by a backslash put together.
    fn read(path: &'static str) -> Self {
        let text = fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let said: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
        let lines = said.join("\n").replace("\\\n", " ");
        Self { path, lines: lines.lines().map(str::to_owned).collect() }
    }

    /// What follows each line's beginning.
    fn all<'a>(&'a self, beginning: &'a str) -> impl Iterator<Item = &'a str> {
        self.lines.iter().filter_map(move |line| line.trim_start().strip_prefix(beginning)).map(str::trim)
    }

    /// What follows the one line that begins so.
    #[track_caller]
    fn one<'a>(&'a self, beginning: &'a str) -> &'a str {
        let found: Vec<&str> = self.all(beginning).collect();
        assert_eq!(found.len(), 1, "{}: lines that begin with {beginning:?}: {found:?}", self.path);
        found[0]
    }

    /// The lines that stand deeper than this one, in YAML.
    #[track_caller]
    fn below(&self, key: &str) -> Vec<&str> {
        let depth = |line: &str| line.len() - line.trim_start().len();
        let at = self.lines.iter().position(|line| line.trim() == key);
        let at = at.unwrap_or_else(|| panic!("{} has no {key}", self.path));
        let deeper = |line: &&String| line.is_empty() || depth(line) > depth(&self.lines[at]);
        let below = self.lines[at + 1..].iter().take_while(deeper);
        below.map(|line| line.trim()).filter(|line| !line.is_empty()).collect()
    }
}

/// The texts in double quotes.
fn quoted(text: &str) -> Vec<String> {
    text.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// `10s` and the like.
#[track_caller]
fn seconds(text: &str) -> Duration {
    let number = text.strip_suffix('s').and_then(|number| number.parse().ok());
    Duration::from_secs(number.unwrap_or_else(|| panic!("{text:?} are not seconds")))
}

/// The variables that the image, compose and the unit set, each with its file.
fn variables() -> Vec<(&'static str, String, String)> {
    let (image, compose, unit) = (Deployed::read(DOCKERFILE), Deployed::read(COMPOSE), Deployed::read(UNIT));
    let of_the_image = last_stage(&image).into_iter().filter_map(|line| line.strip_prefix("ENV "));
    let of_the_image: Vec<(&str, &str)> =
        of_the_image.flat_map(str::split_whitespace).filter_map(|pair| pair.split_once('=')).collect();
    let environment = compose.below("environment:");
    let of_compose = environment.iter().filter_map(|line| line.split_once(": "));
    let of_the_unit = unit.all("Environment=").filter_map(|pair| pair.split_once('='));
    let mut variables = Vec::new();
    for (path, pairs) in
        [(DOCKERFILE, of_the_image), (COMPOSE, of_compose.collect()), (UNIT, of_the_unit.collect::<Vec<_>>())]
    {
        assert!(!pairs.is_empty(), "{path} sets variables");
        variables.extend(pairs.into_iter().map(|(name, value)| (path, name.to_owned(), value.to_owned())));
    }
    variables
}

/// What the image itself is made of.
fn last_stage(image: &Deployed) -> Vec<&str> {
    let mut lines: Vec<&str> = image.lines.iter().map(String::as_str).collect();
    let from = lines.iter().rposition(|line| line.starts_with("FROM ")).expect("a FROM");
    lines.split_off(from)
}

/// Whether a variable, with this value, is what some setting comes from.
fn sets_something(name: &str, value: &str) -> Result<bool, String> {
    let environment = [(name.to_owned(), value.to_owned())];
    let loaded = Settings::load([], environment.into_iter(), Path::new("/nonexistent"));
    let values = loaded.map_err(|error| error.to_string())?.values;
    Ok(values.iter().any(|value| value.source == Source::Environment(name.to_owned())))
}

#[test]
fn every_variable_is_a_setting_and_is_understood() {
    let mut complaints = Vec::new();
    for (path, name, value) in variables() {
        let of_the_same_name = format!("${{{name}:-}}");
        let left_open = value == "\"\"" || value == of_the_same_name;
        if value.starts_with("${") && !left_open {
            complaints.push(format!("{path}: {name} is taken from a variable of another name"));
        } else if left_open {
            let is_set = STAND_INS.iter().any(|stand_in| sets_something(&name, stand_in) == Ok(true));
            complaints.extend((!is_set).then(|| format!("{path}: {name} is no setting")));
        } else {
            match sets_something(&name, &value) {
                Ok(true) => {}
                Ok(false) => complaints.push(format!("{path}: {name} is no setting")),
                Err(error) => complaints.push(format!("{path}: {error}")),
            }
        }
    }
    settle(&complaints);
}

#[test]
fn the_ports_are_those_of_the_settings() {
    let defaults = Settings::load([], std::iter::empty(), Path::new("/nonexistent")).expect("the defaults");
    let of = |key: &str| defaults.values.iter().find(|value| value.key == key).expect(key).value.clone();
    let usual = BTreeSet::from([of("server.port"), of("mcp.port")]);
    let (image, compose) = (Deployed::read(DOCKERFILE), Deployed::read(COMPOSE));
    let exposed: BTreeSet<String> = image.one("EXPOSE ").split_whitespace().map(str::to_owned).collect();
    assert_eq!(exposed, usual, "{DOCKERFILE}: EXPOSE");
    let published = compose.below("ports:").into_iter().flat_map(quoted);
    let inside = published.map(|port| port.rsplit(':').next().unwrap_or_default().to_owned());
    assert_eq!(inside.collect::<BTreeSet<_>>(), usual, "{COMPOSE}: ports");
}

#[test]
fn the_health_check_and_what_is_started_are_commands_of_the_hub() {
    let (image, compose, unit) = (Deployed::read(DOCKERFILE), Deployed::read(COMPOSE), Deployed::read(UNIT));
    let program = quoted(image.one("ENTRYPOINT "));
    let check = image.one("HEALTHCHECK ");
    let checked = quoted(check);
    let by_compose = quoted(compose.one("test: "));
    assert_eq!(by_compose[0], "CMD");
    assert_eq!(by_compose[1..], checked, "{COMPOSE} and {DOCKERFILE} check health in the same way");
    for (flag, key) in [("interval", "interval"), ("timeout", "timeout"), ("start-period", "start_period")] {
        let times = [compose.one(&format!("{key}: ")).to_owned(), flag_of(check, flag)];
        assert_eq!(times[0], times[1], "{COMPOSE} and {DOCKERFILE}: {flag} of the health check");
    }
    assert_eq!(compose.one("retries: "), flag_of(check, "retries"));
    assert_eq!(program[..], checked[..1], "{DOCKERFILE}: the health check is the same program");
    let means = |words: &[String]| Cli::try_parse_from(words).map(|cli| cli.command()).ok();
    assert_eq!(means(&program), Some(Command::Serve));
    assert_eq!(means(&checked), Some(Command::Healthcheck));
    let started: Vec<String> = unit.one("ExecStart=").split(' ').map(str::to_owned).collect();
    assert_eq!(means(&started), Some(Command::Serve), "{UNIT}: {started:?}");
}

fn flag_of(check: &str, name: &str) -> String {
    let flag = format!("--{name}=");
    let given = check.split_whitespace().find_map(|word| word.strip_prefix(&flag));
    given.unwrap_or_else(|| panic!("{DOCKERFILE}: the health check has no {flag}")).to_owned()
}

#[test]
fn the_names_of_image_and_files_agree() {
    let compose = Deployed::read(COMPOSE);
    let image = compose.one("image: ");
    assert_eq!(compose.one("dockerfile: "), DOCKERFILE);
    let context = root().join(COMPOSE).parent().expect("a folder").join(compose.one("context: "));
    assert_eq!(context.canonicalize().ok(), root().canonicalize().ok(), "{COMPOSE}: context");
    let build = format!("docker build -f {DOCKERFILE} -t {image} .");
    let run = Regex::new(&format!(r"docker run (?:.* )?{image}(?: |$)")).expect("a pattern");
    let mut complaints = Vec::new();
    let (mut built, mut ran) = (0, 0);
    for document in Document::all() {
        for block in document.blocks() {
            for (line, text) in block.lines() {
                let is_build = text.starts_with("docker build ");
                let is_run = text.starts_with("docker run ");
                (built, ran) = (built + u32::from(is_build), ran + u32::from(is_run));
                if (is_build && text != build) || (is_run && !run.is_match(text)) {
                    complaints.push(format!("{}: it is `{build}`, and `{image}` runs", document.at(line)));
                }
            }
        }
    }
    assert!(built > 0 && ran > 0, "the documents say how the image is built and run");
    settle(&complaints);
}

#[test]
fn what_is_kept_is_on_the_volume() {
    let (image, compose, unit) = (Deployed::read(DOCKERFILE), Deployed::read(COMPOSE), Deployed::read(UNIT));
    let variables = variables();
    let folder_in = |file: &str| {
        let set = variables.iter().find(|(path, name, _)| *path == file && name == "STROWGER__DATA__DIR");
        set.unwrap_or_else(|| panic!("{file} names the folder")).2.clone()
    };
    let (volume, user) = (image.one("VOLUME "), image.one("USER "));
    assert_eq!(folder_in(DOCKERFILE), volume);
    let number = user.split(':').next().and_then(|number| number.parse::<u32>().ok());
    assert!(number.is_some_and(|number| number > 0), "{DOCKERFILE}: USER is a number, and not root's");
    let owned = image.all("COPY ").find(|line| line.contains("--chown="));
    assert!(owned.is_some_and(|line| line.contains(&format!("--chown={user} "))), "{DOCKERFILE}: {owned:?}");
    let mount = format!("- data:{volume}");
    assert!(compose.lines.iter().any(|line| line.trim() == mount), "{COMPOSE} mounts {mount:?}");
    assert_eq!(
        compose.lines.iter().filter(|line| line.trim() == "data:").count(),
        1,
        "{COMPOSE}: the volume"
    );
    assert_eq!(folder_in(UNIT), format!("%S/{}", unit.one("StateDirectory=")), "{UNIT}");
}

/// Whoever stops the hub waits longer than the hub does.
#[test]
fn a_stop_is_waited_for() {
    let (compose, unit) = (Deployed::read(COMPOSE), Deployed::read(UNIT));
    let variables = variables();
    let set = variables.iter().find(|(_, name, _)| name == "STROWGER__SERVER__STOP_WITHIN");
    let (path, _, value) = set.expect("the image says how long a stop may take");
    assert_eq!(*path, DOCKERFILE);
    assert!(seconds(value) < DOCKER_STOPS_WITHIN);
    assert!(seconds(value) < seconds(compose.one("stop_grace_period: ")));
    let defaults = Settings::load([], std::iter::empty(), Path::new("/nonexistent")).expect("the defaults");
    assert!(defaults.settings.server.stop_within < seconds(unit.one("TimeoutStopSec=")));
    assert_eq!(unit.one("RestartPreventExitStatus="), "2", "a setting that can't be read: docs/operating.md");
}

#[test]
fn files_may_be_opened_for_as_many_as_are_told() {
    let (compose, unit) = (Deployed::read(COMPOSE), Deployed::read(UNIT));
    let told = unit.one("LimitNOFILE=");
    assert_eq!(compose.one("nofile: "), told);
    let operating = Document::read("docs/operating.md").text;
    assert!(operating.contains(&format!("`LimitNOFILE={told}`")), "docs/operating.md says the same");
}

/// What is copied into the build, from the root of the repository.
fn copied() -> Vec<PathBuf> {
    let image = Deployed::read(DOCKERFILE);
    let from_here = image.all("COPY ").filter(|line| !line.starts_with("--from"));
    let words = from_here.map(|line| line.split_whitespace().collect::<Vec<_>>());
    words.flat_map(|words| words[..words.len() - 1].iter().map(PathBuf::from).collect::<Vec<_>>()).collect()
}

fn is_copied(path: &Path) -> bool {
    copied().iter().any(|copied| path.starts_with(copied))
}

#[test]
fn all_that_the_build_needs_is_copied_and_nothing_else_is_sent() {
    let kept: BTreeSet<PathBuf> = copied().into_iter().collect();
    let ignored = Deployed::read(IGNORED);
    assert_eq!(ignored.lines.first().map(String::as_str), Some("*"), "{IGNORED} begins with everything");
    assert_eq!(ignored.all("!").map(PathBuf::from).collect::<BTreeSet<_>>(), kept, "{IGNORED}, {DOCKERFILE}");
    let included = Regex::new(r#"include_(?:str|bytes)!\(\s*"([^"]+)""#).expect("a pattern");
    let (mut complaints, mut seen) = (Vec::new(), 0);
    for path in files_below(Path::new("src")) {
        let code = fs::read_to_string(root().join(&path)).expect("a source");
        for found in included.captures_iter(&code) {
            seen += 1;
            let needed = without_dots(&path.parent().expect("a folder").join(&found[1]));
            if !is_copied(&needed) {
                complaints.push(format!("{DOCKERFILE} does not copy {}", needed.display()));
            }
        }
    }
    assert!(seen > 0, "config/default.toml is part of the binary");
    for path in ["Cargo.toml", "Cargo.lock", "src/main.rs", "build.rs"] {
        if root().join(path).exists() && !is_copied(Path::new(path)) {
            complaints.push(format!("{DOCKERFILE} does not copy {path}"));
        }
    }
    settle(&complaints);
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).expect("a folder");
    let paths = entries.map(|entry| folder.join(entry.expect("an entry").file_name()));
    let (folders, files): (Vec<_>, Vec<_>) = paths.partition(|path| root().join(path).is_dir());
    files.into_iter().chain(folders.iter().flat_map(|folder| files_below(folder))).collect()
}

/// `src/config/../../x` is `x`.
fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            plain.pop();
        } else {
            plain.push(part);
        }
    }
    plain
}

/// The image takes tests, examples and benches off the list, each with all up to the next empty line.
#[test]
fn what_is_not_copied_can_be_taken_off_the_list() {
    let script = Deployed::read(DOCKERFILE).lines.join("\n");
    let range = r"'/^\[\[\(test\|example\|bench\)\]\]$/,/^$/d' Cargo.toml";
    assert!(script.contains(range), "{DOCKERFILE} takes off what this test does");
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml");
    let (mut left, mut taken, mut in_one) = (String::new(), 0, false);
    for line in manifest.lines() {
        let begins = ["[[test]]", "[[example]]", "[[bench]]"].contains(&line);
        assert!(!in_one || !line.starts_with('['), "Cargo.toml: an empty line belongs before {line:?}");
        taken += u32::from(begins);
        in_one = (in_one || begins) && !line.is_empty();
        if !in_one {
            left.extend([line, "\n"]);
        }
    }
    assert!(taken > 10, "Cargo.toml lists {taken} of them");
    for path in Regex::new(r#"path = "([^"]+)""#).expect("a pattern").captures_iter(&left) {
        assert!(is_copied(Path::new(&path[1])), "{DOCKERFILE} does not copy {}", &path[1]);
    }
}
