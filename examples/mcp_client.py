"""Two people meet by MCP, through the official Python SDK: a host hands over what each of them writes.

    pip install mcp                       # for Python 3.11 or later
    AUTH_TOKEN=… python examples/mcp_client.py                                      # http://localhost:8086/mcp
    AUTH_TOKEN=… python examples/mcp_client.py http://192.168.1.100:8086/mcp

A language model would choose the tool by itself; here a script does. Nobody is pushed anything by MCP: what comes for
somebody waits, and is handed over with the answer to whatever they say next.
"""

import asyncio
import os
import sys
import uuid

import httpx2  # comes with mcp
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client


class Person:
    """One of the users of a host, whom the host tells apart by their id."""

    def __init__(self, client, nickname):
        self.client, self.nickname, self.id = client, nickname, uuid.uuid4().hex

    async def says(self, message):
        print(f"{self.nickname}: {message}")
        arguments = {"message": message, "puch_user_id": self.id, "user_nickname": self.nickname}
        result = await self.client.call_tool("handle_message", arguments)
        if result.is_error:
            sys.exit(f"The call was not taken: {result.structured_content['code']}")
        # For people; structured_content says the same to programs. The first lines are what waited.
        for line in result.content[0].text.splitlines():
            print(f"    {self.nickname} is shown: {line}")


async def main(url, token):
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as http:
        async with Client(streamable_http_client(url, http_client=http)) as client:
            anna, bob = Person(client, "Anna"), Person(client, "Bob")
            await anna.says("#meet")
            await bob.says("#meet")
            await bob.says("Hello Anna!")
            await anna.says("Hello Bob! How are you?")
            await bob.says("Fine, but I have to go.")
            await bob.says("#bye")
            await anna.says("Too bad!")


if __name__ == "__main__":
    url, token = (sys.argv + ["http://localhost:8086/mcp"])[1], os.environ.get("AUTH_TOKEN")
    if not token:
        sys.exit("Set AUTH_TOKEN to the hub's, which its start shows, or says where it is.")
    is_let_in = True
    try:
        asyncio.run(main(url, token))
    except* (httpx2.HTTPError, MCPError):
        is_let_in = False
    if not is_let_in:
        sys.exit(f"There is no way in at {url}: is a hub there, and is the token its own?")
