//! `strowger healthcheck`: asks the hub on this machine whether it is alive.
//!
//! For containers, whose images have no other client. It must never need a runtime: it runs every few
//! seconds for as long as the hub does.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::time::Duration;

use crate::config::{Host, Server};

/// For each of connecting, asking and being answered: a healthy hub needs milliseconds.
const PATIENCE: Duration = Duration::from_secs(3);

/// `HTTP/1.1 200`: more of the answer is not needed.
const STATUS_LINE: usize = 12;

pub fn run(server: &Server) -> ExitCode {
    match ask_any(server) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => super::complain(&format_args!("not healthy on port {}: {error}", server.port), 1),
    }
}

/// Whether a hub answers: one address that does is enough.
pub fn ask_any(server: &Server) -> io::Result<()> {
    let mut answer = Err(io::Error::other("the host has no address"));
    for address in addresses(server)? {
        answer = ask(address);
        if answer.is_ok() {
            break;
        }
    }
    answer
}

/// Who listens everywhere listens on loopback; who listens on one address has to be asked there.
fn addresses(server: &Server) -> io::Result<Vec<SocketAddr>> {
    let (v4, v6) = (IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST));
    let hosts = match &server.host {
        Host::Localhost => vec![v4, v6],
        Host::Address(address) if address.is_unspecified() => vec![v4, v6],
        Host::Address(address) => vec![*address],
        Host::Name(name) => return Ok((name.as_str(), server.port).to_socket_addrs()?.collect()),
    };
    Ok(hosts.into_iter().map(|host| SocketAddr::new(host, server.port)).collect())
}

fn ask(address: SocketAddr) -> io::Result<()> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut status = [0; STATUS_LINE];
    stream.read_exact(&mut status)?;
    match status.strip_prefix(b"HTTP/1.1 ") {
        Some(b"200") => Ok(()),
        _ => Err(io::Error::other(format!("it answered {:?}", String::from_utf8_lossy(&status)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::thread;

    fn server_that_answers(answer: &'static str) -> Server {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            // To its end: closing with something unread would reset the connection.
            let mut asked = Vec::new();
            while !asked.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                asked.extend(byte);
            }
            assert!(asked.starts_with(b"GET /health HTTP"));
            stream.write_all(answer.as_bytes()).unwrap();
        });
        let host = Host::Address(Ipv4Addr::UNSPECIFIED.into());
        Server { host, port, stop_within: Duration::ZERO }
    }

    #[test]
    fn only_a_200_is_health() {
        assert!(ask_any(&server_that_answers("HTTP/1.1 200 OK\r\n\r\n")).is_ok());
        assert!(ask_any(&server_that_answers("HTTP/1.1 503 Service Unavailable\r\n\r\n")).is_err());
        assert!(ask_any(&server_that_answers("SSH-2.0-OpenSSH")).is_err());
    }

    #[test]
    fn nobody_there_is_no_health() {
        let unused = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
        let server =
            Server { host: Host::Address(unused.ip()), port: unused.port(), stop_within: Duration::ZERO };
        assert!(ask_any(&server).is_err());
    }
}
