"""A complete client for the terminal: what you type is sent, what happens is shown.

    pip install websockets
    python examples/client.py                                  # ws://localhost:8002
    python examples/client.py ws://192.168.1.100:8002 --nickname Anna

Type #meet to find somebody, #help for the other commands. The end of the input (Ctrl-D) leaves. When the
connection is lost it comes back to where it was; what is typed meanwhile waits.
"""

import argparse
import asyncio
import json
import random
import re
import sys
import threading
import uuid
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

FIRST_PAUSE = 0.5  # seconds before the first attempt to come back; doubled with each further one
LONGEST_PAUSE = 30.0
GOODBYE, TOKEN_EXPIRED = 1000, 4005
# All of a session see each other come and go, and share contacts: a stranger takes one of their own.
SESSION = str(uuid.uuid4())
# What makes sense whoever the partner is by the time it is sent. All else is for the partner of its moment.
FOR_ANYBODY = re.compile(r"\s*#((again|bye|who|hide|help|unblock)\s*|meet(\s.*)?)", re.IGNORECASE)
JOINER = "\u200d"  # holds some emoji together


class Refused(Exception):
    """The hub does not want this client back."""


class Place:
    """What outlives a connection: who we are to the hub, how far we have come, and in which chat we are."""

    client_id = None  # as the hub knows us
    token = None  # good for one return; each confirmation brings another
    pos = "0"  # of the last pushed frame that was dealt with; where a registration begins
    requests = 0  # numbers them; an answer carries its request's number
    under_way = None  # the request that has no answer yet; until it has, lines wait
    line = None  # what it says; None if it finds out where we are
    answered = asyncio.Event()
    state, partner, chat = "idle", None, 0  # the last tells one chat from the next
    wait = 0.0  # seconds for which the hub wants to be left alone


async def main(url, nickname, token_file):
    place = Place()
    lines = typed_lines(place)
    attempts, expired = 0, None
    while True:
        place.wait = 0.0
        try:
            token = token_file and token_file.read_text().strip()
            if token and token == expired:
                raise OSError(f"{token_file} still holds the token that expired")
            async with connect(url) as socket:
                try:
                    await register(socket, nickname, token, place)
                    attempts = 0
                    await converse(socket, lines, place)
                except asyncio.CancelledError:  # Ctrl-C: goodbye, and not an end that a client comes back from.
                    await socket.close(GOODBYE)
                    raise
            if socket.close_code == GOODBYE:
                return
            say("The hub is going away.")
        except ConnectionClosed as closed:
            say(f"The connection ended: {why(closed)}.")
            if closed.rcvd and closed.rcvd.code == TOKEN_EXPIRED:
                expired = token
        except InvalidStatus as refused:  # An answer, but no WebSocket: the hub is full, or it is no hub.
            place.wait = retry_after(refused.response)
            say(f"The hub refused the connection: HTTP {refused.response.status_code}.")
        except (OSError, TimeoutError, InvalidHandshake) as error:
            say(f"There is no way in at {url}: {error}.")
        pause = max(place.wait, pause_before(attempts))
        attempts += 1
        say(f"Trying again in {pause:.1f} s.")
        await asyncio.sleep(pause)


async def register(socket, nickname, token, place):
    """Says who this is. A hub that does not like it says why, and closes with a code that says what to do."""
    frame = {"type": "register", "nickname": nickname, "session": SESSION, "token": token}
    await socket.send(json.dumps(frame | {"resume_token": place.token, "last_pos": place.pos}))
    while (frame := json.loads(await socket.recv()))["type"] != "registration_confirmed":
        heed(frame, place)
        say(shown(frame))
    is_first = place.client_id is None
    goes_on = place.client_id == frame["client_id"]  # Whoever begins anew gets another one from the hub.
    place.client_id, place.token = frame["client_id"], frame["resume_token"]
    if frame["recovered"]:
        say(f"Back as {frame['nickname']}. Nothing is lost.")
    elif missed := frame.get("missed"):
        say(f"Back as {frame['nickname']}. Lost meanwhile: {missed}.")
    else:
        # Positions are counted anew: of a new registration, or because the hub never gave the one we had.
        place.pos = "0"
        if goes_on:
            say(f"Back as {frame['nickname']}. How much is lost is not known.")
        else:
            over = "" if is_first else "What went on is over. "
            say(f"{over}Registered as {frame['nickname']}. Type #meet to find somebody.")
    if not is_first:
        # Answers to what was said on a connection that broke are lost. This one comes behind all that was missed.
        await request(socket, "#who", place)


