"""A container of the image, run by buildah without an engine, with the host's network.

It owns what was started: leaving a `with` ends it. It must never know what is asked of the hub.
"""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

PATIENCE = 30  # seconds, for whatever has to come
BUILDAH = ["buildah", "--storage-driver", "vfs"]


class Image:
    """The storage that buildah keeps below a folder, and one image in it."""

    def __init__(self, folder, name):
        self.folder, self.name = pathlib.Path(folder), name
        self.buildah = [*BUILDAH, "--root", f"{folder}/storage", "--runroot", f"{folder}/runroot"]

    def do(self, *arguments):
        """What buildah prints."""
        done = subprocess.run([*self.buildah, *arguments], capture_output=True, text=True)
        assert done.returncode == 0, f"buildah {' '.join(arguments)}: {done.stderr}"
        return done.stdout.strip()

    def settings(self):
        """What Docker reads of it: the user, the ports, the health check."""
        return json.loads(self.do("inspect", "--type", "image", self.name))["Docker"]["config"]


class Container:
    """A file system of its own, and volumes that stay as long as it does. Commands are run in it."""

    def __init__(self, image, ports, token):
        self.image, self.ports = image, ports
        self.variables = {
            "MCP_SERVER_HOST": "127.0.0.1",
            "MCP_SERVER_PORT": ports[0],
            "MCP_HTTP_HOST": "127.0.0.1",
            "MCP_HTTP_PORT": ports[1],
            "AUTH_TOKEN": token,
        }
        self.program = image.settings()["Entrypoint"]

    def __enter__(self):
        self.name = self.image.do("from", "--pull-never", self.image.name)
        self.root = pathlib.Path(self.image.do("mount", self.name))
        return self

    def __exit__(self, *_):
        self.image.do("rm", self.name)

    def command(self, arguments, variables=(), volumes=()):
        """The command that runs the image's program in it, as the user that the image names."""
        given = {**self.variables, **dict(variables)}
        options = [option for name, value in given.items() for option in ("--env", f"{name}={value}")]
        options += [option for volume in volumes for option in ("--volume", volume)]
        run = [*self.image.buildah, "run", "--isolation", "chroot", *options, self.name]
        return [*run, "--", *self.program, *arguments]

    def first_process(self):
        """The same where the hub is process 1, as under an engine: signals that it does not handle are lost on it."""
        settings = self.image.settings()
        variables = [*settings["Env"], *(f"{name}={value}" for name, value in self.variables.items())]
        # The devices that every engine puts there.
        devices = f'mkdir -p "{self.root}/dev" && mount --bind /dev "{self.root}/dev" && exec "$@"'
        chroot = ["chroot", f"--userspec={settings['User']}", self.root, *self.program]
        away = ["unshare", "--pid", "--mount", "--fork", "--kill-child", "sh", "-c", devices, "sh"]
        return [*away, "env", "-i", *variables, *chroot]


class Hub:
    """A hub that runs in a container. Leaving it ends it the hard way."""

    def __init__(self, command, port):
        self.begun, self.port = time.monotonic(), port
        self.outer = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def __enter__(self):
        try:
            self.await_health()
            self.pid = self.inner()
            return self
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        for pid in [*descendants(self.outer.pid), self.outer.pid]:
            if self.outer.poll() is None:
                end(pid)
        self.outer.wait(PATIENCE)

    def await_health(self):
        deadline = self.begun + PATIENCE
        while not is_healthy(self.port):
            assert self.outer.poll() is None, f"the hub ended: {self.outer.stdout.read()}"
            assert time.monotonic() < deadline, "the hub is not healthy in time"
            time.sleep(0.005)
        self.ready_after = time.monotonic() - self.begun

    def inner(self):
        """The hub itself, behind those who run it."""
        (pid,) = [pid for pid in descendants(self.outer.pid) if name_of(pid) == "strowger"]
        return pid

    def users(self):
        """Real, effective, saved and of files."""
        return {int(user) for user in status(self.pid, "Uid").split()}

    def stop(self):
        """SIGTERM to the hub: its exit code, how long it took, and all it said."""
        begun = time.monotonic()
        os.kill(self.pid, signal.SIGTERM)
        said, _ = self.outer.communicate(timeout=PATIENCE)
        return self.outer.returncode, time.monotonic() - begun, said


def is_healthy(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=PATIENCE) as answer:
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError):
        return False


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def descendants(pid):
    """All below a process, the nearest first. Any thread may have begun one."""
    found = [pid]
    for one in found:
        for thread in pathlib.Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                found += [int(child) for child in thread.read_text().split()]
    return found[1:]


def name_of(pid):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return status(pid, "Name")


def status(pid, key):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith(f"{key}:")]
    return line.partition(":")[2].strip()


def end(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
