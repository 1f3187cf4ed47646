"""Two people chat by the official Python SDK, in both eras of the protocol.

Usage: python client.py URL, with the token of an agent in ADMIN_TOKEN.
"""

import asyncio
import os
import sys

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

TOOLS = {"validate", "handle_message", "get_stats", "cleanup_inactive", "help", "wait_for_messages"}


async def say(client, who, message):
    arguments = {"message": message, "puch_user_id": who, "user_nickname": who}
    result = await client.call_tool("handle_message", arguments)
    assert not result.is_error, result
    return result.content[0].text, result.structured_content


async def converse(url, mode):
    anna, bob = f"Anna_{mode}", f"Bob_{mode}"
    headers = {"Authorization": f"Bearer {os.environ['ADMIN_TOKEN']}"}
    async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
        async with Client(streamable_http_client(url, http_client=http), mode=mode) as client:
            listed = await client.list_tools()
            assert {tool.name for tool in listed.tools} == TOOLS, listed
            assert (await say(client, anna, "#meet"))[1]["state"] == "waiting"
            assert (await say(client, bob, "#meet"))[1]["partner"] == anna
            assert (await say(client, bob, "hello"))[0] == "📤 Message sent."
            text, content = await say(client, anna, "#who")
            assert text.splitlines()[1] == f"📤 Message sent to your partner from {bob}: hello", text
            assert content["messages"][1]["from"] == bob, content

            heard = []

            async def progress(waited, total, _message):
                heard.append((waited, total))

            arguments = {"puch_user_id": anna, "timeout_seconds": 6}
            result = await client.call_tool("wait_for_messages", arguments, progress_callback=progress)
            assert result.structured_content["messages"] == [], result
            assert heard == [(5, 6)], heard

            wrong = await client.call_tool("handle_message", {"message": "hi"})
            assert wrong.is_error and wrong.structured_content["code"] == "invalid_message", wrong
            assert (await say(client, anna, "#bye"))[1]["state"] == "idle"
    print(f"{mode}: well")


async def main():
    for mode in ("legacy", "auto", "2026-07-28"):
        await converse(sys.argv[1], mode)


asyncio.run(main())
