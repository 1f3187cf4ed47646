//! The pages, carried in the binary: to chat on, to share a line on, to watch the house on, and to read.
//!
//! Each page has a folder of its own in `page/`, and what several of them use is in `page/shared/`. A file's path on the
//! wire is its path there, below `/pages/`.

use crate::http::encoding::takes_gzip;
use axum::Router;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::sync::OnceLock;

/// Nothing but our own files, nothing inline, and no text that becomes markup: what a stranger types can only ever be
/// text (Content Security Policy Level 3, Trusted Types).
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
     trusted-types 'none'";

/// A file of a page.
struct Asset {
    path: &'static str,
    kind: &'static str,
    text: &'static str,
    /// What it is sent as, made when it is asked for first.
    sent: OnceLock<Sent>,
}

/// A file in both its forms, each with its name for caches (RFC 9110, section 8.8.3).
struct Sent {
    plain: Form,
    packed: Form,
}

#[derive(Clone)]
struct Form {
    body: Bytes,
    tag: HeaderValue,
}

/// How remarks of several lines begin and end, in scripts and style sheets, and in pages.
const REMARKS: [(&str, &str); 2] = [("/*", "*/"), ("<!--", "-->")];

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! page {
    ($path:literal, $file:literal) => {
        Asset { path: $path, kind: HTML, text: include_str!(concat!("page/", $file)), sent: OnceLock::new() }
    };
}

macro_rules! file {
    ($kind:ident, $file:literal) => {
        Asset {
            path: concat!("/pages/", $file),
            kind: $kind,
            text: include_str!(concat!("page/", $file)),
            sent: OnceLock::new(),
        }
    };
}

static ASSETS: [Asset; 46] = [
    page!("/", "chat/chat.html"),
    file!(CSS, "chat/chat.css"),
    file!(SCRIPT, "chat/chat.js"),
    file!(SCRIPT, "chat/commands.js"),
    file!(SCRIPT, "chat/consent.js"),
    file!(SCRIPT, "chat/conversation.js"),
    file!(SCRIPT, "shared/countdown.js"),
    file!(SCRIPT, "chat/draft.js"),
    file!(SCRIPT, "shared/memo.js"),
    file!(SCRIPT, "chat/menu.js"),
    file!(SCRIPT, "chat/notify.js"),
    file!(SCRIPT, "chat/outbox.js"),
    file!(SCRIPT, "chat/typing.js"),
    file!(SCRIPT, "chat/unread.js"),
    file!(SCRIPT, "chat/words.js"),
    page!("/dashboard", "dashboard/dashboard.html"),
    file!(SCRIPT, "dashboard/clients.js"),
    file!(CSS, "dashboard/dashboard.css"),
    file!(SCRIPT, "dashboard/dashboard.js"),
    file!(SCRIPT, "dashboard/draw.js"),
    file!(SCRIPT, "dashboard/stream.js"),
    file!(SCRIPT, "dashboard/tail.js"),
    page!("/docs", "docs/docs.html"),
    file!(CSS, "docs/docs.css"),
    file!(SCRIPT, "docs/docs.js"),
    page!("/privacy", "privacy/privacy.html"),
    file!(CSS, "privacy/privacy.css"),
    page!("/session", "session/session.html"),
    file!(CSS, "session/session.css"),
    file!(SCRIPT, "session/activity.js"),
    file!(SCRIPT, "session/ai.js"),
    file!(SCRIPT, "session/contacts.js"),
    file!(SCRIPT, "session/conversation.js"),
    file!(SCRIPT, "shared/dom.js"),
    file!(SCRIPT, "session/list.js"),
    file!(SCRIPT, "session/people.js"),
    file!(SCRIPT, "session/requests.js"),
    file!(SCRIPT, "session/sentences.js"),
    file!(SCRIPT, "session/session.js"),
    file!(SCRIPT, "session/threads.js"),
    file!(CSS, "shared/base.css"),
    file!(SCRIPT, "shared/connection.js"),
    file!(SCRIPT, "shared/entry.js"),
    file!(SVG, "shared/icon.svg"),
    file!(SCRIPT, "shared/pause.js"),
    file!(SCRIPT, "shared/tickets.js"),
];

/// One route for each file.
pub fn routes() -> Router {
    let serve = |asset: &'static Asset| get(async move |headers: HeaderMap| asset.answer(&headers));
    ASSETS.iter().fold(Router::new(), |router, asset| router.route(asset.path, serve(asset)))
}

/// For whoever mistypes an address: a browser shows an empty answer as an empty window.
pub async fn nowhere() -> impl IntoResponse {
    (StatusCode::NOT_FOUND, "There is no such page. The chat is at /, and all that there is at /docs.\n")
}