async def request(socket, message, place):
    place.requests += 1
    place.under_way = str(place.requests)
    place.answered.clear()
    frame = {"type": "chat_message", "message": message, "request_id": place.under_way}
    await socket.send(json.dumps(frame | {"last_pos": place.pos}))


async def converse(socket, lines, place):
    """Shows what comes until the connection ends; what is typed meanwhile is sent."""
    typing = asyncio.create_task(send_lines(socket, lines, place))
    try:
        async for message in socket:
            frame = json.loads(message)
            is_ours = place.line is None and frame.get("request_id", "") == place.under_way  # nobody typed it
            heed(frame, place)
            if not is_ours and (text := shown(frame)):
                say(text)
            place.pos = frame.get("pos", place.pos)
    finally:
        typing.cancel()
        place.under_way = None
        if place.line is not None:
            # The hub does not know a line that it gets twice, so it is not sent again by itself.
            say(f"Not known whether it arrived: {place.line}")
            place.line = None


async def send_lines(socket, lines, place):
    """One line at a time, so that no more than one is in doubt when the connection breaks. The others wait."""
    if place.under_way is not None:
        await place.answered.wait()
    while (typed := await lines.get()) is not None:
        line, chat = typed
        if chat is not None and chat != place.chat:
            say(f"Not sent, as that chat is over: {line}")
            continue
        place.line = line
        try:
            await request(socket, line, place)
        except ConnectionClosed:
            return
        await place.answered.wait()
    lines.put_nowait(None)  # The end stays the end, whatever becomes of this connection.
    await socket.close(GOODBYE)


def heed(frame, place):
    """What a frame says of where we are."""
    match frame:
        case {"type": "chat_event", "event": "matched"}:
            stand("paired", frame["partner"], place, is_news=True)
        case {"type": "chat_event", "event": "partner_left" | "expired"}:
            stand("idle", None, place)
        case {"type": "response" | "error", "request_id": str(id)} if id == place.under_way:
            take_answer(frame, place)
    if frame["type"] == "error":
        place.wait = frame.get("retry_after_ms", 0) / 1000


def take_answer(frame, place):
    """What was under way was answered. What is not told as a sentence of the hub's is told here."""
    answer = frame.get("content", {})
    is_news = answer.get("success") and answer.get("command") in ("meet", "again")
    if "state" in answer:
        stand(answer["state"], answer.get("partner"), place, is_news)
    if place.line is not None:
        if frame.get("response_type") != "chat_command_result" and not answer.get("success"):
            say(f"Not delivered: {place.line}")
        elif answer.get("queued"):
            say(f"Held until your partner is back: {place.line}")
    place.line = place.under_way = None
    place.answered.set()


def stand(state, partner, place, is_news=False):
    """Where the person is now. Two partners may have the same name: `is_news` tells them apart."""
    if is_news or (state, partner) != (place.state, place.partner):
        place.chat += 1
    place.state, place.partner = state, partner


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


def typed_lines(place):
    """A queue of what is typed, each line with the chat that it is for, if it is for one; None is the end."""
    lines, loop = asyncio.Queue(), asyncio.get_running_loop()

    def take(line):
        if line.strip():
            is_for_partner = place.state == "paired" and not FOR_ANYBODY.fullmatch(line)
            lines.put_nowait((line, place.chat if is_for_partner else None))

    def read():  # In a thread, since it can't be interrupted.
        for line in sys.stdin:
            loop.call_soon_threadsafe(take, line.rstrip("\r\n"))
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
    parser.add_argument("--token-file", type=Path, metavar="FILE",
                        help="if the hub asks for a token; read for each connection: it may be renewed")
    arguments = parser.parse_args()
    try:
        asyncio.run(main(arguments.url, arguments.nickname, arguments.token_file))
    except KeyboardInterrupt:
        pass
    except Refused as refused:
        sys.exit(f"The hub does not let this client in: {refused}.")
