"""baresip (Debian's 1.0.0) without sound hardware, driven over its ctrl_tcp module.

ctrl_tcp speaks netstrings of JSON, `LEN:{...},`: a command `{"command", "params", "token"}`, its
response `{"response": true, "ok", "data", "token"}`, and events `{"event": true, "type", ...}`.

It talks from a WAV file and writes what it hears to `dump-*-dec.wav` (module sndfile).
Seen in 1.0.0: `net_interface` takes an address; events before ctrl_tcp was connected are lost, so
the registration is asked for; the player must be `aubridge,nil` (no device, no thread).
"""

import json
import re
import shutil
import socket
import subprocess
import tempfile
import time
import weakref
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from tests.helpers import audio
from tests.live.hearing import Hearing
from tests.live.namespace import Namespace
from tests.live.ports import free_block, free_port
from tests.live.process import Process, until

_MODULES = ("g711", "sndfile", "aufile", "aubridge")
_APPLICATIONS = ("menu", "debug_cmd", "contact", "ctrl_tcp")
_RTP_PORTS = 16
_TALK_SECONDS = 120.0  # aufile stops at its end, so it lasts longer than any test

_CONFIG = """\
poll_method       epoll
sip_listen        {host}:{sip_port}
{tls}
call_local_timeout 120
call_max_calls    8
audio_player      aubridge,nil
audio_source      aufile,{talk}
audio_alert       aubridge,nil
ausrc_srate       {rate}
ausrc_channels    1
auplay_srate      {rate}
auplay_channels   1
ausrc_format      s16
auplay_format     s16
auenc_format      s16
audec_format      s16
audio_buffer      20-160
rtp_ports         {rtp_low}-{rtp_high}
rtcp_mux          no
jitter_buffer_delay 1-4
rtp_stats         yes
net_interface     {host}
module_path       /usr/lib/baresip/modules
{modules}
module_tmp        account.so
{applications}
ctrl_tcp_listen   {host}:{control_port}
snd_path          {sounds}
ringback_disabled yes
menu_bell         no
"""


