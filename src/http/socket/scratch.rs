//! A TCP stream that reads into one large buffer for all streams of a thread.
//!
//! The codec reads in small pieces, so that an idle connection costs little; one system call still takes in all
//! that has arrived. What the codec did not want yet is kept, and given back to the allocator when it is used up.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How much one system call may take in.
const SCRATCH: usize = 64 * 1_024;

thread_local! {
    /// Nothing is kept in it over an await.
    static BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; SCRATCH].into_boxed_slice());
}

/// See the module.
pub struct ScratchStream {
    tcp: TcpStream,
    rest: Vec<u8>,
    /// How much of `rest` was taken.
    taken: usize,
    /// Bytes that the network took.
    written: u64,
}

impl ScratchStream {
    /// A stream that first gives what was read of it before.
    pub fn new(tcp: TcpStream, head: &[u8]) -> Self {
        Self { tcp, rest: head.to_vec(), taken: 0, written: 0 }
    }

    /// How many bytes the network has taken so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    fn take_rest(&mut self, buf: &mut ReadBuf<'_>) {
        let rest = self.rest.get(self.taken..).unwrap_or_default();
        let (now, later) = rest.split_at(rest.len().min(buf.remaining()));
        buf.put_slice(now);
        self.taken += now.len();
        if later.is_empty() {
            self.rest = Vec::new();
            self.taken = 0;
        }
    }
}

impl AsyncRead for ScratchStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.rest.is_empty() {
            let this = &mut *self;
            ready!(BUFFER.with_borrow_mut(|scratch| {
                let mut read = ReadBuf::new(scratch);
                ready!(Pin::new(&mut this.tcp).poll_read(cx, &mut read))?;
                let filled = read.filled();
                let (now, later) = filled.split_at(filled.len().min(buf.remaining()));
                buf.put_slice(now);
                this.rest.extend_from_slice(later);
                Poll::Ready(io::Result::Ok(()))
            }))?;
        } else {
            self.take_rest(buf);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ScratchStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.tcp).poll_write(cx, buf))?;
        self.written += written as u64;
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}
