//! What shells and `man` are given: asked of them, where they are there.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use super::command::{strowger, told};
use super::room::Room;

const COMMANDS: [&str; 10] =
    ["backup", "completions", "config", "doctor", "healthcheck", "man", "mask", "serve", "talk", "token"];

fn printed(name: &str, arguments: &[&str]) -> String {
    let (code, out, complaint) = told(&strowger(&Room::new(name), arguments, ""));
    assert_eq!((code, complaint.as_str()), (Some(0), ""));
    out
}

/// A program fed with a text: whether it went well, and what it said. `None` if it is not there.
fn fed(program: &str, arguments: &[&str], text: &str) -> Option<(bool, String)> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Some((
        output.status.success(),
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
    ))
}

/// What bash offers for the last of these words.
fn offered(room: &Room, words: &[&str]) -> BTreeSet<String> {
    let script = r#"
        source "$1"; shift
        complete -p strowger >/dev/null || exit 3
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _strowger strowger "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-c", script, "bash", "completions.bash"]).args(words);
    let output = command.current_dir(&room.dir).output().expect("bash");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(unix)]
#[test]
fn bash_completes_what_there_is() {
    let script = printed("completions-bash", &["completions", "bash"]);
    let room = Room::new("bash").file("completions.bash", &script).file("key.pem", "");
    let all = offered(&room, &["strowger", ""]);
    for command in COMMANDS {
        assert!(all.contains(command), "{command} is not in {all:?}");
    }
    let one = |words: &[&str]| offered(&room, words).into_iter().collect::<Vec<_>>();
    assert_eq!(one(&["strowger", "tok"]), ["token"]);
    assert_eq!(one(&["strowger", "token", "--su"]), ["--subject"]);
    assert_eq!(one(&["strowger", "token", "--mcp-p"]), ["--mcp-port"], "settings are flags of every command");
    assert_eq!(one(&["strowger", "token", "--private-key", "ke"]), ["key.pem"]);
    assert_eq!(one(&["strowger", "completions", "ba"]), ["bash"]);
    let flags = offered(&room, &["strowger", "mask", "--"]);
    for flag in ["--json", "--quiet", "--set", "--help"] {
        assert!(flags.contains(flag), "{flag} is not in {flags:?}");
    }
    assert!(one(&["strowger", "token", "--json"]).is_empty());
}

#[test]
fn every_shell_can_read_its_script() {
    for (shell, check) in
        [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute"), ("elvish", "-compileonly")]
    {
        let script = printed("completions", &["completions", shell]);
        for command in COMMANDS {
            assert!(script.contains(command), "{shell} does not know {command}");
        }
        let arguments: &[&str] = if shell == "elvish" { &[check, "/dev/stdin"] } else { &[check] };
        if let Some((is_fine, said)) = fed(shell, arguments, &script) {
            assert!(is_fine && said.is_empty(), "{shell}: {said}");
        }
    }
    assert!(
        printed("completions-more", &["completions", "powershell"]).contains("Register-ArgumentCompleter")
    );
    let (code, out, complaint) = told(&strowger(&Room::new("no-shell"), &["completions", "tcsh"], ""));
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(complaint.contains("bash, elvish, fish, powershell, zsh"), "{complaint}");
}

/// The titles of its sections, and what is wrong with it by the rules of man(7): every line is a text or a known macro, and
/// the first one says what the page is.
fn sections(page: &str) -> Vec<&str> {
    const MACROS: [&str; 9] = [".TH", ".SH", ".SS", ".TP", ".PP", ".RS", ".RE", ".br", ".ie"];
    let known = |line: &&str| {
        MACROS.contains(&line.split(' ').next().unwrap())
            || line.starts_with(".el")
            || line.starts_with(".IP")
    };
    let strange: Vec<_> = page.lines().filter(|line| line.starts_with(['.', '\'']) && !known(line)).collect();
    assert!(strange.is_empty(), "{strange:?}");
    assert_eq!(page.lines().filter(|line| line.starts_with(".TH ")).count(), 1);
    page.lines().filter_map(|line| line.strip_prefix(".SH ")).map(|title| title.trim_matches('"')).collect()
}

#[test]
fn the_manual_has_all_commands_and_what_they_read() {
    let page = printed("man", &["man"]);
    let titles = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "SETTINGS", "SUBCOMMANDS", "EXTRA"];
    let more = ["ENVIRONMENT", "FILES", "EXIT STATUS"];
    assert_eq!(sections(&page), [&titles[..], &more].concat());
    let said = page.replace('\\', "");
    for word in COMMANDS.into_iter().chain(["--mcp-port", "AUTH_TOKEN", "GEMINI_MODEL", "config/local.toml"])
    {
        assert!(said.contains(word), "{word} is not in the manual");
    }
}

#[test]
fn every_command_has_a_page() {
    for command in COMMANDS {
        let page = printed("man-of-one", &["man", command]);
        assert!(sections(&page).starts_with(&["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS"]), "{command}");
        assert!(page.contains(&format!("strowger\\-{command}")), "{page}");
    }
    let token = printed("man-of-one", &["man", "token"]).replace('\\', "");
    assert!(token.contains("--subject") && token.contains("[default: 12h]"), "{token}");
    let talk = printed("man-of-talk", &["man", "talk"]);
    for part in ["NO_COLOR", "STROWGER_TOKEN", "The hub does not want this client"] {
        assert!(talk.contains(part), "{part} is not in {talk}");
    }
    let (code, out, complaint) = told(&strowger(&Room::new("man-of-none"), &["man", "talking"], ""));
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        complaint.starts_with("strowger: there is no command \"talking\"; there are serve, "),
        "{complaint}"
    );
}

#[test]
fn those_who_set_pages_have_nothing_to_complain_of() {
    for command in [None].into_iter().chain(COMMANDS.map(Some)) {
        let page = printed("man-set", &[&["man"], command.as_slice()].concat());
        if let Some((is_fine, said)) = fed("groff", &["-man", "-Tascii", "-ww", "-z"], &page) {
            assert!(is_fine && said.is_empty(), "groff on {command:?}: {said}");
        }
        if let Some((_, said)) = fed("mandoc", &["-Tlint", "-Werror"], &page) {
            assert!(said.is_empty(), "mandoc on {command:?}: {said}");
        }
    }
}

#[test]
fn both_are_had_where_the_settings_can_not_be_read() {
    let room = Room::new("no-settings").file("config/local.toml", "[chta]\n");
    for arguments in [&["completions", "fish"][..], &["man"], &["man", "serve"]] {
        assert_eq!(told(&strowger(&room, arguments, "")).0, Some(0), "{arguments:?}");
    }
}