class Baresip(Hearing):
    """One process with one account: a desk phone."""

    def __init__(
        self,
        user: str,
        server: str | None,
        folder: Path,
        *,
        password: str = "secret",
        transport: str = "udp",
        say: int = 440,
        codec: str = "pcma",
        register_every: int = 60,
        ca_file: Path | None = None,
        account: str = "",
        modules: tuple[str, ...] = (),
        applications: tuple[str, ...] = (),
        contacts: tuple[str, ...] = (),
        network: Namespace | None = None,
        instance: str = "00000000-0000-0000-0000-000000000000",
        rate: int = audio.RATE,
        certificate: Path | None = None,
        host: str = "127.0.0.1",
        sip_port: int | None = None,
    ) -> None:
        """`server` is host:port; None registers nowhere and calls directly.

        `account`: more account parameters, `;answermode=auto`. `modules` come before the usual
        ones (mwi must be first), `applications` after them; `contacts`: lines of its book. In a
        `network` of its own the phone announces an address that nobody outside can reach.
        `certificate`: with its key, of its own TLS port, which is the one above `sip_port`.
        """
        self.user, self.server, self.network = user, server, network
        self.host = network.address if network else host
        self.sip_port = sip_port or free_block(2)  # TLS listens on the port above
        # The port, because the same account may come back with another process.
        self.folder = folder / f"baresip-{user}-{self.sip_port}"
        self.folder.mkdir(parents=True)
        # baresip has 128 octets for the path of what it writes down, and cuts the rest off.
        self._sounds = Path(tempfile.mkdtemp(prefix="heard"))
        weakref.finalize(self, shutil.rmtree, self._sounds, ignore_errors=True)
        self.control_port = free_port()
        rtp = free_block(_RTP_PORTS)
        said = audio.tone(say, _TALK_SECONDS, rate=rate)
        talk = audio.write_wav(self.folder / "talk.wav", said, rate)
        config = _CONFIG.format(
            host=self.host,
            sip_port=self.sip_port,
            control_port=self.control_port,
            tls="\n".join(
                f"{name} {file}"
                for name, file in (("sip_cafile", ca_file), ("sip_certificate", certificate))
                if file
            ),
            talk=talk,
            rate=rate,
            rtp_low=rtp,
            rtp_high=rtp + _RTP_PORTS - 1,
            modules="\n".join(f"module {name}.so" for name in (*modules, *_MODULES)),
            applications="\n".join(
                f"module_app {name}.so" for name in (*_APPLICATIONS, *applications)
            ),
            sounds=self._sounds,
        )
        (self.folder / "config").write_text(config)
        home = server or f"{self.host}:{self.sip_port}"
        way_out = f';outbound="sip:{server};transport={transport}"' if server else ""
        (self.folder / "accounts").write_text(
            f"<sip:{user}@{home};transport={transport}>;auth_user={user};auth_pass={password}"
            f"{way_out};regint={register_every if server else 0};audio_codecs={codec}{account}\n"
        )
        (self.folder / "contacts").write_text("".join(f"{line}\n" for line in contacts))
        (self.folder / "uuid").write_text(instance)
        self.events: list[dict[str, Any]] = []
        self._unread: deque[dict[str, Any]] = deque()
        self._buffer = b""
        self._token = 0
        argv = ["baresip", "-4", "-f", str(self.folder), "-p", "/nonexistent", "-s"]
        self.process = Process(network.argv(argv) if network else argv, self.folder / "log")
        try:
            self._control = self._connect()
        except BaseException:
            self.process.kill()
            raise

    def __enter__(self) -> "Baresip":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- what a phone does ---

    def wait_registered(self, timeout: float = 20.0) -> None:
        """Wait until the registrar said 200."""
        until(self._is_registered, f"{self.user} registers\n{self.process.text[-3000:]}", timeout)

    def dial(self, uri: str) -> None:
        self.command("dial", uri)

    def answer(self) -> None:
        self.command("accept")

    def hang_up(self) -> None:
        """End the call, or refuse it while it rings."""
        self.command("hangup")

    def hold(self) -> None:
        self.command("hold")

    def resume(self) -> None:
        self.command("resume")

    def transfer(self, target: str) -> None:
        """Blind: REFER of the current call."""
        self.command("transfer", f"sip:{target}@{self.server}")

    def press(self, digits: str) -> None:
        """RFC 4733 digits."""
        for digit in digits:
            self.command("sndcode", digit)
            time.sleep(0.25)  # the module knows no queue of digits

    def wait_event(self, *types: str, timeout: float = 20.0) -> dict[str, Any]:
        """The next event of one of these types; earlier ones of other types are passed over."""
        end = time.monotonic() + timeout
        while True:
            while self._unread:
                event = self._unread.popleft()
                if event["type"] in types:
                    return event
            if not self._read(end - time.monotonic()):
                seen = [event["type"] for event in self.events]
                raise TimeoutError(f"{self.user}: none of {types}; seen {seen}\n{self.trace()}")

    def wait_incoming(self, timeout: float = 20.0) -> dict[str, Any]:
        return self.wait_event("CALL_INCOMING", timeout=timeout)

    def wait_established(self, timeout: float = 20.0) -> dict[str, Any]:
        return self.wait_event("CALL_ESTABLISHED", timeout=timeout)

    def wait_closed(self, timeout: float = 20.0) -> dict[str, Any]:
        return self.wait_event("CALL_CLOSED", timeout=timeout)

    @property
    def digits(self) -> str:
        """Digits received so far (events that were read)."""
        return "".join(e["param"] for e in self.events if e["type"] == "CALL_DTMF_START")

    def heard(self, call: int = -1) -> np.ndarray:
        """What it heard in its last (or n-th) call; complete after the call is closed."""
        return audio.read_mono(self._dumps()[call])

    def heard_wide(self) -> tuple[np.ndarray, int]:
        """The same with its rate, which is the codec's."""
        samples, rate = audio.read_wav(self._dumps()[-1])
        return samples[:, 0], rate

    def hearing(self) -> tuple[np.ndarray, int]:
        """Of its last call; libsndfile reads a WAV that nobody closed up to its end."""
        try:
            return self.heard_wide()
        except (AssertionError, soundfile.LibsndfileError):
            return np.zeros(0, np.int16), audio.RATE

    def _dumps(self) -> list[Path]:
        files = sorted(self._sounds.glob("dump-*-dec*.wav"), key=lambda path: path.stat().st_mtime)
        assert files, f"{self.user} recorded nothing\n{self.trace()}"
        return files

    @property
    def messages(self) -> str:
        """Its whole log, with each SIP message."""
        return self.process.text

    def trace(self, last: int = 4000) -> str:
        """The end of its log, SIP trace included."""
        return self.process.text[-last:]

    def close(self) -> None:
        """Quit (which un-registers); SIGKILL when it does not."""
        if self.process.is_alive:
            try:
                self.command("quit", timeout=2.0)
                self.process.wait(5.0)
            except (OSError, TimeoutError, RuntimeError, subprocess.TimeoutExpired):
                pass
        self._control.close()
        self.process.end(2.0)

    def kill(self) -> None:
        """Gone without a word, as a phone whose plug was pulled."""
        self._control.close()
        self.process.kill()

    # --- the control connection ---

    def tell(self, command: str, params: str = "") -> str:
        """Give a command without waiting for what it says: the token that this will bear."""
        self._token += 1
        token = str(self._token)
        body = json.dumps({"command": command, "params": params, "token": token}).encode()
        self._control.sendall(b"%d:%s," % (len(body), body))
        return token

    def command(self, command: str, params: str = "", timeout: float = 10.0) -> str:
        """Run one command and return its text."""
        token = self.tell(command, params)
        end = time.monotonic() + timeout
        while message := self._read(end - time.monotonic()):
            if message.get("response") and message.get("token") == token:
                return str(message.get("data", ""))
        raise TimeoutError(f"{self.user}: no answer to {command}\n{self.trace()}")

    def _is_registered(self) -> bool:
        state = next(iter(json.loads(self.command("apistate"), strict=False).values()))
        registration = state["registration"]
        return bool(registration.get("state") and registration.get("code") == 200)

    def _connect(self) -> socket.socket:
        found: list[socket.socket] = []

        def attempt() -> bool:
            assert self.process.is_alive, f"baresip ended:\n{self.trace()}"
            try:
                found.append(self._dial_control())
            except OSError:
                return False
            return True

        until(attempt, f"baresip {self.user} starts")
        return found[0]

    def _dial_control(self) -> socket.socket:
        if self.network:
            return self.network.connect(self.control_port)
        return socket.create_connection((self.host, self.control_port), 1.0)

    def _read(self, timeout: float) -> dict[str, Any] | None:
        """The next message, None when the time is up. Events are kept."""
        end = time.monotonic() + timeout
        while (message := self._next_message()) is None:
            left = end - time.monotonic()
            if left <= 0:
                return None
            self._control.settimeout(left)
            try:
                data = self._control.recv(65536)
            except TimeoutError:
                return None
            if not data:
                raise RuntimeError(f"{self.user}: baresip closed its control connection")
            self._buffer += data
        if message.get("event"):
            self.events.append(message)
            self._unread.append(message)
        return message

    def _next_message(self) -> dict[str, Any] | None:
        head = re.match(rb"(\d+):", self._buffer)
        if not head or len(self._buffer) <= head.end() + int(head[1]):
            return None
        start, length = head.end(), int(head[1])
        text = self._buffer[start : start + length].decode(errors="replace")
        self._buffer = self._buffer[start + length + 1 :]
        return json.loads(text, strict=False)
