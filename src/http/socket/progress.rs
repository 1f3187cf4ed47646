//! How far one side of a stream has got: how many messages are complete, and whether one is under way.
//!
//! The codec says only when a message that came in is whole, and of those that go out nothing. This reads along, and
//! of each frame no more than where it ends and whether more of its message is to come (RFC 6455 section 5.2). What
//! is wrong with a frame is the codec's business.

/// The longest head of a frame, without the mask.
const HEAD: usize = 10;
const MASK: u64 = 4;

/// See the module.
#[derive(Debug, Default, Clone, Copy)]
pub struct Progress {
    /// Of the frame that is read, or was read last.
    head: [u8; HEAD],
    /// How much of the next frame's head was read.
    got: u8,
    /// How much of a frame's mask and payload is to come.
    left: u64,
    /// Whether the last frame of a message is to come.
    in_fragments: bool,
    messages: u64,
}

impl Progress {
    /// Reads on.
    pub fn read(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let read = self.read_frame(bytes);
            bytes = bytes.get(read..).unwrap_or_default();
        }
    }

    /// Reads on, to the end of a frame at most. How much that was.
    pub fn read_frame(&mut self, bytes: &[u8]) -> usize {
        let mut rest = bytes;
        while let Some((first, behind)) = rest.split_first() {
            if self.left > 0 {
                let skipped = usize::try_from(self.left).map_or(rest.len(), |left| left.min(rest.len()));
                self.left -= skipped as u64;
                rest = rest.get(skipped..).unwrap_or_default();
            } else {
                self.read_head(*first);
                rest = behind;
            }
            if !self.is_in_frame() {
                self.messages += u64::from(!self.is_control() && !self.in_fragments);
                break;
            }
        }
        bytes.len() - rest.len()
    }

    /// How many messages are complete.
    pub fn messages(&self) -> u64 {
        self.messages
    }

    /// How many have begun, if they have one frame each.
    pub fn begun(&self) -> u64 {
        self.messages + u64::from(self.is_in_frame() && !self.is_control())
    }

    /// Whether something has begun and is not complete.
    pub fn is_under_way(&self) -> bool {
        self.in_fragments || self.is_in_frame()
    }

    /// Whether a frame has begun and is not complete.
    pub fn is_in_frame(&self) -> bool {
        self.got > 0 || self.left > 0
    }

    fn is_control(&self) -> bool {
        let [first, ..] = self.head;
        first & 0x08 != 0
    }

    fn read_head(&mut self, byte: u8) {
        if let Some(place) = self.head.get_mut(usize::from(self.got)) {
            *place = byte;
        }
        self.got += 1;
        let [first, second, long @ ..] = self.head;
        let (needed, length) = match second & 0x7F {
            126 => (4, u64::from_be_bytes(long) >> 48),
            127 => (10, u64::from_be_bytes(long)),
            short => (2, u64::from(short)),
        };
        if self.got >= 2 && self.got == needed {
            if !self.is_control() {
                self.in_fragments = first & 0x80 == 0;
            }
            self.left = length.saturating_add(if second & 0x80 == 0 { 0 } else { MASK });
            self.got = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(first: u8, length: usize) -> Vec<u8> {
        let mut bytes = match length {
            0..=125 => vec![first, 0x80 | length as u8],
            126..=0xFFFF => [&[first, 0x80 | 126][..], &(length as u16).to_be_bytes()].concat(),
            _ => [&[first, 0x80 | 127][..], &(length as u64).to_be_bytes()].concat(),
        };
        bytes.extend(vec![0; 4 + length]);
        bytes
    }

    #[test]
    fn only_the_end_of_a_message_is_the_end() {
        for length in [0, 1, 125, 126, 1_000, 70_000] {
            let (whole, ping) = (frame(0x81, length), frame(0x89, 5));
            for chunk in [1, 2, 3, 7, 1 << 20] {
                let mut progress = Progress::default();
                let mut seen = 0;
                for part in whole.chunks(chunk) {
                    progress.read(part);
                    seen += part.len();
                    assert_eq!(progress.is_under_way(), seen < whole.len(), "{length} by {chunk}");
                }
                progress.read(&ping);
                assert!(!progress.is_under_way());
                for part in [frame(0x01, length), ping.clone(), frame(0x00, length), ping.clone()] {
                    part.chunks(chunk).for_each(|part| progress.read(part));
                    assert!(progress.is_under_way(), "a ping within a message ends nothing");
                }
                progress.read(&frame(0x80, length));
                assert!(!progress.is_under_way());
                assert_eq!(progress.messages(), 2);
            }
        }
    }

    #[test]
    fn a_frame_is_read_to_its_end_and_no_further() {
        let (text, ping) = (frame(0x81, 300), frame(0x89, 5));
        let both = [&text[..], &ping, &text].concat();
        let mut progress = Progress::default();
        assert_eq!(progress.read_frame(&both[..1]), 1);
        assert_eq!((progress.messages(), progress.begun()), (0, 1), "a head that has begun is a beginning");
        assert_eq!(progress.read_frame(&both[1..]), text.len() - 1);
        assert_eq!((progress.messages(), progress.begun()), (1, 1));
        assert_eq!(progress.read_frame(&both[text.len()..text.len() + 1]), 1);
        assert_eq!((progress.is_in_frame(), progress.begun()), (true, 1), "a ping is no message");
        assert_eq!(progress.read_frame(&both[text.len() + 1..]), ping.len() - 1);
        assert!(!progress.is_in_frame());
    }
}
