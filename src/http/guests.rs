//! How many connections each address has. Addresses are held to be counted, and are written nowhere.
//!
//! It owns the counts; it must never know what is done on a connection. One household has many IPv6 addresses, so
//! those are counted by their first 64 bits; an IPv4 address in IPv6 clothes (`::ffff:192.0.2.7`) is IPv4.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What counts as one address. It has no `Debug`: an address must not get into a log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Household {
    V4(Ipv4Addr),
    V6([u8; 8]),
}

impl Household {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, e, f, g, h, ..] = address.octets();
                Self::V6([a, b, c, d, e, f, g, h])
            }
        }
    }
}

/// The connections of one household.
#[derive(Default)]
struct Count {
    /// Those that are no WebSocket yet.
    callers: usize,
    sockets: usize,
}

/// See the module. An entry lasts as long as a connection of it, so there are never more than connections.
pub struct Guests {
    most_callers: usize,
    most_sockets: usize,
    counts: Mutex<BTreeMap<Household, Count>>,
}

impl Guests {
    /// At most so many connections of one address that are no WebSocket, and so many that are one.
    pub fn new(most_callers: usize, most_sockets: usize) -> Self {
        Self { most_callers, most_sockets, counts: Mutex::default() }
    }

    /// Counts a new connection; `None` if its address has as many as it may. In a box, since the limit is off for
    /// most, and every connection keeps room for what comes of this.
    pub fn call(self: &Arc<Self>, address: IpAddr) -> Option<Box<Guest>> {
        let household = Household::of(address);
        let mut counts = self.counts();
        if counts.get(&household).is_some_and(|count| count.callers >= self.most_callers) {
            return None;
        }
        counts.entry(household).or_default().callers += 1;
        Some(Box::new(Guest { guests: Arc::clone(self), household, has_socket: false }))
    }

    fn counts(&self) -> MutexGuard<'_, BTreeMap<Household, Count>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection in the count of its address, for as long as it lives.
pub struct Guest {
    guests: Arc<Guests>,
    household: Household,
    has_socket: bool,
}

impl Guest {
    /// Counts it as a WebSocket from now on, if its address may have another one.
    pub fn sit_down(&mut self) -> bool {
        let mut counts = self.guests.counts();
        let Some(count) = counts.get_mut(&self.household) else { return false };
        if self.has_socket || count.sockets >= self.guests.most_sockets {
            return false;
        }
        count.callers = count.callers.saturating_sub(1);
        count.sockets += 1;
        self.has_socket = true;
        true
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut counts = self.guests.counts();
        let Some(count) = counts.get_mut(&self.household) else { return };
        let one = if self.has_socket { &mut count.sockets } else { &mut count.callers };
        *one = one.saturating_sub(1);
        if count.callers == 0 && count.sockets == 0 {
            counts.remove(&self.household);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_household_is_an_ipv4_address_or_the_first_half_of_an_ipv6_one() {
        let same = |a, b| Household::of(address(a)) == Household::of(address(b));
        assert!(same("192.0.2.7", "::ffff:192.0.2.7"));
        assert!(same("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"));
        for (a, b) in [
            ("192.0.2.7", "192.0.2.8"),
            ("::ffff:192.0.2.7", "::ffff:192.0.2.8"),
            ("2001:db8:1:2::1", "2001:db8:1:3::1"),
            ("::1", "127.0.0.1"),
            ("::1", "::ffff:127.0.0.1"),
        ] {
            assert!(!same(a, b), "{a} and {b}");
        }
    }

    #[test]
    fn callers_and_sockets_are_counted_apart_and_forgotten() {
        let guests = Arc::new(Guests::new(2, 1));
        let here = address("2001:db8::1");
        let mut first = guests.call(here).unwrap();
        let mut second = guests.call(here).unwrap();
        assert!(guests.call(address("2001:db8::2")).is_none(), "the same household");
        assert!(guests.call(address("2001:db8:0:1::1")).is_some(), "another one");
        assert!(first.sit_down());
        assert!(!first.sit_down(), "it sits already");
        assert!(!second.sit_down(), "one is all they may have");
        let third = guests.call(here).expect("who sits calls no more");
        assert!(guests.call(here).is_none());
        drop(first);
        assert!(second.sit_down());
        drop((second, third));
        assert!(guests.counts().is_empty());
    }
}
