//! The figures of the exchange, as REST and MCP show them.

use crate::hub::Figures;
use schemars::JsonSchema;
use serde::Serialize;
use utoipa::ToSchema;

/// The figures of the exchange.
#[derive(Serialize, JsonSchema, ToSchema)]
#[schema(example = json!({"active_users": 3, "waiting_users": 1, "active_pairs": 1, "total_connections": 7,
    "messages_relayed": 42, "uptime_seconds": 3600, "status": "healthy"}))]
pub struct Stats {
    /// Users who did something lately, on any door.
    pub active_users: usize,
    /// Users who look for a partner.
    pub waiting_users: u64,
    /// Chats under way.
    pub active_pairs: u64,
    /// Chats since the hub started.
    pub total_connections: u64,
    /// Messages that reached a partner since the hub started.
    pub messages_relayed: u64,
    /// Seconds since the hub started.
    pub uptime_seconds: u64,
    pub status: &'static str,
}

impl From<Figures> for Stats {
    fn from(Figures { active_users, uptime, counted }: Figures) -> Self {
        Self {
            active_users,
            waiting_users: counted.waiting,
            active_pairs: counted.pairs,
            total_connections: counted.pairs_made,
            messages_relayed: counted.texts,
            uptime_seconds: uptime.0 / 1_000,
            status: "healthy",
        }
    }
}
