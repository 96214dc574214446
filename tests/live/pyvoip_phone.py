"""pyVoIP 1.6.8 as a desk phone, in a process of its own (its threads and sockets stay there).

The test talks to it in JSON lines: commands on standard input, events on standard output. It speaks
PCMU only, answers an INVITE about a second after it came, and keeps what it hears.

It is called and never calls: its own INVITE takes a 100 for success and so never answers the 401
behind it, repeats the branch, and signs another URI than it sends. It registers with MD5 without
qop (RFC 2069), so the server must be told to accept that.

This file is both sides: `PyVoipPhone` for the test, `main()` for the process.
"""

import json
import queue
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from tests.helpers import audio
from tests.live.ports import free_block, free_port
from tests.live.process import Process

_FRAME = 160


class PyVoipPhone:
    """The test's side: start, `wait_event`, `hang_up`, `heard`."""

    def __init__(
        self,
        user: str,
        server: tuple[str, int],
        folder: Path,
        password: str,
        *,
        say: int = 1000,
        answers: bool = True,
    ) -> None:
        self.folder = folder / f"pyvoip-{user}"
        self.user, self.events = user, []
        self._queue: queue.Queue[dict[str, Any]] = queue.Queue()
        rtp = free_block(16)
        settings = {
            "server": server[0],
            "port": server[1],
            "user": user,
            "password": password,
            "sip_port": free_port(),
            "rtp_low": rtp,
            "rtp_high": rtp + 15,
            "say": say,
            "answers": answers,
            "heard": str(self.folder / "heard.wav"),
        }
        argv = [sys.executable, "-W", "ignore", "-m", __name__, json.dumps(settings)]
        self.process = Process(argv, self.folder / "log", with_pipes=True)
        self._reader = threading.Thread(target=self._read, name=f"pyvoip {user}", daemon=True)
        self._reader.start()

    def __enter__(self) -> "PyVoipPhone":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait_event(self, kind: str, timeout: float = 20.0) -> dict[str, Any]:
        """The next event of a kind: registered, incoming, ended."""
        end = time.monotonic() + timeout
        while True:
            try:
                event = self._queue.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                seen = [event["event"] for event in self.events]
                raise TimeoutError(f"{kind}; seen {seen}\n{self.process.text[-3000:]}") from None
            if event["event"] == kind:
                return event

    def wait_registered(self, timeout: float = 20.0) -> None:
        self.wait_event("registered", timeout)

    def hang_up(self) -> None:
        self._send(command="hangup")

    def heard(self) -> np.ndarray:
        """What it heard in its last call, once `ended` came."""
        return audio.read_mono(self.folder / "heard.wav")

    def close(self) -> None:
        if self.process.is_alive:
            self._send(command="quit")
            end = time.monotonic() + 5
            while self.process.is_alive and time.monotonic() < end:
                time.sleep(0.05)
        if self.process.is_alive:
            self.process.child.kill()
        self._reader.join(5)
        self.process.wait(5)

    def _send(self, **command: object) -> None:
        assert self.process.child.stdin
        try:
            self.process.child.stdin.write(json.dumps(command).encode() + b"\n")
            self.process.child.stdin.flush()
        except BrokenPipeError:
            return  # it ended already

    def _read(self) -> None:
        assert self.process.child.stdout
        for line in self.process.child.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                continue  # pyVoIP prints as well
            self.events.append(event)
            self._queue.put(event)


# --- the process ----------------------------------------------------------------------------------


def _say(event: str, **data: object) -> None:
    sys.stdout.write(json.dumps({"event": event, **data}) + "\n")
    sys.stdout.flush()


class _Phone:
    """pyVoIP's phone with a tone for a voice."""

    def __init__(self, settings: dict[str, Any]) -> None:
        from pyVoIP.VoIP import VoIPPhone

        self.settings = settings
        self.call: Any = None
        wave = audio.tone(settings["say"], 1.0, amplitude=60.0).astype(np.int32) + 128
        self._voice = wave.astype(np.uint8).tobytes()  # linear, unsigned, 8 bits
        self.phone = VoIPPhone(
            settings["server"],
            settings["port"],
            settings["user"],
            settings["password"],
            myIP="127.0.0.1",
            callCallback=self._incoming,
            sipPort=settings["sip_port"],
            rtpPortLow=settings["rtp_low"],
            rtpPortHigh=settings["rtp_high"],
        )

    def start(self) -> None:
        self.phone.start()
        end = time.monotonic() + 15
        while self.phone.get_status().value != "REGISTERED" and time.monotonic() < end:
            time.sleep(0.05)
        _say(self.phone.get_status().value.lower())

    def hang_up(self) -> None:
        if self.call is not None:
            self.call.hangup()

    def _incoming(self, call: Any) -> None:
        _say("incoming", caller=call.request.headers["From"]["number"])
        if not self.settings["answers"]:
            return
        call.answer()
        self._talk(call)

    def _talk(self, call: Any) -> None:
        """Send the tone and keep what is heard until the call ends."""
        from pyVoIP.VoIP import CallState

        self.call = call
        heard = bytearray()
        while call.state == CallState.ANSWERED:
            call.write_audio(self._voice[: _FRAME * 5])
            for _ in range(5):  # pyVoIP's reading sleeps 20 ms a frame
                heard += call.read_audio(_FRAME, blocking=False)
                time.sleep(0.02)
        samples = (np.frombuffer(bytes(heard), np.uint8).astype(np.int32) - 128) * 256
        audio.write_wav(Path(self.settings["heard"]), samples.astype(np.int16))
        _say("ended")


def main() -> None:
    """Run one phone until `quit` or the end of standard input."""
    phone = _Phone(json.loads(sys.argv[1]))
    phone.start()
    for line in sys.stdin:
        command = json.loads(line)
        if command["command"] == "hangup":
            phone.hang_up()
        else:
            break
    threading.Thread(target=phone.phone.stop, daemon=True).start()
    time.sleep(0.5)  # long enough for BYE and un-REGISTER to leave
    import os

    os._exit(0)  # its threads do not end by themselves


if __name__ == "__main__":
    main()
