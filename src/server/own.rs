//! A hub for `strowger talk` alone, where none answers: a whole house on loopback that keeps nothing and is closed to
//! everybody else.

use super::{House, NotOpened, tokens};
use crate::config::{AuthMode, Host, Secret, Settings, StoreOn};
use crate::hub::Clock;
use crate::stop::Signals;
use crate::talk::{self, Lodging, OpenHub, Wanted};
use futures::future::FutureExt;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::process::ExitCode;

/// Talks, with a hub of its own where it takes one.
pub fn talk(settings: Settings, wanted: Wanted) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("the runtime can't start: {error}")),
    };
    let outcome = runtime.block_on(async {
        let mut signals = Signals::listen().map_err(|error| format!("no signals: {error}"))?;
        let stopped = async move { signals.heard().await }.boxed();
        talk::run(wanted, lodgings(settings), stopped).await
    });
    // A read of standard input that goes on would hold the process up.
    runtime.shutdown_background();
    match outcome {
        Ok(outcome) => outcome.into(),
        Err(error) => failed(&error),
    }
}

fn failed(error: &str) -> ExitCode {
    // If even standard error is gone, the exit code has to do.
    let _ = writeln!(io::stderr(), "strowger: {error}");
    ExitCode::FAILURE
}

fn lodgings(settings: Settings) -> OpenHub {
    let token = tokens::new();
    let settings = alone(settings, &token);
    Box::new(move || {
        let (settings, token) = (settings.clone(), token.clone());
        async move {
            let house = House::open(&settings, Clock::real())
                .await
                .map_err(|NotOpened(why)| format!("a hub of its own can't be opened: {why}"))?;
            let url = format!("ws://{}:{}", Ipv4Addr::LOCALHOST, house.port());
            Ok(Lodging { url, token, close: house.close().boxed() })
        }
        .boxed()
    })
}

/// The same rules, on free ports of loopback, which are everybody's on this machine: so it asks for a token that nobody
/// else has. Nothing is written.
fn alone(settings: Settings, token: &str) -> Settings {
    let mut alone = settings;
    let here = || Host::Address(IpAddr::V4(Ipv4Addr::LOCALHOST));
    (alone.server.host, alone.server.port) = (here(), 0);
    (alone.mcp.host, alone.mcp.port) = (here(), 0);
    alone.session.store = StoreOn::Memory;
    (alone.auth.mode, alone.auth.token) = (AuthMode::Token, Some(Secret::new(token)));
    alone
}
