//! Writes frames into one growing buffer for all sockets of a thread, so that a frame costs no allocation.

use crate::wire::{Pos, ServerFrame, Timestamp};
use bytes::{BufMut, BytesMut};
use std::cell::RefCell;
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// The buffer grows in steps of this size, and is used again when the codec has copied what was in it.
const STEP: usize = 16 * 1_024;

thread_local! {
    static BUFFER: RefCell<BytesMut> = RefCell::new(BytesMut::new());
}

/// The frame as text. An empty one if it can't be written, which does not happen: it holds only strings and numbers.
pub fn encode(frame: &ServerFrame<'_>) -> Utf8Bytes {
    BUFFER.with_borrow_mut(|buffer| {
        if buffer.capacity() < STEP / 4 {
            buffer.reserve(STEP);
        }
        let written = frame.write((&mut *buffer).writer());
        let bytes = buffer.split().freeze();
        match written {
            Ok(()) => Utf8Bytes::try_from(bytes).unwrap_or_default(),
            Err(_) => Utf8Bytes::default(),
        }
    })
}

/// A frame that was written for many, with the position that it has for one of them.
pub fn encode_at(frame: &Utf8Bytes, pos: Pos) -> Utf8Bytes {
    let open = frame.as_str().strip_suffix('}').unwrap_or_default();
    Utf8Bytes::from(format!("{open},\"pos\":\"{}\"}}", pos.0))
}

/// The time for a frame that is written now.
pub fn timestamp() -> Timestamp {
    Timestamp(chrono::Utc::now().timestamp_millis())
}
