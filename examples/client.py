"""A complete client for the terminal: what you type is sent, what happens is shown.

    pip install websockets
    python examples/client.py                                  # ws://localhost:8002
    python examples/client.py ws://192.168.1.100:8002 --nickname Anna

Type #meet to find somebody, #help for the other commands. The end of the input (Ctrl-D) leaves.
"""

import argparse
import asyncio
import json
import random
import sys
import threading
import uuid

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

FIRST_PAUSE = 0.5  # seconds before the first attempt to come back; doubled with each further one
LONGEST_PAUSE = 30.0
GOODBYE = 1000
# All of a session see each other come and go, and share contacts: a stranger takes one of their own.
SESSION = str(uuid.uuid4())
JOINER = "\u200d"  # holds some emoji together


class Refused(Exception):
    """The hub does not want this client back."""


async def main(url, nickname):
    lines = typed_lines()
    attempts = 0
    while True:
        wait = 0.0
        try:
            async with connect(url) as socket:
                await register(socket, nickname)
                attempts = 0
                await converse(socket, lines)
            if socket.close_code == GOODBYE:
                return
            say("The hub is going away.")
        except ConnectionClosed as closed:
            say(f"The connection ended: {why(closed)}.")
        except InvalidStatus as refused:  # An answer, but no WebSocket: the hub is full, or it is no hub.
            wait = retry_after(refused.response)
            say(f"The hub refused the connection: HTTP {refused.response.status_code}.")
        except (OSError, TimeoutError, InvalidHandshake) as error:
            say(f"The hub can't be reached: {error}.")
        pause = max(wait, pause_before(attempts))
        attempts += 1
        say(f"Trying again in {pause:.1f} s.")
        await asyncio.sleep(pause)


async def register(socket, nickname):
    """Says who this is. A hub that does not like it says why, and closes with a code that says what to do."""
    await socket.send(json.dumps({"type": "register", "nickname": nickname, "session": SESSION}))
    while (frame := json.loads(await socket.recv()))["type"] != "registration_confirmed":
        say(shown(frame))
    say(f"Registered as {frame['nickname']}. Type #meet to find somebody.")


async def converse(socket, lines):
    """Shows what comes until the connection ends; what is typed meanwhile is sent."""
    typing = asyncio.create_task(send_lines(socket, lines))
    try:
        async for message in socket:
            if text := shown(json.loads(message)):
                say(text)
    finally:
        typing.cancel()


async def send_lines(socket, lines):
    while (line := await lines.get()) is not None:
        try:
            if line:
                await socket.send(json.dumps({"type": "chat_message", "message": line}))
        except ConnectionClosed:
            return say(f"Not sent: {line}")
    lines.put_nowait(None)  # The end stays the end, whatever becomes of this connection.
    await socket.close(GOODBYE)


def shown(frame):
    """What a person sees of a frame. Types that are not known are passed over."""
    match frame["type"]:
        case "response":
            return frame["content"].get("text")
        case "chat_event" if frame["event"] == "typing":
            return "Your partner is typing..." if frame["active"] else None
        case "chat_event":
            return frame["text"]
        case "chat_message":
            return f"{frame['from']}: {frame['message']}"
        case "chat_message_failed":
            return f"Not delivered: {frame['message']}"
        case "error":
            return frame["error"]


def why(closed):
    """Why the connection ended, if coming back makes sense: 4500 to 4999 say that it does not."""
    if closed.rcvd is None:
        return "it was lost"
    reason = f"{closed.rcvd.reason or 'no reason was given'} ({closed.rcvd.code})"
    if 4500 <= closed.rcvd.code <= 4999:
        raise Refused(reason)
    return reason


def retry_after(response):
    """How long a hub that is full wants to be left alone, in seconds."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else 0.0


def pause_before(attempts):
    """Grows, so that a hub in trouble is left alone; and is never the same, so that not all come at once."""
    pause = min(FIRST_PAUSE * 2 ** min(attempts, 10), LONGEST_PAUSE)
    return random.uniform(pause / 2, pause)


def typed_lines():
    """A queue of what is typed; None is the end. Reading has a thread, since it can't be interrupted."""
    lines, loop = asyncio.Queue(), asyncio.get_running_loop()

    def read():
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line.rstrip("\r\n"))
        loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    return lines


def say(text):
    """What cannot be printed is left out: a stranger's text must not steer the terminal."""
    print("".join(c for c in text if c.isprintable() or c == JOINER), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A client for the terminal")
    parser.add_argument("url", nargs="?", default="ws://localhost:8002")
    parser.add_argument("--nickname", help="what strangers call you (default: the hub makes one up)")
    arguments = parser.parse_args()
    try:
        asyncio.run(main(arguments.url, arguments.nickname))
    except KeyboardInterrupt:
        pass
    except Refused as refused:
        sys.exit(f"The hub does not let this client in: {refused}.")
