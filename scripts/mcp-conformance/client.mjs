// Two people chat by the official TypeScript SDK.
// Usage: node client.mjs URL, with the token of an agent in ADMIN_TOKEN.
import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const headers = { Authorization: `Bearer ${process.env.ADMIN_TOKEN}` };
const client = new Client({ name: "strowger-test", version: "1" });
await client.connect(new StreamableHTTPClientTransport(new URL(process.argv[2]), { requestInit: { headers } }));

async function say(who, message) {
    const params = { message, puch_user_id: who, user_nickname: who };
    const result = await client.callTool({ name: "handle_message", arguments: params });
    assert.equal(result.isError, false);
    return { text: result.content[0].text, ...result.structuredContent };
}

const { tools } = await client.listTools();
assert.equal(tools.length, 6);
assert.equal((await say("Anna_ts", "#meet")).state, "waiting");
assert.equal((await say("Bob_ts", "#meet")).partner, "Anna_ts");

const wrong = await client.callTool({ name: "handle_message", arguments: { message: "hi" } });
assert.deepEqual([wrong.isError, wrong.structuredContent], [true, { code: "invalid_message" }]);

// Shorter than the wait: only progress keeps the call alive.
const heard = [];
const options = { timeout: 5500, resetTimeoutOnProgress: true, onprogress: ({ progress }) => heard.push(progress) };
await say("Anna_ts", "#who");
const params = { puch_user_id: "Anna_ts", timeout_seconds: 7 };
const waited = await client.callTool({ name: "wait_for_messages", arguments: params }, undefined, options);
assert.deepEqual([waited.structuredContent.messages, heard], [[], [5]]);

const waiting = client.callTool({ name: "wait_for_messages", arguments: params });
assert.equal((await say("Bob_ts", "hello")).text, "📤 Message sent.");
assert.equal((await waiting).content[0].text, "📤 Message sent to your partner from Bob_ts: hello");
assert.equal((await say("Anna_ts", "#bye")).state, "idle");
await client.close();
console.log("TypeScript: well");
