//! `strowger completions` and `strowger man`: what shells and `man` read, made from the command line as it is.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::{MISUSED, complain, written};
use crate::config::older_names;

/// What else there is to say of the program, besides what its flags say of themselves.
const ANY_SETTING: &str = "The setting section.name: STROWGER__CHAT__IDLE_AFTER is chat.idle_after.";
const FILES: [(&str, &str); 2] = [
    ("config/local.toml", "Settings, below the working directory."),
    (".env", "Variables, in the working directory. They win over config/local.toml."),
];
const EXITS: [(&str, &str); 3] = [
    ("0", "It is done, or the hub was stopped by a signal."),
    ("1", "It could not be done: a line on standard error says why."),
    ("2", "A setting or a flag can't be read: a line on standard error names it."),
];

/// Those of `strowger talk`, which are more.
const EXITS_OF_TALK: [(&str, &str); 5] = [
    ("0", "All that was asked was done."),
    ("1", "Something was not, or a line made no sense."),
    ("2", "A setting or a flag can't be read: a line on standard error names it."),
    ("3", "No hub answers, or none any more."),
    ("4", "The hub does not want this client: no token, taken over, or removed."),
];
const OF_TALK: [(&str, &str); 2] = [
    ("NO_COLOR", "If it is set, there are no colours."),
    ("STROWGER_TOKEN", "The token for a hub that asks for one."),
];

/// Prints the script that makes a shell complete what is typed.
pub fn complete(shell: Shell, mut all: Command) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut all, "strowger", &mut script);
    written(io::stdout().lock().write_all(&script))
}

/// Prints the manual page of everything, or of one command.
pub fn manual(all: Command, command: Option<&str>) -> ExitCode {
    // Shells and people have `help` from the flag.
    let mut all = all.disable_help_subcommand(true);
    all.build();
    let Some(name) = command else { return written(page(all, true)) };
    match all.find_subcommand(name) {
        Some(found) => written(page(found.clone(), false)),
        None => {
            let names: Vec<_> = all.get_subcommands().map(Command::get_name).collect();
            let words = format!("there is no command {name:?}; there are {}", names.join(", "));
            complain(&words, MISUSED)
        }
    }
}

fn page(command: Command, is_whole: bool) -> io::Result<()> {
    let source = concat!("strowger ", env!("CARGO_PKG_VERSION"));
    let man_of = command.get_name().to_owned();
    let man = Man::new(command).source(source).manual("Strowger");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if is_whole {
        man.render_subcommands_section(&mut page)?;
        man.render_extra_section(&mut page)?;
    }
    let is_talk = man_of == "talk";
    let older = older_names().collect::<Vec<_>>().join(", ");
    let mut variables =
        vec![("STROWGER__SECTION__NAME", ANY_SETTING), (&older, "Older names of some settings.")];
    let exits = if is_talk { &EXITS_OF_TALK[..] } else { &EXITS[..] };
    if is_talk {
        variables.extend(OF_TALK);
    }
    let mut rest = Roff::default();
    for (title, entries) in [("ENVIRONMENT", &variables[..]), ("FILES", &FILES), ("EXIT STATUS", exits)] {
        rest.control("SH", [title]);
        for (name, words) in entries {
            rest.control("TP", []).text([bold(*name)]).text([roman(*words)]);
        }
    }
    rest.to_writer(&mut page)?;
    io::stdout().lock().write_all(&page)
}
