"""A bridge: carries out what the clients of a session send, here on a fake phone whose contacts all answer.

    pip install websockets
    python examples/bridge.py team                                   # session "team" of ws://localhost:8002
    python examples/bridge.py team John Sarah --url ws://192.168.1.100:8002
    python examples/bridge.py team John Sarah Mike --fail Mike --silent Sarah

For a real bridge write another Phone; the rest is what the hub wants. When the connection is lost it comes
back, and tells again what may have been lost on the way: the hub knows what it has heard before. That is in the
hub's memory, so after a restart of the hub a message that is told again counts as a new one.

One that was killed keeps its place for a while (chat.grace, 60 s): until then the hub takes no other in, but for one
with the same --id.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import uuid

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

FIRST_PAUSE = 0.5  # seconds before the first attempt to come back; doubled with each further one
LONGEST_PAUSE = 30.0
REMEMBERED = 1000  # actions and arrivals; the hub remembers about as many
FOR_GOOD = ("conflict", "forbidden", "unauthorized", "unsupported", "invalid_message")


class Refused(Exception):
    """The hub does not want this bridge back."""


class NotSent(Exception):
    """A code, and words for people. Only for what was certainly not sent; what is in doubt stays unanswered."""


class Phone:
    """A fake one. In a real bridge the calls to a WhatsApp library stand here."""

    def __init__(self, options):
        self.fails, self.is_silent, self.pace = options.fail.lower(), options.silent.lower(), options.pace
        self.arrived = asyncio.Queue()  # of (id, contact, message); the id is to be WhatsApp's own

    async def carry_out(self, action):
        """Yields how far it got, from the moment that WhatsApp has it. There are `contact_id` and `phone` too."""
        contact = action["contact"]
        if action["action"] != "send":
            raise NotSent("unsupported", "This bridge only sends.")
        if contact.lower() == self.fails:
            raise NotSent("not_found", f"{contact} is not on WhatsApp.")
        if contact.lower() == self.is_silent:
            return
        for state in ("sent", "delivered", "read"):
            yield state
            await asyncio.sleep(self.pace)
        self.arrived.put_nowait((uuid.uuid4().hex, contact, f"You said: {action['message']}"))


class Bridge:
    """What outlives a connection."""

    def __init__(self, options):
        self.session, self.contacts, self.phone = options.session, options.contacts, Phone(options)
        self.socket, self.tasks = None, set()
        # Random, as whoever knows the id of a bridge that is away may take its place.
        self.client_id = options.id or f"bridge_{uuid.uuid4().hex}"
        self.token = None  # good for one return; each confirmation brings another
        self.pos = "0"  # of the last pushed frame that was dealt with; where a registration begins
        # What the hub was last told under each request_id; None for an action of which it was told nothing. No
        # action in here is begun again. The hub gives none twice, not even to a bridge that starts anew, so memory
        # will do; on disk it would also serve to tell after a crash what became of the last ones.
        self.told = {}

    async def register(self, socket):
        """The token goes on with what there was, and without one the same client_id takes the place that it had."""
        frame = {"type": "register", "role": "bridge", "session": self.session, "client_name": "bridge"}
        frame |= {"token": os.environ.get("STROWGER_TOKEN")}  # with the scope bridge, where the hub asks for tokens
        frame |= {"client_id": self.client_id, "resume_token": self.token, "last_pos": self.pos}
        await socket.send(json.dumps(frame))
        while (frame := json.loads(await socket.recv()))["type"] != "registration_confirmed":
            if frame["type"] == "error":  # Such as client_id_taken, while the hub believes the old one alive.
                raise (Refused if frame["code"] in FOR_GOOD else ConnectionError)(frame["error"].rstrip("."))
        self.token = frame["resume_token"]
        if not frame["recovered"] and frame.get("missed") is None:
            self.pos = "0"  # A new registration, whose positions are counted anew.
        say(f"Here for {self.session}.")

    async def serve(self, socket):
        """Tells what the hub may not have heard, then takes what comes until the connection ends."""
        if self.contacts:  # In place of those that clients gave before.
            await socket.send(json.dumps({"type": "contact_list_update", "contacts": self.contacts}))
        self.socket = socket
        for request_id in list(self.told):
            await self.send(self.told.get(request_id))
        async for message in socket:
            frame = json.loads(message)
            match frame["type"]:
                case "whatsapp_action" if frame["request_id"] not in self.told:
                    self.told[frame["request_id"]] = None
                    self.start(self.carry_out(frame["request_id"], frame["action"]))
                case "whatsapp_action_cancelled" if frame["request_id"] not in self.told:
                    self.told[frame["request_id"]] = None
                    say("Not carried out: nobody waits for it any more.")
                case "response" if frame["content"]["success"]:
                    self.told.pop(frame["request_id"], None)  # The hub has this arrival.
                case "error" if frame["code"] != "not_found":  # Of an action from before the hub's own restart.
                    say(frame["error"])
            self.pos = frame.get("pos", self.pos)

    async def carry_out(self, request_id, action):
        """Goes on while the hub is out of reach."""
        frame = {"type": "whatsapp_action_result", "request_id": request_id}
        say(f"To {action['contact']}: {action['message']}")
        try:
            async for state in self.phone.carry_out(action):
                say(f"{state.capitalize()}: {action['message']}")
                await self.tell(frame | {"content": {"success": True, "state": state}})
        except NotSent as why:
            code, text = why.args
            say(f"Not sent: {text}")
            await self.tell(frame | {"content": {"success": False, "code": code, "text": text}})

    async def listen(self):
        """Passes on what arrives. A request_id makes the hub confirm it; by the id it knows what it heard before."""
        while True:
            id, contact, message = await self.phone.arrived.get()
            say(f"From {contact}: {message}")
            frame = {"type": "whatsapp_incoming", "request_id": id, "id": id}
            await self.tell(frame | {"contact": contact, "message": message})

    async def tell(self, frame):
        self.told[frame["request_id"]] = frame
        if len(self.told) > REMEMBERED:
            del self.told[next(iter(self.told))]
        await self.send(frame)

    async def send(self, frame):
        try:
            if frame and self.socket:
                await self.socket.send(json.dumps(frame))
        except ConnectionClosed:
            pass  # It is sent after the return.

    def start(self, work):
        task = asyncio.create_task(work)
        self.tasks.add(task)  # A task that nothing holds may vanish.
        task.add_done_callback(self.tasks.discard)


async def main(options):
    bridge, attempts = Bridge(options), 0
    bridge.start(bridge.listen())
    while True:
        try:
            async with connect(options.url) as socket:
                try:
                    await bridge.register(socket)
                    attempts = 0
                    await bridge.serve(socket)
                except asyncio.CancelledError:  # Ctrl-C: goodbye, and not an end that a bridge comes back from.
                    await socket.close()
                    raise
            say("The hub is going away.")
        except ConnectionClosed as closed:
            if closed.rcvd and 4500 <= closed.rcvd.code <= 4999:  # Coming back makes no sense.
                raise Refused(closed.rcvd.reason or closed.rcvd.code) from closed
            say(f"The connection ended: {closed}.")
        except (OSError, TimeoutError, InvalidHandshake) as error:
            say(f"No way in: {error}.")
        # Longer each time, so that a hub in trouble is left alone; never the same, so that not all come at once.
        pause = min(FIRST_PAUSE * 2 ** min(attempts, 10), LONGEST_PAUSE)
        pause = random.uniform(pause / 2, pause)
        attempts += 1
        say(f"Trying again in {pause:.1f} s.")
        await asyncio.sleep(pause)


def say(text):
    """To the terminal and to no file. What cannot be printed is left out: it could steer the terminal."""
    print("".join(c for c in text if c.isprintable()), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A bridge to a fake phone")
    parser.add_argument("session")
    parser.add_argument("contacts", nargs="*", help="who is in the phone (default: whoever is written to)")
    parser.add_argument("--url", default="ws://localhost:8002")
    parser.add_argument("--id", metavar="SECRET", help="the same each time, and hard to guess (default: random)")
    parser.add_argument("--fail", metavar="CONTACT", default="", help="to whom nothing can be sent")
    parser.add_argument("--silent", metavar="CONTACT", default="", help="of whose messages nothing is heard")
    parser.add_argument("--pace", metavar="SECONDS", type=float, default=1.0, help="between the phone's steps")
    try:
        asyncio.run(main(parser.parse_intermixed_args()))
    except KeyboardInterrupt:
        pass
    except Refused as refused:
        sys.exit(f"The hub does not let this bridge in: {refused}.")
