//! The settings: what an operator may change, read once at the start and never again.
//!
//! Owns the names, the types, the places they come from and the order of these places. Every default
//! stands in `config/default.toml`, which is part of the binary, and nowhere else: a key that is not there
//! is not a setting. It never looks at the process: environment and working directory are handed in, so
//! that two tests may load different settings at the same time. It must never know what a setting does.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

mod address;
mod choice;
mod duration;
mod error;
mod jwt_key;
mod kept;
mod layers;
mod names;
mod number;
mod pattern;
mod report;
mod secret;
mod size;
mod written;

pub use address::{Host, PublicUrl};
pub use choice::{AiName, AuthMode, Level, LogFormat, StoreOn};
pub use duration::parse as duration;
pub use error::SettingsError;
pub use jwt_key::{JwtKey, NoJwtKey};
pub use kept::{Kept, TOKEN_FILE};
pub use layers::{Flag, Source};
pub use names::older as older_names;
pub use report::{InForce, Loaded};
pub use secret::{SHORTEST, Secret, can_be_guessed};

/// What one text of 4,096 characters can take, in bytes: a smaller outbox could never hold it.
const LEAST_OUTBOX: usize = 16 * 1_024;

/// All settings, each as the type its reader needs. Where 0 turns something off, `None` stands for it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub server: Server,
    pub http: Http,
    pub mcp: Mcp,
    pub auth: Auth,
    pub chat: Chat,
    pub session: Session,
    pub whatsapp: Whatsapp,
    pub ai: Ai,
    pub gemini: AiService,
    pub openai: AiService,
    pub anthropic: AiService,
    pub data: Data,
    pub limits: Limits,
    pub log: Log,
}

/// Where the hub listens, and how it stops.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    #[serde(deserialize_with = "address::host")]
    pub host: Host,
    /// 0 takes any free port.
    #[serde(deserialize_with = "number::port")]
    pub port: u16,
    #[serde(deserialize_with = "duration::plain")]
    pub stop_within: Duration,
}

/// What the web door has to know about the world outside.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    #[serde(deserialize_with = "address::public_url")]
    pub public_url: Option<PublicUrl>,
}

/// The rules of the random chat.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chat {
    #[serde(deserialize_with = "duration::limit")]
    pub idle_after: Option<Duration>,
    #[serde(deserialize_with = "duration::plain")]
    pub grace: Duration,
    #[serde(deserialize_with = "duration::plain")]
    pub rematch_after: Duration,
    #[serde(deserialize_with = "duration::plain")]
    pub tags_give_way: Duration,
    /// Regular expressions; each one compiles.
    #[serde(deserialize_with = "pattern::list_of_patterns")]
    pub mask_also: Vec<String>,
}

/// The door for MCP.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mcp {
    #[serde(deserialize_with = "address::host")]
    pub host: Host,
    /// 0 takes any free port.
    #[serde(deserialize_with = "number::port")]
    pub port: u16,
    #[serde(deserialize_with = "secret::number")]
    pub my_number: Option<Secret>,
}

/// Who may come in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    #[serde(deserialize_with = "choice::auth")]
    pub mode: AuthMode,
    #[serde(deserialize_with = "secret::token")]
    pub token: Option<Secret>,
    #[serde(deserialize_with = "secret::token")]
    pub admin_token: Option<Secret>,
    #[serde(deserialize_with = "secret::signing")]
    pub jwt_secret: Option<Secret>,
    /// A PEM, or the path of one. Whether there is a key in it is not looked at here.
    #[serde(deserialize_with = "choice::line")]
    pub jwt_public_key: Option<String>,
    #[serde(deserialize_with = "choice::word")]
    pub jwt_issuer: Option<String>,
    #[serde(deserialize_with = "choice::word")]
    pub jwt_audience: Option<String>,
    #[serde(deserialize_with = "duration::plain")]
    pub jwt_leeway: Duration,
}

/// What sessions keep.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// `None` keeps no messages.
    #[serde(deserialize_with = "duration::limit")]
    pub history: Option<Duration>,
    #[serde(deserialize_with = "choice::store")]
    pub store: StoreOn,
    #[serde(deserialize_with = "choice::text")]
    pub auto_reply: String,
}

/// Who carries out what sessions send.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Whatsapp {
    #[serde(deserialize_with = "duration::plain")]
    pub timeout: Duration,
    #[serde(deserialize_with = "choice::path")]
    pub simulator: Option<PathBuf>,
}

/// What is asked of language models, and for how long and how much.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ai {
    /// By name, the first one first. Empty: those that have a model.
    #[serde(deserialize_with = "choice::services")]
    pub order: Vec<AiName>,
    #[serde(deserialize_with = "duration::limit")]
    pub commands_within: Option<Duration>,
    #[serde(deserialize_with = "duration::limit")]
    pub answers_within: Option<Duration>,
    #[serde(deserialize_with = "number::limit")]
    pub calls_at_once: Option<usize>,
    #[serde(deserialize_with = "number::limit")]
    pub calls_per_day: Option<u64>,
    #[serde(deserialize_with = "number::limit")]
    pub tokens_per_day: Option<u64>,
}

