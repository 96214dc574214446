"""JsSIP, the SIP stack of browsers' phones, in Node: driven by lines of JSON (`jssip/phone.cjs`).

Its modules are installed by `npm ci` from the lock file, once a run, into a folder of the run.
Sound it has none: the session descriptions are the test's.
"""

import json
import queue
import shutil
import subprocess
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.live.process import Process

HERE = Path(__file__).parent / "jssip"
INSTALL_SECONDS = 180.0
# What a browser of today offers, shortened: nothing of it is plain RTP.
BROWSERS_SOUND = (
    "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
    "a=group:BUNDLE 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 0 8 126\r\nc=IN IP4 0.0.0.0\r\n"
    "a=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:4ZcD\r\na=ice-pwd:2/1muCWoOi3uLifh0NuRHlRj\r\n"
    "a=fingerprint:sha-256 75:74:5A:A6:A4:E5:52:F4:A7:67:4C:01:C7:EE:91:3F:21:3D:A2:E3:53:7B:6F:30:"
    "86:F2:30:AA:65:FB:04:24\r\na=setup:actpass\r\na=mid:0\r\na=sendrecv\r\na=rtcp-mux\r\n"
    "a=rtpmap:111 opus/48000/2\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:126 telephone-event/8000\r\n"
)


def plain_sound(port: int) -> str:
    """What no browser offers, and the switch speaks."""
    return (
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=sendrecv\r\n"
    )


def install(folder: Path) -> Path:
    """A folder with the modules and the phone. Raises when Node, npm or a module is missing."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise RuntimeError(f"{tool} is missing; run:  sudo apt-get install -y nodejs npm")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "phone.cjs"):
        shutil.copy(HERE / name, folder / name)
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    done = subprocess.run(
        ["npm", "ci", *quiet],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"npm ci failed:\n{done.stdout}\n{done.stderr}")
    return folder


class JsSip:
    """One page of a browser with one account."""

    def __init__(
        self,
        home: Path,
        user: str,
        url: str,
        folder: Path,
        *,
        password: str,
        domain: str,
        sdp: str = BROWSERS_SOUND,
        origin: str | None = None,
        authority: Path | None = None,
        expires: int = 120,
        haste: int = 0,
    ) -> None:
        """`home`: of `install`; `authority`: the PEM file that a `wss:` URL is trusted by; `haste`:
        its own clock runs so many times as fast, and it refreshes its calls itself."""
        settings = {
            "url": url,
            "uri": f"sip:{user}@{domain}",
            "user": user,
            "password": password,
            "sdp": sdp,
            "origin": origin,
            "expires": expires,
            "haste": haste,
            "instance": str(uuid.uuid4()),
        }
        environment = {"NODE_EXTRA_CA_CERTS": str(authority)} if authority else {}
        self.user = user
        self.events: list[dict[str, Any]] = []
        self._queue: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.process = Process(
            ["node", str(home / "phone.cjs"), json.dumps(settings)],
            folder / f"jssip-{user}-{uuid.uuid4().hex[:4]}.log",
            environment,
            cwd=home,
            with_pipes=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.wait("ready")

    def __enter__(self) -> "JsSip":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def do(self, command: str, **details: Any) -> None:
        """One command of `phone.cjs`."""
        pipe = self.process.child.stdin
        assert pipe is not None
        pipe.write((json.dumps({"command": command, **details}) + "\n").encode())
        pipe.flush()

    def register(self) -> dict[str, Any]:
        """Connect and register; what the registrar answered."""
        self.do("start")
        self.wait("connected")
        self.do("register")
        return self.wait("registered")

    def wait(
        self,
        kind: str,
        timeout: float = 20.0,
        fits: Callable[[dict[str, Any]], bool] = lambda _: True,
    ) -> dict[str, Any]:
        """The next event of this kind; others before it are passed over."""
        while True:
            try:
                event = self._queue.get(timeout=timeout)
            except queue.Empty:
                event = None
            if event is None:
                seen = [one["type"] for one in self.events]
                raise TimeoutError(f"{self.user}: no {kind}; seen {seen}\n{self.process.text}")
            if event["type"] == "error":
                raise AssertionError(event["text"])
            if event["type"] == kind and fits(event):
                return event

    def has_seen(self, kind: str) -> bool:
        return any(event["type"] == kind for event in self.events)

    def close(self) -> None:
        """Unregister and go."""
        if self.process.is_alive:
            try:
                self.do("quit")
                self.process.child.wait(5.0)
            except (OSError, subprocess.TimeoutExpired):
                pass
        self.process.end(2.0)
        self._reader.join(5.0)

    def _read(self) -> None:
        pipe = self.process.child.stdout
        assert pipe is not None
        try:
            for line in pipe:
                event = json.loads(line)
                self.events.append(event)
                self._queue.put(event)
        except ValueError:  # closed under our hands
            pass
        self._queue.put(None)
