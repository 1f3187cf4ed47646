//! Where the hub listens, and where the world believes it to be.
//!
//! Both are told apart here, once, so that nobody behind it compares strings again. It must never look up a
//! name: that is the business of whoever opens the door.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::Deserializer;

use super::written::scalar;

/// What `server.host` may say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// This machine only, in both families of addresses.
    Localhost,
    Address(IpAddr),
    /// To be looked up when the door is opened.
    Name(String),
}

impl Host {
    fn parse(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("localhost") {
            return Some(Self::Localhost);
        }
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        match bare.parse() {
            Ok(address) => Some(Self::Address(address)),
            Err(_) => is_name(text).then(|| Self::Name(text.to_owned())),
        }
    }

    /// The addresses to listen on, unless it is a name, which has to be looked up.
    pub fn addresses(&self) -> Option<Vec<IpAddr>> {
        match self {
            Self::Localhost => Some(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]),
            Self::Address(address) => Some(vec![*address]),
            Self::Name(_) => None,
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Localhost => f.write_str("localhost"),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Self::Address(address) => write!(f, "{address}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// A name needs a letter: `1.2.3` is an address with a part missing.
fn is_name(text: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    text.chars().all(legal) && text.contains(|c: char| c.is_ascii_alphabetic())
}

/// The address under which browsers reach the hub through a proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    url: String,
    origin: String,
}

impl PublicUrl {
    /// Without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// What a browser puts into `Origin` on a page from there.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    fn parse(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let (scheme, rest) = lower.split_once("://")?;
        let usual_port = match scheme {
            "http" => 80,
            "https" => 443,
            _ => return None,
        };
        let authority = rest.split('/').next()?;
        let path = &text[scheme.len() + 3 + authority.len()..];
        if path.contains(['?', '#']) || path.contains(char::is_whitespace) {
            return None;
        }
        let origin = origin(scheme, authority, usual_port)?;
        Some(Self { url: format!("{origin}{}", path.trim_end_matches('/')), origin })
    }
}

/// Browsers leave the usual port out.
fn origin(scheme: &str, authority: &str, usual_port: u16) -> Option<String> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse::<u16>().ok()?)),
        _ => (authority, None),
    };
    let host = Host::parse(host).filter(|_| host.starts_with('[') || !host.contains(':'))?;
    Some(match port.filter(|port| *port != usual_port) {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    })
}

pub(super) fn host<'de, D: Deserializer<'de>>(from: D) -> Result<Host, D::Error> {
    let expected = "a host: write localhost, an address such as 0.0.0.0 or ::, or a name, without a port";
    scalar(from, expected, Host::parse)
}

/// Where a service is asked, without what is asked for: it ends in a slash.
pub(super) fn service_url<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let expected = "an address of a service: write it like https://host/v1/, without user, query or fragment, or nothing";
    scalar(from, expected, |text| match text {
        "" => Some(None),
        text => PublicUrl::parse(text).map(|url| Some(format!("{}/", url.as_str()))),
    })
}

pub(super) fn public_url<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PublicUrl>, D::Error> {
    let expected = "an address for browsers: write it like https://chat.example.org, or nothing";
    scalar(from, expected, |text| match text {
        "" => Some(None),
        text => PublicUrl::parse(text).map(Some),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_apart() {
        assert_eq!(Host::parse("LocalHost"), Some(Host::Localhost));
        assert_eq!(Host::parse("0.0.0.0"), Some(Host::Address(Ipv4Addr::UNSPECIFIED.into())));
        assert_eq!(Host::parse("[::]"), Some(Host::Address(Ipv6Addr::UNSPECIFIED.into())));
        assert_eq!(Host::parse("hub.internal"), Some(Host::Name("hub.internal".into())));
        for text in ["", "localhost:8002", "http://localhost", "1.2.3", "a b", "*"] {
            assert_eq!(Host::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_origin_is_what_a_browser_sends() {
        let origin = |text| PublicUrl::parse(text).map(|url| url.origin().to_owned());
        assert_eq!(origin("https://Chat.Example.org").as_deref(), Some("https://chat.example.org"));
        assert_eq!(origin("https://chat.example.org:443/").as_deref(), Some("https://chat.example.org"));
        assert_eq!(
            origin("http://chat.example.org:8080/a/").as_deref(),
            Some("http://chat.example.org:8080")
        );
        assert_eq!(origin("http://[::1]:8080").as_deref(), Some("http://[::1]:8080"));
        assert_eq!(origin("http://[::1]").as_deref(), Some("http://[::1]"));
    }

    #[test]
    fn a_path_is_kept_as_written() {
        let url = PublicUrl::parse("https://example.org/Chat/").map(|url| url.as_str().to_owned());
        assert_eq!(url.as_deref(), Some("https://example.org/Chat"));
    }

    #[test]
    fn what_is_no_address_for_browsers_is_refused() {
        for text in [
            "chat.example.org",
            "ws://chat.example.org",
            "https://",
            "https://a b",
            "https://user@example.org",
            "https://example.org?x",
            "https://example.org/#x",
            "https://example.org:99999",
            "https://::1",
        ] {
            assert_eq!(PublicUrl::parse(text), None, "{text}");
        }
    }
}