/// One service of language models.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AiService {
    #[serde(deserialize_with = "secret::key")]
    pub key: Option<Secret>,
    /// `None`: it is not set up.
    #[serde(deserialize_with = "choice::word")]
    pub model: Option<String>,
    /// `None`: its own.
    #[serde(deserialize_with = "address::service_url")]
    pub url: Option<String>,
}

impl AiService {
    /// What keeps it from being asked, or from answering, in words for the operator. `is_named`: it is wanted by name.
    pub fn lacks(&self, is_named: bool) -> Option<&'static str> {
        match (&self.model, &self.key, &self.url) {
            (None, None, None) if !is_named => None,
            (None, _, _) => Some("has no model, so it is never asked"),
            (Some(_), None, None) => Some("has a model and no key, so it will not answer"),
            _ => None,
        }
    }
}

impl Settings {
    /// The AIs in the order in which they are asked, each with its settings: those that `ai.order` names, else all.
    pub fn services(&self) -> impl Iterator<Item = (AiName, &AiService)> {
        let order = if self.ai.order.is_empty() { AiName::ALL.as_slice() } else { &self.ai.order };
        order.iter().map(|name| match name {
            AiName::Gemini => (*name, &self.gemini),
            AiName::OpenAi => (*name, &self.openai),
            AiName::Anthropic => (*name, &self.anthropic),
        })
    }
}

/// Where things are kept on disk.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// `None` is the system's own folder for it.
    #[serde(deserialize_with = "choice::path")]
    pub dir: Option<PathBuf>,
}

/// What one client, and all of them together, may take.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    #[serde(deserialize_with = "number::limit")]
    pub connections: Option<usize>,
    #[serde(deserialize_with = "number::limit")]
    pub connections_per_address: Option<usize>,
    #[serde(deserialize_with = "number::limit")]
    pub callers: Option<usize>,
    #[serde(deserialize_with = "number::limit")]
    pub away: Option<usize>,
    #[serde(deserialize_with = "duration::limit")]
    pub handshake: Option<Duration>,
    #[serde(deserialize_with = "duration::limit")]
    pub register: Option<Duration>,
    #[serde(deserialize_with = "duration::limit")]
    pub ping: Option<Duration>,
    #[serde(deserialize_with = "duration::limit")]
    pub pong: Option<Duration>,
    #[serde(deserialize_with = "duration::limit")]
    pub message: Option<Duration>,
    /// In bytes, and never off.
    #[serde(deserialize_with = "size::needed")]
    pub frame: usize,
    /// In characters.
    #[serde(deserialize_with = "number::limit")]
    pub text: Option<usize>,
    /// One of the two outbox limits is always on.
    #[serde(deserialize_with = "number::limit")]
    pub outbox_frames: Option<usize>,
    #[serde(deserialize_with = "size::limit")]
    pub outbox_bytes: Option<usize>,
    #[serde(deserialize_with = "number::limit")]
    pub texts_per_second: Option<u32>,
    #[serde(deserialize_with = "number::limit")]
    pub texts_burst: Option<u32>,
    #[serde(deserialize_with = "number::limit")]
    pub meets_per_minute: Option<u32>,
}

/// What the hub tells about itself, and to whom.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    #[serde(deserialize_with = "choice::level")]
    pub level: Level,
    #[serde(deserialize_with = "choice::format")]
    pub format: LogFormat,
    #[serde(deserialize_with = "choice::path")]
    pub file: Option<PathBuf>,
}

impl Settings {
    /// Reads every place, the weakest first: the embedded defaults, `config/local.toml` and `.env` in the
    /// working directory, the environment, the flags. The first thing that can't be read is the error.
    pub fn load(
        flags: impl IntoIterator<Item = Flag>,
        environment: impl Iterator<Item = (String, String)>,
        working_dir: &Path,
    ) -> Result<Loaded, SettingsError> {
        let given = layers::gather(flags, environment, working_dir)?;
        let settings = Self::read(&given)?;
        Ok(Loaded::new(settings, given))
    }

    fn read(given: &layers::Merged) -> Result<Self, SettingsError> {
        let settings: Self =
            given.as_config().and_then(::config::Config::try_deserialize).map_err(|e| given.blame(e))?;
        if settings.limits.outbox_frames.is_none() && settings.limits.outbox_bytes.is_none() {
            let problem = "can't be off while limits.outbox_frames is off: one of the two has to hold";
            return Err(given.refuse("limits.outbox_bytes", problem));
        }
        if settings.limits.outbox_bytes.is_some_and(|bytes| bytes < LEAST_OUTBOX) {
            let problem = "is too little: a single long text takes 16KiB; write 0 to count only frames";
            return Err(given.refuse("limits.outbox_bytes", problem));
        }
        Ok(settings)
    }
}
