"""Judges the image: what it is, how large, how fast it starts, and whether a conversation can be held through it.

    python3 judge.py FOLDER IMAGE

FOLDER is where buildah keeps the image. Wants root, buildah, unshare, openssl and the package websockets.
"""

import asyncio
import contextlib
import http.server
import json
import pathlib
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
import uuid

from container import PATIENCE, Container, Hub, Image, free_ports
from websockets.asyncio.client import connect

LARGEST = 30_000_000  # bytes; a base image alone would be more
SLOWEST_STOP = 8.0  # seconds, as the image sets server.stop_within: docker kills after 10
TOKEN = "a-token-for-scripts-test"
ANSWER = "It turns one step for each pulse."


def main(folder, name):
    image = Image(folder, name)
    look_at(image.settings())
    ports = free_ports(2)
    with Container(image, ports, TOKEN) as container:
        weigh(container.root)
        first_life(container, ports)
        second_life(container, ports)
        as_first_process(container, ports)
    print("the image is good")


def look_at(settings):
    """What an engine goes by."""
    user = settings["User"].partition(":")[0]
    assert user.isdigit() and int(user) > 0, f"it runs as {settings['User']!r}: name a user by number, not root"
    assert settings["Healthcheck"]["Test"] == ["CMD", *settings["Entrypoint"], "healthcheck"], settings["Healthcheck"]
    assert set(settings["ExposedPorts"]) == {"8002/tcp", "8086/tcp"}, settings["ExposedPorts"]
    assert set(settings["Volumes"]) == {"/data"}, settings["Volumes"]
    assert "MCP_SERVER_HOST=0.0.0.0" in settings["Env"], settings["Env"]
    assert settings["StopSignal"] == "SIGTERM", settings["StopSignal"]


def weigh(root):
    files = [file for file in root.rglob("*") if file.is_file()]
    size = sum(file.stat().st_size for file in files)
    print(f"{size / 1e6:.1f} MB in {len(files)} files")
    assert size <= LARGEST, f"more than {LARGEST / 1e6:.0f} MB"


def first_life(container, ports):
    with Hub(container.command([]), ports[0]) as hub:
        assert 0 not in hub.users(), hub.users()
        healthy = subprocess.run(container.command(["healthcheck"]), capture_output=True, text=True)
        assert healthy.returncode == 0, healthy.stderr
        asyncio.run(strangers_meet(ports))
        asyncio.run(session(ports[0], send_to_john))
        copy = subprocess.run(container.command(["backup", "/data/copy.db"]), capture_output=True, text=True)
        assert copy.returncode == 0, copy.stderr
        stopped_well(hub)
    unwell = subprocess.run(container.command(["healthcheck"]), capture_output=True, text=True)
    assert unwell.returncode == 1, "a hub that is gone is healthy"


def second_life(container, ports):
    """What was kept is there; and a service is asked by its name, over TLS."""
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = stack.enter_context(service(folder))
        # The stand-in's certificate is none of those in the image.
        trusted = {"SSL_CERT_FILE": "/trusted.pem"}
        asked = {"STROWGER__OPENAI__URL": f"https://localhost:{port}/v1/", "STROWGER__OPENAI__MODEL": "stand-in"}
        command = container.command([], trusted | asked, [f"{folder}/cert.pem:/trusted.pem:ro"])
        with Hub(command, ports[0]) as hub:
            asyncio.run(session(ports[0], read_john))
            asyncio.run(session(ports[0], ask_the_service))
            stopped_well(hub)
        # Without it there are certificates, and none of them fits.
        with Hub(container.command([], asked), ports[0]) as hub:
            asyncio.run(session(ports[0], ask_an_unknown_service))
            stopped_well(hub)


def as_first_process(container, ports):
    with Hub(container.first_process(), ports[0]) as hub:
        print(f"healthy {hub.ready_after * 1000:.0f} ms after its start")
        stopped_well(hub)


def stopped_well(hub):
    code, seconds, said = hub.stop()
    assert code == 0, f"exit code {code}: {said}"
    assert "The house is closed" in said, said
    assert "WARN" not in said.replace(EXPECTED_WARNING, ""), said
    assert seconds < SLOWEST_STOP, f"{seconds:.1f} s to stop"


# The stand-in's certificate, in the life that does not trust it.
EXPECTED_WARNING = "WARN A call of an AI failed"


async def within(awaited):
    return await asyncio.wait_for(awaited, PATIENCE)


