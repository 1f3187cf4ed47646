//! The network between a client and the hub, which a test can break.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// See the module.
pub struct Network {
    port: u16,
    lines: Arc<Mutex<Lines>>,
}

#[derive(Default)]
struct Lines {
    hub: u16,
    is_cut: bool,
    /// Nothing of the hub gets through.
    is_mute: Arc<AtomicBool>,
    open: Vec<TcpStream>,
}

impl Network {
    /// Passes everything on to the hub at this port of this machine.
    pub fn to(hub: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let lines = Arc::new(Mutex::new(Lines { hub, ..Lines::default() }));
        let network = Self { port, lines: lines.clone() };
        // Ends with the test's process.
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                // Who gets no line is turned away when `near` is dropped.
                let _ = lines.lock().expect("no panic").join(near);
            }
        });
        network
    }

    /// As a client takes it.
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }

    /// Ends every connection without a word, and lets no new one through.
    pub fn cut(&self) {
        let mut lines = self.lines.lock().expect("no panic");
        lines.is_cut = true;
        for line in lines.open.drain(..) {
            // It may have ended by itself.
            let _ = line.shutdown(Shutdown::Both);
        }
    }

    /// From now on it is another hub that is reached.
    #[allow(dead_code, reason = "not every test has a second hub")]
    pub fn lead_to(&self, hub: u16) {
        self.lines.lock().expect("no panic").hub = hub;
    }

    /// What the hub says from now on gets lost; what it is told does not.
    #[allow(dead_code, reason = "not every test needs that")]
    pub fn mute(&self) {
        self.lines.lock().expect("no panic").is_mute.store(true, Ordering::SeqCst);
    }

    /// From now on connections get through again.
    pub fn mend(&self) {
        let mut lines = self.lines.lock().expect("no panic");
        (lines.is_cut, lines.is_mute) = (false, Arc::default());
    }
}

impl Lines {
    fn join(&mut self, near: TcpStream) -> io::Result<()> {
        if self.is_cut {
            return Ok(());
        }
        let far = TcpStream::connect(("127.0.0.1", self.hub))?;
        for (from, to, is_mute) in [(&near, &far, Arc::default()), (&far, &near, self.is_mute.clone())] {
            let (from, to) = (from.try_clone()?, to.try_clone()?);
            thread::spawn(move || {
                // However it ends, the other side hears of it.
                let _ = pass_on(&from, &to, &is_mute);
                let _ = to.shutdown(Shutdown::Write);
            });
        }
        self.open.extend([near, far]);
        Ok(())
    }
}

fn pass_on(mut from: &TcpStream, mut to: &TcpStream, is_mute: &AtomicBool) -> io::Result<()> {
    let mut some = [0; 4_096];
    loop {
        let count = from.read(&mut some)?;
        if count == 0 {
            return Ok(());
        }
        if !is_mute.load(Ordering::SeqCst) {
            to.write_all(&some[..count])?;
        }
    }
}
