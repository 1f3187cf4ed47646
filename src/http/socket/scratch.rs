//! A TCP stream that reads into one large buffer for all streams of a thread.
//!
//! The codec reads in small pieces, so that an idle connection costs little; one system call still takes in all
//! that has arrived. What the codec did not want yet is kept, and given back to the allocator when it is used up.
//!
//! Who does not read what is written to it is not read for long either: the codec answers pings by itself, and such
//! answers would wait without a bound.
//!
//! It counts the messages that the network took, and can let go of those that it did not take: the codec would send
//! them whatever became of them meanwhile.

use super::progress::Progress;
use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How much one system call may take in.
const SCRATCH: usize = 64 * 1_024;
/// How much is read while the network does not take all that is written. No answer of the codec's own is longer than
/// what it answers, so no more than this waits.
const READ_WHILE_BLOCKED: u32 = 64 * 1_024;

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
    /// Bytes that were read since the network did not take all.
    blocked: Option<u32>,
    /// What came in.
    progress: Progress,
    /// What went out, or was let go.
    sent: Progress,
    /// Messages up to this one do not go out any more, if they have not begun to.
    let_go: u64,
    /// Whether the frame that `sent` is in was let go.
    lets_go: bool,
}

impl ScratchStream {
    /// A stream that first gives what was read of it before.
    pub fn new(tcp: TcpStream, head: &[u8]) -> Self {
        Self {
            tcp,
            rest: head.to_vec(),
            taken: 0,
            written: 0,
            blocked: None,
            progress: Progress::default(),
            sent: Progress::default(),
            let_go: 0,
            lets_go: false,
        }
    }

    /// How many bytes the network has taken so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// How many messages the network took, whole; counted with it, the one of which it took a part.
    pub fn sent(&self) -> (u64, u64) {
        (self.sent.messages(), self.sent.begun())
    }

    /// Of the first so many messages no other begins to go out, nor do the pings between them.
    pub fn let_go(&mut self, messages: u64) {
        self.let_go = messages;
    }

    /// How much at the start of this does not go out.
    fn skip(&mut self, bytes: &[u8]) -> usize {
        let mut skipped = 0;
        while self.sent.messages() < self.let_go && (self.lets_go || !self.sent.is_in_frame()) {
            let rest = bytes.get(skipped..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            skipped += self.sent.read_frame(rest);
            self.lets_go = self.sent.is_in_frame();
        }
        skipped
    }

    /// What may go out of this in one piece: all, or the end of the frame that has begun to.
    fn piece<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        let mut ahead = self.sent;
        let end = if ahead.messages() < self.let_go { ahead.read_frame(bytes) } else { bytes.len() };
        bytes.get(..end).unwrap_or_default()
    }

    /// Reads what the codec has room for.
    fn poll_fill(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.rest.is_empty() {
            self.take_rest(buf);
            return Poll::Ready(Ok(()));
        }
        BUFFER.with_borrow_mut(|scratch| {
            let mut read = ReadBuf::new(scratch);
            ready!(Pin::new(&mut self.tcp).poll_read(cx, &mut read))?;
            let filled = read.filled();
            let (now, later) = filled.split_at(filled.len().min(buf.remaining()));
            buf.put_slice(now);
            self.rest.extend_from_slice(later);
            Poll::Ready(Ok(()))
        })
    }

    /// Whether the client is in the middle of a message, if the codec has read all that came.
    pub fn is_under_way(&self) -> bool {
        self.progress.is_under_way()
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
        if self.blocked.is_some_and(|read| read >= READ_WHILE_BLOCKED) {
            // Nobody wakes a reader that was turned away here but the flush that lets it go on.
            return Poll::Pending;
        }
        let before = buf.filled().len();
        ready!(self.poll_fill(cx, buf))?;
        let new = buf.filled().get(before..).unwrap_or_default();
        self.progress.read(new);
        let more = u32::try_from(new.len()).unwrap_or(u32::MAX);
        self.blocked = self.blocked.map(|read| read.saturating_add(more));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ScratchStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let skipped = self.skip(buf);
        if skipped > 0 {
            return Poll::Ready(Ok(skipped));
        }
        let piece = self.piece(buf);
        let polled = Pin::new(&mut self.tcp).poll_write(cx, piece);
        if polled.is_pending() {
            self.blocked.get_or_insert(0);
        }
        let written = ready!(polled)?;
        self.written += written as u64;
        self.sent.read(piece.get(..written).unwrap_or_default());
        Poll::Ready(Ok(written))
    }

    /// The codec flushes when all that it had was taken.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.blocked.take().is_some() {
            cx.waker().wake_by_ref();
        }
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}
