//! Which web pages may open a socket. Browsers name the page's origin (RFC 6454); other clients name none.

use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};
use std::net::IpAddr;

/// The origins that are ours: loopback, the configured public address, and the very address that was asked.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    public: Option<String>,
}

impl Origins {
    /// Beside what is always ours, pages served under this origin (`https://chat.example.com`).
    pub fn with_public(public: Option<String>) -> Self {
        Self { public }
    }

    /// Whether the page that sent a request may come in, if a page sent it.
    pub fn admit_request(&self, headers: &HeaderMap) -> bool {
        let mut origins = headers.get_all(ORIGIN).iter();
        let Some(origin) = origins.next() else { return true };
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        origins.next().is_none() && origin.to_str().is_ok_and(|origin| self.admit(origin, host))
    }

    /// Whether a request names us as we are known: as this machine, by an address, by the public name, or by a name
    /// without a dot, as neighbours have them. Any other can be made to point here by whoever owns it. Browsers
    /// always name one.
    pub fn admit_host(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(HOST).iter();
        let Some(host) = hosts.next() else { return true };
        hosts.next().is_none() && host.to_str().is_ok_and(|host| self.is_our_name(host))
    }

    fn is_our_name(&self, authority: &str) -> bool {
        let public = self.public.as_deref().and_then(|origin| origin.split_once("://"));
        let (name, _) = split(authority);
        match address(authority) {
            Name::Loopback | Name::Address => true,
            Name::Other => {
                let is_neighbour = !name.is_empty() && !name.contains(['.', ':', '@']);
                is_neighbour || public.is_some_and(|(_, public)| split(public).0.eq_ignore_ascii_case(name))
            }
        }
    }

    /// Whether a page of this origin may come in. `host` is the request's `Host` header.
    pub fn admit(&self, origin: &str, host: Option<&str>) -> bool {
        if self.public.as_deref() == Some(origin) {
            return true;
        }
        let Some(authority) = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"))
        else {
            return false;
        };
        match address(authority) {
            Name::Loopback => true,
            // An address can't be made to point elsewhere, as a name can: who is asked by it serves the page too.
            Name::Address => host == Some(authority),
            Name::Other => false,
        }
    }
}

enum Name {
    Loopback,
    Address,
    Other,
}

/// Host and port of an authority.
fn split(authority: &str) -> (&str, &str) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (authority, "80"),
    }
}

/// What kind of host an authority (`host` or `host:port`, RFC 3986 section 3.2) names.
fn address(authority: &str) -> Name {
    let (host, port) = split(authority);
    if port.parse::<u16>().is_err() {
        return Name::Other;
    }
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    match bare.parse::<IpAddr>() {
        Ok(ip) if ip.is_loopback() => Name::Loopback,
        Ok(_) => Name::Address,
        Err(_) if bare == "localhost" => Name::Loopback,
        Err(_) => Name::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_and_the_public_address_are_ours() {
        let origins = Origins::with_public(Some("https://chat.example.com".to_owned()));
        for ours in
            ["http://localhost:8002", "http://127.0.0.1:8002", "http://[::1]:8002", "http://localhost"]
        {
            assert!(origins.admit(ours, None), "{ours}");
        }
        assert!(origins.admit("https://chat.example.com", None));
        assert!(origins.admit("http://192.0.2.7:8002", Some("192.0.2.7:8002")));
    }

    #[test]
    fn a_name_that_others_own_is_not_ours() {
        let origins = Origins::with_public(Some("https://chat.example.com".to_owned()));
        let of = |hosts: &[&str]| {
            let header = |host: &&str| (HOST, host.parse().expect("a header"));
            origins.admit_host(&hosts.iter().map(header).collect())
        };
        for ours in ["localhost:8002", "127.0.0.1", "[::1]:8002", "192.0.2.7:8002", "hub:8002", "hub"] {
            assert!(of(&[ours]), "{ours}");
        }
        assert!(of(&["chat.example.com"]) && of(&["Chat.Example.com:443"]) && of(&[]));
        for foreign in ["rebound.test:8002", "rebound.test", "hub.", "", "a@b", "xchat.example.com", "a:b:c"]
        {
            assert!(!of(&[foreign]), "{foreign}");
        }
        assert!(!of(&["localhost", "rebound.test"]));
    }

    #[test]
    fn everybody_else_is_foreign() {
        let origins = Origins::with_public(Some("https://chat.example.com".to_owned()));
        for foreign in [
            "null",
            "",
            "http://chat.example.com",
            "https://chat.example.com:444",
            "https://chat.example.com.evil.test",
            "https://evilchat.example.com",
            "https://CHAT.example.com",
            "https://chat.example.com.",
            "https://chat.example.com@evil.test",
            "http://localhost.evil.test",
            "http://localhost:8002@evil.test",
            "http://127.0.0.1.evil.test",
            "file://",
            "http://192.0.2.7:8002",
        ] {
            assert!(!origins.admit(foreign, Some("localhost:8002")), "{foreign}");
        }
        assert!(!origins.admit("http://rebound.test:8002", Some("rebound.test:8002")));
    }
}
