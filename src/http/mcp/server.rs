//! The official SDK's side: its types end here. It is given messages that passed the gate, and asks the desk.
//!
//! It speaks both eras of the protocol without a session, and answers in JSON; in events only while somebody waits
//! and wants to hear how it goes.

use super::answers::Outcome;
use super::catalogue::{INSTRUCTIONS, Tool};
use super::desk::Desk;
use super::waiting::Told;
use crate::auth::Principal;
use axum::http::request::Parts;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, CustomRequest, CustomResult,
    ErrorCode, ErrorData, Implementation, JsonObject, ListPromptsRequestMethod, ListPromptsResult,
    ListToolsResult, PaginatedRequestParams, ProgressNotificationParam, ProgressToken, ServerCapabilities,
    ServerConfig, Tool as Described, ToolAnnotations,
};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{Peer, RoleServer, ServerHandler};
use serde::Serialize;
use std::sync::Arc;

/// What answers messages.
pub type Server = StreamableHttpService<Handler, NeverSessionManager>;

/// Methods that the SDK reads itself: what it could not read of them has wrong parameters.
const READ_BY_THE_SDK: [&str; 3] = ["server/discover", "tools/list", "tools/call"];

/// Characters of a name that is told back.
const LONGEST_NAME: usize = 64;

/// Answers one message. Cloning it is cheap.
#[derive(Clone)]
pub struct Handler {
    desk: Arc<Desk>,
    tools: Arc<[(Tool, Described)]>,
}

pub fn new(desk: Arc<Desk>) -> Server {
    let tools = Tool::ALL.into_iter().map(|tool| (tool, described(tool))).collect();
    let handler = Handler { desk, tools };
    // Origin and size are the gate's business, and so is the host: whoever has a token may call us as they like.
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_sse_retry(None)
        .disable_allowed_hosts()
        .disable_allowed_origins();
    StreamableHttpService::new(move || Ok(handler.clone()), Arc::default(), config)
}

/// The answer to the bare form.
pub fn bare(outcome: Outcome) -> impl Serialize {
    #[derive(Serialize)]
    struct Answer {
        jsonrpc: &'static str,
        id: (),
        result: CallToolResult,
    }
    let mut result = result_of(outcome);
    // Only the newest protocol has it, and this is none.
    result.result_type = None;
    Answer { jsonrpc: "2.0", id: (), result }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let info = Implementation::new("strowger", env!("CARGO_PKG_VERSION"));
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(info)
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let principal = principal(&context)?;
        let seen = self.tools.iter().filter(|(tool, _)| tool.is_for(principal));
        Ok(ListToolsResult::with_all_items(seen.map(|(_, described)| described.clone()).collect()))
    }

    fn get_tool(&self, name: &str) -> Option<Described> {
        let found = self.tools.iter().find(|(tool, _)| tool.name() == name);
        found.map(|(_, described)| described.clone())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let principal = principal(&context)?;
        let tool = Tool::named(&request.name).filter(|tool| tool.is_for(principal));
        let tool = tool.ok_or_else(|| unknown_tool(&request.name))?;
        let arguments = request.arguments.unwrap_or_default();
        let outcome = match tool {
            Tool::WaitForMessages => self.wait(principal, arguments, &context).await?,
            _ => self.desk.call(principal, tool, arguments).await,
        };
        Ok(result_of(outcome).into())
    }

    /// There are none, and none were declared.
    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Err(ErrorData::method_not_found::<ListPromptsRequestMethod>())
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        if READ_BY_THE_SDK.contains(&request.method.as_str()) {
            return Err(ErrorData::invalid_params("The parameters of this request can't be read.", None));
        }
        let method: String = request.method.chars().take(LONGEST_NAME).collect();
        let advice = match Tool::named(&method) {
            Some(_) => "It is a tool: call it by `tools/call`, or leave `jsonrpc` and `id` out.",
            None => "Tools are called by `tools/call`.",
        };
        let text = format!("There is no method `{method}`. {advice}");
        Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, text, None))
    }
}

impl Handler {
    /// Waits until the client hangs up, too.
    async fn wait(
        &self,
        principal: Principal,
        arguments: JsonObject,
        context: &RequestContext<RoleServer>,
    ) -> Result<Outcome, ErrorData> {
        let tell = context.meta.get_progress_token().map(|token| teller(context.peer.clone(), token));
        let tell = tell.as_ref().map(|tell| tell as _);
        let waiting = self.desk.wait(principal, arguments, tell);
        // Nobody reads the answer then.
        let gone = || ErrorData::internal_error("The call was cancelled.", None);
        context.ct.run_until_cancelled(waiting).await.ok_or_else(gone)
    }
}

fn teller(peer: Peer<RoleServer>, token: ProgressToken) -> impl Fn(u64, u64) -> Told + Send + Sync {
    move |waited, at_most| {
        let progress =
            ProgressNotificationParam::new(token.clone(), waited as f64).with_total(at_most as f64);
        let peer = peer.clone();
        Box::pin(async move {
            // Who does not hear it gets the answer, or has hung up.
            let _ = peer.notify_progress(progress).await;
        })
    }
}

/// Whoever the gate let in.
fn principal(context: &RequestContext<RoleServer>) -> Result<Principal, ErrorData> {
    let head = context.extensions.get::<Parts>();
    let principal = head.and_then(|head| head.extensions.get::<Principal>()).copied();
    principal.ok_or_else(|| ErrorData::internal_error("Nobody knows who asks.", None))
}

fn unknown_tool(name: &str) -> ErrorData {
    let name: String = name.chars().take(LONGEST_NAME).collect();
    ErrorData::invalid_params(format!("Unknown tool: {name}"), None)
}

fn described(tool: Tool) -> Described {
    let hints = tool.hints();
    let annotations = ToolAnnotations::with_title(hints.title)
        .read_only(hints.reads_only)
        .destructive(hints.destroys)
        .idempotent(hints.is_idempotent)
        .open_world(hints.reaches_others);
    let described =
        Described::new(tool.name(), tool.description(), tool.takes()).with_annotations(annotations);
    match tool.gives() {
        Some(schema) => described.with_raw_output_schema(Arc::new(schema)),
        None => described,
    }
}

fn result_of(outcome: Outcome) -> CallToolResult {
    let Outcome { text, content, is_error } = outcome;
    let text = vec![ContentBlock::text(text)];
    let mut result = if is_error { CallToolResult::error(text) } else { CallToolResult::success(text) };
    result.structured_content = content;
    result
}
