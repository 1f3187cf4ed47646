//! Whether a client is in the middle of something: a frame or a message that it has begun and not completed.
//!
//! The codec says only when a message is whole. This reads along, and of each frame no more than where it ends and
//! whether more of its message is to come (RFC 6455 section 5.2). What is wrong with a frame is the codec's business.

/// The longest head of a frame, without the mask.
const HEAD: usize = 10;
const MASK: u64 = 4;

/// See the module.
#[derive(Debug, Default)]
pub struct Progress {
    head: [u8; HEAD],
    /// How much of the next frame's head was read.
    got: u8,
    /// How much of a frame's mask and payload is to come.
    left: u64,
    /// Whether the last frame of a message is to come.
    in_fragments: bool,
}

impl Progress {
    /// Reads on.
    pub fn read(&mut self, mut bytes: &[u8]) {
        while let Some((first, rest)) = bytes.split_first() {
            if self.left > 0 {
                let skipped = usize::try_from(self.left).map_or(bytes.len(), |left| left.min(bytes.len()));
                self.left -= skipped as u64;
                bytes = bytes.get(skipped..).unwrap_or_default();
            } else {
                self.read_head(*first);
                bytes = rest;
            }
        }
    }

    /// Whether something has begun and is not complete.
    pub fn is_under_way(&self) -> bool {
        self.in_fragments || self.got > 0 || self.left > 0
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
            let is_control = first & 0x08 != 0;
            if !is_control {
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
            }
        }
    }
}
