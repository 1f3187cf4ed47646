//! What an operator watches: the figures each second, the last hour, and the end of the log, as server-sent events
//! (WHATWG HTML, section 9.2).

use super::Rest;
use super::events::streamed;
use super::house::administrator;
use super::problem::Problem;
use super::shape::Failures;
use crate::core::Millis;
use crate::http::pulse::{Beat, event};
use crate::hub::Clock;
use crate::logging::Line;
use crate::wire::Timestamp;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response};
use bytes::Bytes;
use futures::stream;
use serde::Serialize;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, broadcast, watch};
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

/// When a browser tries again, in milliseconds.
const BEGINNING: Bytes = Bytes::from_static(b"retry: 2000\n\n");

/// A line of the log. It holds no name, number, token or text of anybody.
#[derive(Serialize, ToSchema)]
pub struct LogLine {
    timestamp: Timestamp,
    /// `ERROR`, `WARN`, `INFO`, `DEBUG` or `TRACE`.
    level: &'static str,
    text: String,
}

/// So many lines came faster than they were read.
#[derive(Serialize, ToSchema)]
pub struct Skipped {
    skipped: u64,
}

impl From<&Line> for LogLine {
    fn from(line: &Line) -> Self {
        let timestamp = Timestamp(line.at.timestamp_millis());
        Self { timestamp, level: line.level.as_str(), text: line.text.clone() }
    }
}

/// Somebody who watches.
struct Watcher {
    /// What is to be sent next.
    waiting: VecDeque<Bytes>,
    beats: watch::Receiver<Beat>,
    /// The newest point of the hour that was sent.
    newest: u64,
    lines: broadcast::Receiver<Arc<Line>>,
    clock: Clock,
    /// When the time of the watcher's token is over.
    token_ends: Option<Millis>,
    stop: CancellationToken,
    /// As long as they watch, they have their place.
    _place: OwnedSemaphorePermit,
}

/// What a watcher is woken by.
enum Woken {
    /// The house did, or there are no more beats.
    Beat(Result<(), watch::error::RecvError>),
    Line(Result<Arc<Line>, RecvError>),
    End,
}

/// How the house stands, live: `figures` each second, `hour` each ten seconds, `log` with each line of the log, and
/// `skipped` where lines came faster than they were read. The first of each come at once. It takes the scope `admin`.
#[utoipa::path(get, path = "/admin/live", tag = "admin",
    responses((status = 200, description = "Events, without end", content_type = "text/event-stream", body = String), Failures))]
pub async fn live(
    State(rest): State<Rest>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let who = administrator(&rest, &headers)?;
    if method == Method::HEAD {
        return Err(Problem::method_of("GET"));
    }
    let place = rest.stay()?;
    let clock = rest.services.hub.clock().clone();
    let token_ends = who.until.and_then(|until| clock.at(until));
    let watcher = Watcher::begin(&rest, clock, token_ends, place);
    let events = stream::unfold(watcher, async |mut watcher| {
        let next = watcher.next().await?;
        Some((Ok::<_, Infallible>(next), watcher))
    });
    Ok(streamed(Body::from_stream(events)))
}

impl Watcher {
    fn begin(rest: &Rest, clock: Clock, token_ends: Option<Millis>, place: OwnedSemaphorePermit) -> Self {
        let pulse = &rest.services.pulse;
        let (kept, lines) = rest.services.tail.read();
        let (beats, Beat { figures, hour, newest }) = (pulse.watch(), pulse.look());
        let log = kept.iter().map(|line| event("log", &LogLine::from(&**line)));
        let waiting = [BEGINNING, hour, figures].into_iter().chain(log).collect();
        let stop = rest.services.stop.clone();
        Self { waiting, beats, newest, lines, clock, token_ends, stop, _place: place }
    }

    /// The next event; `None` is the end.
    async fn next(&mut self) -> Option<Bytes> {
        while self.waiting.is_empty() {
            match self.pick().await {
                Woken::Beat(Ok(())) => self.hear_beat(),
                Woken::Line(Ok(line)) => self.waiting.push_back(event("log", &LogLine::from(&*line))),
                Woken::Line(Err(RecvError::Lagged(skipped))) => {
                    self.waiting.push_back(event("skipped", &Skipped { skipped }));
                }
                Woken::Beat(Err(_)) | Woken::Line(Err(RecvError::Closed)) | Woken::End => return None,
            }
        }
        self.waiting.pop_front()
    }

    fn hear_beat(&mut self) {
        let Beat { figures, hour, newest } = self.beats.borrow_and_update().clone();
        let has_more = std::mem::replace(&mut self.newest, newest) != newest;
        self.waiting.extend(has_more.then_some(hour));
        self.waiting.push_back(figures);
    }

    async fn pick(&mut self) -> Woken {
        let Self { beats, lines, clock, token_ends, stop, .. } = self;
        let (ends, never) = (token_ends.unwrap_or_default(), token_ends.is_none());
        tokio::select! {
            biased;
            () = stop.cancelled() => Woken::End,
            () = clock.until(ends), if !never => Woken::End,
            changed = beats.changed() => Woken::Beat(changed),
            line = lines.recv() => Woken::Line(line),
        }
    }
}