impl Asset {
    fn answer(&'static self, asked: &HeaderMap) -> Response {
        let sent = self.sent.get_or_init(|| Sent::of(self.text));
        let is_packed = takes_gzip(asked);
        let Form { body, tag } = if is_packed { &sent.packed } else { &sent.plain }.clone();
        let knows_it = asked.get_all(IF_NONE_MATCH).iter().any(|known| names(known, &tag));
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static(self.kind)),
            (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
            (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            // A new binary may bring a new page: ask each time.
            (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
            (VARY, HeaderValue::from_static("accept-encoding")),
            (ETAG, tag),
        ];
        if knows_it {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        let mut response = (headers, body).into_response();
        if is_packed {
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }
}

impl Sent {
    fn of(text: &'static str) -> Self {
        Self { plain: Form::of(Bytes::from_static(text.as_bytes())), packed: Form::of(pack(text)) }
    }
}

impl Form {
    /// Named after its own bytes: what is packed in another way is another.
    fn of(body: Bytes) -> Self {
        let name: String = Sha256::digest(&body).iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        let tag = HeaderValue::try_from(format!("\"{name}\""));
        Self { body, tag: tag.unwrap_or_else(|_| HeaderValue::from_static("\"\"")) }
    }
}

/// RFC 1952. Writing to memory cannot fail; if it did, nothing would be sent as packed that is not.
fn pack(text: &str) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let _ = encoder.write_all(without_margins(text).as_bytes());
    encoder.finish().unwrap_or_default().into()
}

/// Without indents, and without the lines that only remark on others: they are for whoever reads the file as it is, in the repository or
/// from a hub that is asked for it unpacked. A remark behind code stays.
fn without_margins(text: &str) -> String {
    let (mut kept, mut end) = (String::with_capacity(text.len()), None);
    for line in text.lines() {
        let words = line.trim();
        let begins = REMARKS.iter().find(|(begin, _)| words.starts_with(begin)).map(|(_, end)| *end);
        let mark = end.or(begins);
        let is_over = mark.is_some_and(|mark: &str| words.contains(mark));
        let is_whole = mark.is_some_and(|mark| !is_over || words.ends_with(mark));
        end = mark.filter(|_| !is_over);
        if !is_whole && !words.is_empty() && !words.starts_with("//") {
            kept.extend([line.trim_start(), "\n"]);
        }
    }
    kept
}

/// Whether `If-None-Match` names this form (RFC 9110, section 13.1.2). Proxies that repack make weak ones of strong ones.
fn names(known: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(known), Ok(tag)) = (known.to_str(), tag.to_str()) else { return false };
    known.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// What all pages together may take on the wire.
    const BUDGET: usize = 60 * 1_024;

    #[test]
    fn all_pages_together_are_small_and_what_is_packed_is_the_same() {
        let mut sum = 0;
        for asset in &ASSETS {
            let packed = pack(asset.text);
            sum += packed.len();
            let mut unpacked = flate2::write::GzDecoder::new(Vec::new());
            unpacked.write_all(&packed).expect("it is gzip");
            let unpacked = String::from_utf8(unpacked.finish().expect("it ends")).expect("it is text");
            assert_eq!(unpacked, without_margins(asset.text), "{}", asset.path);
        }
        println!("the pages are {sum} bytes, packed");
        assert!(sum < BUDGET, "{sum} bytes: leave something out, or say it in less");
    }

    #[test]
    fn indents_and_remarks_of_a_whole_line_are_left_out_and_nothing_else() {
        let text = "// one\na(); // two\n\n  /** three */\n/* four\n  five */\nb('/* six');\n<!-- seven -->\n  c\n/* x */ d\n";
        assert_eq!(without_margins(text), "a(); // two\nb('/* six');\nc\n/* x */ d\n");
    }

    #[test]
    fn no_remark_ends_before_code_and_no_text_goes_over_several_lines() {
        for asset in &ASSETS {
            let mut end = None;
            for line in asset.text.lines() {
                let words = line.trim();
                let begins = REMARKS.iter().find(|(begin, _)| words.starts_with(begin)).map(|(_, end)| *end);
                let mark: Option<&str> = end.or(begins);
                let ends_at = mark.and_then(|mark| words.find(mark).map(|at| at + mark.len()));
                let is_well = ends_at.is_none_or(|at| at == words.len());
                assert!(is_well, "{}: move the code to a line of its own: {line}", asset.path);
                end = mark.filter(|_| ends_at.is_none());
                let is_code = mark.is_none() && !words.starts_with("//");
                let is_whole = !is_code || words.matches('`').count() % 2 == 0;
                assert!(
                    is_whole && !words.contains("<pre"),
                    "{}: its indents would be lost: {line}",
                    asset.path
                );
            }
        }
    }

    #[test]
    fn every_file_in_the_folders_is_served() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/page");
        let folders =
            std::fs::read_dir(&root).expect("it is there").map(|entry| entry.expect("an entry").path());
        let files = folders.filter(|path| path.is_dir()).flat_map(|folder| {
            std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path())
        });
        let read = |file: &Path| std::fs::read_to_string(file).expect("a file of text");
        let found: BTreeSet<_> = files.map(|file| read(&file)).collect();
        let served: BTreeSet<_> = ASSETS.iter().map(|asset| asset.text.to_owned()).collect();
        assert!(found == served, "a file is not in ASSETS, or one that is there is in no folder");
    }

    #[test]
    fn a_cache_that_has_it_is_told_so() {
        let tag = HeaderValue::from_static("\"ab\"");
        for known in ["\"ab\"", "\"x\", \"ab\"", "W/\"ab\"", "*"] {
            assert!(names(&HeaderValue::from_static(known), &tag), "{known}");
        }
        for other in ["\"abc\"", "ab", "", "\"a\",\"b\""] {
            assert!(!names(&HeaderValue::from_static(other), &tag), "{other}");
        }
    }
}
