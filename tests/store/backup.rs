//! `strowger backup`: a copy beside a store that is open, and what it refuses.

use crate::room::{Room, close, said, texts};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Runs the binary in the room's directory. Returns its exit code and what it said, on either output.
fn back_up(room: &Room, flags: &[&str], file: &Path) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_strowger"));
    let directory = format!("data.dir={}", room.directory.display());
    command.args(["backup", "--set", &directory]).args(flags).arg(file).env_clear();
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

#[tokio::test]
async fn a_copy_is_made_while_the_store_is_open() {
    let (room, other) = (Room::new(), Room::new());
    let store = room.open();
    store.keep(said("team", "john", 1, "hello")).unwrap();
    store.flush().await.unwrap();
    fs::create_dir_all(&other.directory).unwrap();
    let (code, told) = back_up(&room, &[], &other.database());
    assert_eq!(code, Some(0), "{told}");
    let bytes = fs::metadata(other.database()).unwrap().len();
    let (from, to) = (room.database(), other.database());
    assert_eq!(told, format!("Copied {} to {}: {bytes} bytes\n", from.display(), to.display()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(other.database()).unwrap().permissions().mode() & 0o777, 0o600);
    }
    store.keep(said("team", "john", 2, "later")).unwrap();
    close(store).await;
    let copy = other.open();
    assert_eq!(texts(&copy.search("team", "hello", 10).await.unwrap()), ["hello"]);
    assert_eq!(copy.count(strowger::store::Wanted::of("team")).await.unwrap(), 1, "of one moment");
    close(copy).await;
}

#[tokio::test]
async fn nothing_is_overwritten_and_nothing_made_of_nothing() {
    let room = Room::new();
    let file = room.directory.join("copy.db");
    let (code, told) = back_up(&room, &[], &file);
    assert_eq!((code, told.lines().count(), room.directory.exists()), (Some(1), 1, false), "{told}");
    assert!(told.contains("nothing was kept"), "{told}");
    let store = room.open();
    store.keep(said("team", "john", 1, "hello")).unwrap();
    close(store).await;
    fs::write(&file, "precious").unwrap();
    let (code, told) = back_up(&room, &[], &file);
    assert_eq!((code, told.lines().count()), (Some(1), 1), "{told}");
    assert!(told.starts_with("strowger: ") && told.contains("not overwritten"), "{told}");
    assert_eq!(fs::read(&file).unwrap(), b"precious");
    let (code, told) = back_up(&room, &["--set", "session.store=memory"], &room.directory.join("other.db"));
    assert_eq!((code, told.contains("session.store=memory")), (Some(1), true), "{told}");
    fs::write(room.database(), "no database at all".repeat(100)).unwrap();
    let (code, told) = back_up(&room, &[], &room.directory.join("broken.db"));
    assert_eq!((code, told.lines().count()), (Some(1), 1), "{told}");
    assert!(!room.directory.join("broken.db").exists(), "half a copy is none");
}
