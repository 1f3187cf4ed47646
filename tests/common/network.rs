//! The network between a client and the hub, which a test can break.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
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

    /// From now on connections get through again.
    pub fn mend(&self) {
        self.lines.lock().expect("no panic").is_cut = false;
    }
}

impl Lines {
    fn join(&mut self, near: TcpStream) -> io::Result<()> {
        if self.is_cut {
            return Ok(());
        }
        let far = TcpStream::connect(("127.0.0.1", self.hub))?;
        for (from, to) in [(&near, &far), (&far, &near)] {
            let (mut from, mut to) = (from.try_clone()?, to.try_clone()?);
            thread::spawn(move || {
                // However it ends, the other side hears of it.
                let _ = io::copy(&mut from, &mut to);
                let _ = to.shutdown(Shutdown::Write);
            });
        }
        self.open.extend([near, far]);
        Ok(())
    }
}
