"""What the first hosts send, by the version of the Python SDK that they run on (mcp 1.12.4).

Usage: python first_hosts.py URL, with the token in AUTH_TOKEN and the number in MY_NUMBER.
"""

import asyncio
import logging
import os
import sys

from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client

complaints = []


class Complaints(logging.Handler):
    def emit(self, record):
        complaints.append(record.getMessage())


async def main():
    logging.getLogger().addHandler(Complaints(logging.WARNING))
    headers = {"Authorization": f"Bearer {os.environ['AUTH_TOKEN']}"}
    async with streamablehttp_client(sys.argv[1], headers=headers) as (reading, writing, _):
        async with ClientSession(reading, writing) as session:
            await session.initialize()
            tools = [tool.name for tool in (await session.list_tools()).tools]
            assert tools == ["validate", "handle_message", "get_stats", "cleanup_inactive", "help"], tools
            number = (await session.call_tool("validate", {"bearer_token": "default"})).content[0].text
            assert number == os.environ["MY_NUMBER"], number
            said = await session.call_tool("handle_message", {"message": "#who", "puch_user_id": "first"})
            assert said.content[0].text.startswith("You're not currently in a chat."), said
    assert not complaints, complaints
    print("a first host: well")


asyncio.run(main())
