//! `strowger mask` before a real terminal, and at work on an input that does not end.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::room::Room;
use crate::running::Program;

/// How long a program may take to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// Both ends of a terminal: who looks at it, and what is shown on it.
fn terminal() -> (File, OwnedFd) {
    let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&screen).unwrap();
    unlockpt(&screen).unwrap();
    let name = ptsname(&screen, Vec::new()).unwrap();
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let shown = rustix::fs::open(OsStr::from_bytes(name.to_bytes()), flags, Mode::empty()).unwrap();
    (File::from(screen), shown)
}

/// All that is shown until nobody can show anything more, which Linux says by an error.
fn seen(mut screen: File) -> String {
    let mut all = Vec::new();
    let _ = screen.read_to_end(&mut all);
    String::from_utf8(all).unwrap()
}

/// `strowger mask` in this room, on the file `chats` that is in it.
fn mask(room: &Room, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_strowger"));
    command.arg("mask").args(arguments).current_dir(&room.dir).env_clear();
    command.stdin(File::open(room.dir.join("chats")).unwrap());
    command
}

fn room(name: &str, chats: &str) -> Room {
    let room = Room::new(name);
    room.file("chats", chats)
}

#[test]
fn progress_is_shown_on_a_terminal_while_the_output_goes_elsewhere() {
    let room = room("progress", &"call 9876543210\n".repeat(1_000));
    let (screen, shown) = terminal();
    let output = File::create(room.dir.join("masked")).unwrap();
    // The command holds the terminal too, and has to be gone before the end of it is to be seen.
    let status = mask(&room, &[]).stdout(output).stderr(shown).status().unwrap();
    assert!(status.success());
    let seen = seen(screen);
    let last = seen.rsplit('\r').find(|line| line.contains("MB/s")).unwrap_or_default();
    assert!(last.starts_with("16 kB of 16 kB, 100 %, "), "{seen:?}");
    assert!(seen.starts_with('\r') && seen.ends_with(" MB/s\r\n"), "{seen:?}");
    assert_eq!(std::fs::read_to_string(room.dir.join("masked")).unwrap(), "call [hidden]\n".repeat(1_000));
}

#[test]
fn progress_of_a_pipe_knows_no_end() {
    let room = room("progress-pipe", "");
    let (screen, shown) = terminal();
    let (reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(b"so it goes\n").unwrap();
    drop(writer);
    let status = mask(&room, &[]).stdin(reader).stdout(Stdio::null()).stderr(shown).status().unwrap();
    assert!(status.success());
    let seen = seen(screen);
    assert!(seen.starts_with("\r0 kB, ") && seen.ends_with(" MB/s\r\n"), "{seen:?}");
}

#[test]
fn no_progress_is_shown_where_nobody_would_want_it() {
    let room = room("no-progress", "call 9876543210\n");
    // Quiet: nothing, though it could be shown.
    let (screen, shown) = terminal();
    assert!(mask(&room, &["-q"]).stdout(Stdio::null()).stderr(shown).status().unwrap().success());
    assert_eq!(seen(screen), "");
    // The output is on the same terminal.
    let (screen, shown) = terminal();
    let also = shown.try_clone().unwrap();
    assert!(mask(&room, &[]).stdout(also).stderr(shown).status().unwrap().success());
    assert_eq!(seen(screen), "call [hidden]\r\n");
    // No terminal at all.
    let output = mask(&room, &[]).output().unwrap();
    assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (&b"call [hidden]\n"[..], &b""[..]));
}

#[test]
fn a_complaint_stands_on_a_line_of_its_own() {
    let room = room("progress-complaint", "{\"text\":\"hi\"}\n5\n");
    let (screen, shown) = terminal();
    let status = mask(&room, &["--json"]).stdout(Stdio::null()).stderr(shown).status().unwrap();
    assert_eq!(status.code(), Some(1));
    let seen = seen(screen);
    let last = seen.trim_end().rsplit('\r').next().unwrap_or_default();
    assert!(last.starts_with("strowger: line 2 of the input, "), "{seen:?}");
}

/// Typed or piped line by line: each is answered while the next one is still to come.
#[test]
fn a_line_is_masked_before_the_next_one_comes() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_strowger"));
    let mut program = Program::start("mask", command.arg("mask").env_clear());
    for (typed, expected) in [("call 9876543210", "call [hidden]"), ("", ""), ("so it goes", "so it goes")] {
        program.types(typed);
        assert_eq!(program.next().as_deref(), Some(expected));
    }
    program.end_input();
    assert!(program.ends_well());
}

/// It does not wait for more once it is known that nothing more will be written.
#[test]
fn what_it_cannot_read_stops_it_at_once() {
    // Both ends stay open here, so that writing never fails and reading never ends.
    let (reader, mut writer) = std::io::pipe().unwrap();
    let lines = format!("5\n{}", "{\"text\":\"so it goes\"}\n".repeat(2_000));
    writer.write_all(lines.as_bytes()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_strowger"));
    command.args(["mask", "--json"]).env_clear().stdin(reader.try_clone().unwrap());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (end, ended) = sync_channel(1);
    let waiting = std::thread::spawn(move || end.send(child.wait_with_output()));
    let output = ended.recv_timeout(PATIENCE);
    drop((reader, writer));
    waiting.join().unwrap().unwrap();
    let output = output.expect("it ends while its input is open").unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), &b""[..]));
    assert!(output.stderr.starts_with(b"strowger: line 1 of the input, "));
}
