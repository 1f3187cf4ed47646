//! What the settings are called in the environment.
//!
//! Every setting `section.name` is `STROWGER__SECTION__NAME`. A few have an older name as well, known from
//! other servers and from hosting platforms. Variables that are neither are not ours to judge.

/// What marks a variable as ours: an unknown one with this prefix is a mistake.
const PREFIX: &str = "STROWGER__";

/// `PORT` is what hosting platforms set, and they expect to reach the process from outside.
pub const PLATFORM_PORT: &str = "PORT";

/// The older names. Where two mean the same setting, the later one here wins, and the full name over both.
const OLD: [(&str, &str); 11] = [
    (PLATFORM_PORT, "server.port"),
    ("MCP_SERVER_PORT", "server.port"),
    ("MCP_SERVER_HOST", "server.host"),
    ("MCP_HTTP_PORT", "mcp.port"),
    ("MCP_HTTP_HOST", "mcp.host"),
    ("AUTH_TOKEN", "auth.token"),
    ("ADMIN_TOKEN", "auth.admin_token"),
    ("MY_NUMBER", "mcp.my_number"),
    ("LOG_LEVEL", "log.level"),
    ("GEMINI_API_KEY", "gemini.key"),
    ("GEMINI_MODEL", "gemini.model"),
];

/// The older names, in the order in which they are told.
pub fn older() -> impl Iterator<Item = &'static str> {
    OLD.iter().map(|(name, _)| *name)
}

/// What a variable's name means to the settings.
#[derive(Debug, PartialEq, Eq)]
pub enum Meaning {
    NotOurs,
    /// The setting, and how strong the name is where several say the same.
    Setting {
        key: String,
        rank: usize,
    },
}

/// Whether there is a setting of that name is for the caller to find out.
pub fn meaning(variable: &str) -> Meaning {
    if let Some(rest) = variable.strip_prefix(PREFIX) {
        return Meaning::Setting { key: key(rest), rank: OLD.len() };
    }
    let mut ranked = OLD.iter().enumerate();
    match ranked.find(|(_, (name, _))| *name == variable) {
        Some((rank, (_, key))) => Meaning::Setting { key: (*key).to_owned(), rank },
        None => Meaning::NotOurs,
    }
}

/// A name that is not in capitals stays as it is, and so is no setting's.
fn key(rest: &str) -> String {
    let in_capitals = !rest.contains(|c: char| c.is_ascii_lowercase());
    if in_capitals { rest.to_ascii_lowercase().replace("__", ".") } else { rest.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_settings() {
        let key = |variable| match meaning(variable) {
            Meaning::Setting { key, .. } => Some(key),
            Meaning::NotOurs => None,
        };
        assert_eq!(key("STROWGER__CHAT__IDLE_AFTER").as_deref(), Some("chat.idle_after"));
        assert_eq!(key("MCP_SERVER_PORT").as_deref(), Some("server.port"));
        assert_eq!(key("PORT").as_deref(), Some("server.port"));
        assert_eq!(key("STROWGER__chat__idle_after").as_deref(), Some("chat__idle_after"));
        assert_eq!(key("STROWGER_HOME"), None);
        assert_eq!(key("PATH"), None);
    }
}