class Client:
    """A registered client."""

    def __init__(self, socket):
        self.socket = socket

    async def say(self, **frame):
        await self.socket.send(json.dumps(frame))

    async def until(self, **wanted):
        """The next frame that has these fields."""
        while True:
            frame = json.loads(await self.socket.recv())
            if wanted.items() <= frame.items():
                return frame


@contextlib.asynccontextmanager
async def client(port, nickname, session):
    async with connect(f"ws://127.0.0.1:{port}/") as socket:
        someone = Client(socket)
        await someone.say(type="register", nickname=nickname, session=session)
        await within(someone.until(type="registration_confirmed"))
        yield someone


async def strangers_meet(ports):
    """Two by WebSocket; then one of them and somebody who comes by MCP."""
    hub, mcp = ports
    async with client(hub, "Anna", str(uuid.uuid4())) as anna, client(hub, "Bob", str(uuid.uuid4())) as bob:
        await meet(anna, "waiting")
        await meet(bob, "paired")
        await within(anna.until(event="matched", partner="Bob"))
        await anna.say(type="chat_message", message="hello from a container")
        heard = await within(bob.until(type="chat_message"))
        assert (heard["from"], heard["message"]) == ("Anna", "hello from a container"), heard
    async with client(hub, "Bob", str(uuid.uuid4())) as bob:
        await meet(bob, "waiting")
        assert call(mcp, "#meet")["partner"] == "Bob"
        await within(bob.until(event="matched"))
        await bob.say(type="chat_message", message="hello by MCP", request_id="1")
        await within(bob.until(request_id="1"))
        assert "hello by MCP" in [message["text"].rpartition(": ")[2] for message in call(mcp, "#m")["messages"]]
    assert call_without_token(mcp) == 401


async def meet(someone, state):
    await someone.say(type="chat_message", message="#meet", request_id="meet")
    answer = await within(someone.until(request_id="meet"))
    assert answer["content"]["state"] == state, answer


def call(port, message, token=TOKEN):
    """A bare call of handle_message."""
    parameters = {"message": message, "puch_user_id": "somebody", "user_nickname": "Carla"}
    body = json.dumps({"method": "handle_message", "params": parameters}).encode()
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(f"http://127.0.0.1:{port}/mcp", body, headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)["result"]["structuredContent"]


def call_without_token(port):
    try:
        call(port, "#m", token=None)
    except urllib.error.HTTPError as error:
        return error.code
    return 200


async def session(port, conversation):
    async with client(port, "phone", "a line that is kept") as phone:
        await conversation(phone)


async def send_to_john(phone):
    await phone.say(type="contact_list_update", contacts=["John"], request_id="1")
    await within(phone.until(request_id="1"))
    command = {"action": "send", "contact": "John", "message": "I'm late"}
    await phone.say(type="whatsapp_command", command=command, request_id="2")
    answer = await within(phone.until(request_id="2", type="response"))
    assert answer["content"]["state"] == "simulated", answer


async def read_john(phone):
    await phone.say(type="whatsapp_command", command={"action": "read", "contact": "John"}, request_id="3")
    answer = await within(phone.until(request_id="3", type="response"))
    assert [message["text"] for message in answer["content"]["messages"]] == ["I'm late"], answer


async def ask_the_service(phone):
    answer = await ask(phone)
    assert answer.get("text") == ANSWER, answer


async def ask_an_unknown_service(phone):
    answer = await ask(phone)
    assert answer.get("code") == "ai_unavailable", answer


async def ask(phone):
    await phone.say(type="ai_request", prompt="What is a step-by-step switch?", request_id=str(uuid.uuid4()))
    return (await within(phone.until(type="response")))["content"]


class Model(http.server.BaseHTTPRequestHandler):
    """Says one thing, as OpenAI does."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        choice = {"index": 0, "delta": {"role": "assistant", "content": ANSWER}, "finish_reason": None}
        last = {"index": 0, "delta": {}, "finish_reason": "stop"}
        for part in ({"choices": [choice]}, {"choices": [last]}):
            self.wfile.write(f"data: {json.dumps({'id': '1', 'model': 'stand-in'} | part)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def service(folder):
    """A service on this machine, under a certificate of its own: its port."""
    files = ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    extensions = ["subjectAltName=DNS:localhost", "basicConstraints=critical,CA:FALSE"]
    made += [option for extension in extensions for option in ("-addext", extension)]
    subprocess.run([*made, *files], check=True, capture_output=True)
    # The hub's user has to read the one file and nothing else.
    folder.chmod(0o755)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    main(*sys.argv[1:])
