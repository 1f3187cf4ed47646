//! What strangers and contacts write can not steer the terminal of whoever reads it.

use crate::running::RunningHub;
use crate::terminal::{Terminal, has_tmux};
use serde_json::json;
use std::fs;
use strowger::client::{Client, Frame, Happening, Options, Request, Said};

const BINARY: &str = env!("CARGO_BIN_EXE_strowger");
/// How many go through the partner, and how many through the shared line.
const TEXTS: u64 = 4_000;
const MESSAGES: u64 = 1_000;

/// What a terminal obeys: ECMA-48 and xterm's control sequences. `~` stands for what comes from the dice.
const SEQUENCES: [&str; 44] = [
    "\x1b]0;owned~\x07",
    "\x1b]2;owned~\x1b\\",
    "\u{9d}2;owned~\u{9c}",
    "\x1b]52;c;b3duZWQ=\x07",
    "\x1b]52;c;b3duZWQ=\x1b\\",
    "\x1bP$qm\x1b\\",
    "\x1bPtmux;\x1b\x1b]52;c;b3duZWQ=\x07\x1b\\",
    "\x1b_owned~\x1b\\",
    "\x1b^owned~\x1b\\",
    "\x1bkowned~\x1b\\",
    "\x1b[?1049h",
    "\x1b[?47h",
    "\x1b[?25l",
    "\x1b[?1000h",
    "\x1b[?1002h",
    "\x1b[?1003h",
    "\x1b[?1006h",
    "\x1b[?1004h",
    "\x1b[?2004l",
    "\x1b[?1h",
    "\x1b[?6h",
    "\x1b[?7l",
    "\x1b[4h",
    "\x1b[20h",
    "\x1b=",
    "\x1bc",
    "\x1b[!p",
    "\x1b#8",
    "\x1b[~;9r",
    "\x1b[2J",
    "\x1b[3J",
    "\x1b[~A",
    "\x1b[~;~H",
    "\x1b[~d",
    "\u{9b}2J",
    "\u{9b}?25l",
    "\x1b7\x1b8",
    "\x0e\x0f",
    "\x1b(0",
    "\x1b[8m",
    "\x1b[5 q",
    "\x08\x08\x08\x7f",
    "\r\x0b\x0c\x07",
    "\u{202e}\u{2066}\u{200f}",
];

/// The same each time (xorshift64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).expect("a small number")
    }

    /// Sequences, whole, cut and one within the other, between words.
    fn hostile(&mut self) -> String {
        let mut text = String::from("x");
        for _ in 0..=self.roll(4) {
            let sequence = SEQUENCES[self.roll(SEQUENCES.len())].replace('~', &self.roll(40).to_string());
            let end = if self.roll(4) == 0 { self.roll(sequence.len() + 1) } else { sequence.len() };
            let end = (0..=end).rev().find(|at| sequence.is_char_boundary(*at)).unwrap_or(0);
            text.push_str(&sequence[..end]);
            text.push_str(["", " ", "word", "\n", "42"][self.roll(5)]);
        }
        text
    }
}

fn client(hub: &RunningHub, options: impl FnOnce(Options) -> Options) -> Client {
    Client::new(options(Options::to(&hub.url()).expect("an address")))
}

async fn ask(client: &mut Client, request: Request) -> Frame {
    client.ask(request).await.expect("an answer")
}

#[test]
fn a_terminal_can_be_steered_by_whoever_prints_what_they_are_told() {
    if !has_tmux("what a terminal obeys") {
        return;
    }
    let plain = Terminal::start("control", &["cat"]);
    plain.types("ready");
    plain.until("ready");
    let before = plain.state();
    drop(plain);
    // A home is emptied at the start: so the text is kept beside it.
    let file = std::env::temp_dir().join(format!("strowger-hostile-{}", std::process::id()));
    let mut dice = Dice(1);
    let texts: String = (0..200).map(|_| dice.hostile()).collect();
    fs::write(&file, texts + "\x1bc\x1b[?1000h\x1b]2;owned\x07ready\r\n").expect("a file");
    let script = format!("cat '{}'; sleep 1000", file.display());
    let steered = Terminal::start("steered", &["sh", "-c", &script]);
    steered.until("ready");
    assert_ne!(steered.state(), before);
    assert!(steered.state().contains("owned"), "{}", steered.state());
    let _ = fs::remove_file(file);
}

#[test]
fn five_thousand_hostile_sequences_leave_the_terminal_as_it_was() {
    if !has_tmux("hostile texts in a terminal") {
        return;
    }
    let hub = RunningHub::start("talk_hostile");
    let a = Terminal::start("hostile", &[BINARY, "talk", &hub.url(), "--session", "team"]);
    a.until("in no chat");
    // Only while the client paints there is no cursor.
    a.until_so("the cursor", |_| a.state().contains("cursor=1"));
    let before = a.state();
    a.types("#meet");
    a.until("Looking for someone");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut eve = client(&hub, |options| options.session("eve").nickname("Eve\x1b]2;owned\x07"));
        ask(&mut eve, Request::line("#meet")).await;
        let mut dice = Dice(7);
        for _ in 0..TEXTS {
            assert!(ask(&mut eve, Request::line(dice.hostile())).await.is_success());
        }
        assert!(ask(&mut eve, Request::line("all was said")).await.is_success());
        let mut bridge = client(&hub, |options| options.session("team").as_bridge());
        for _ in 0..MESSAGES {
            let (name, text) = (dice.hostile(), dice.hostile());
            assert!(ask(&mut bridge, Request::incoming(&name, &text, None)).await.is_success());
        }
        // What a backend says why not is shown, too.
        assert!(ask(&mut bridge, Request::incoming("Kim", "hi", None)).await.is_success());
        let mut other = client(&hub, |options| options.session("team"));
        let ticket = other.send(Request::send("Kim", "hi")).expect("room");
        let action = loop {
            let happening = tokio::select! {
                happening = bridge.next() => happening.expect("a bridge"),
                happening = other.next() => { assert!(happening.is_some()); continue }
            };
            if let Happening::Pushed(frame) = happening
                && let Said::WhatsappAction(action) = frame.said()
            {
                break action.request_id.clone();
            }
        };
        let no = json!({"success": false, "code": "not_found", "text": dice.hostile()});
        bridge.send(Request::action_result(&action, no)).expect("room");
        let refused = async {
            while let Some(happening) = other.next().await {
                if matches!(&happening, Happening::Answered(of, _) if *of == ticket) {
                    return;
                }
            }
        };
        tokio::select! {
            () = refused => {}
            () = async { while bridge.next().await.is_some() {} } => panic!("the bridge is gone"),
        }
        let last = ask(&mut bridge, Request::incoming("Last", "the last of all", None)).await;
        assert!(last.is_success());
        eve.leave().await;
    });
    a.until("the last of all");
    a.until("left the chat");
    let scroll = a.scroll();
    assert!(scroll.contains("all was said"), "the scrollback is too short, or was cleared");
    a.until_so(&format!("a terminal that is {before}"), |_| a.state() == before);
    // And it still does what it is told.
    a.press(&["C-c"]);
    a.types("/status");
    a.until("Session team");
}
