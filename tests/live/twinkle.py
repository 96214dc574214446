"""Twinkle (Debian's twinkle-console 1.10.2) without sound hardware, by its console.

It reads commands on standard input and tells what happens on standard output; every SIP message
stands in `~/.twinkle/twinkle.log`. Sound it has none here (ALSA's null device): what it did is its
signalling, and the sound is that of the phones beside it.

Seen in 1.10.2: the only argument is the name of a profile's file; its Contact and SDP have the
address of the interface by which the proxy is reached.
"""

import subprocess
import threading
from pathlib import Path

from tests.live.ports import free_block
from tests.live.process import Process, until

_PROFILE = """\
user_name={user}
user_domain={server}
auth_name={user}
auth_pass={password}
outbound_proxy={server}
all_requests_to_proxy=yes
registrar={server}
register_at_startup=yes
registration_time=60
sip_transport=udp
codecs=g711a
hold_variant={hold}
dtmf_transport={keys}
"""
_SYSTEM = """\
dev_ringtone=alsa:null
dev_speaker=alsa:null
dev_mic=alsa:null
validate_audio_dev=no
sip_port={sip}
rtp_port={rtp}
play_ringtone=no
play_ringback=no
"""


class Twinkle:
    """One process with one account."""

    def __init__(
        self,
        user: str,
        server: str,
        folder: Path,
        *,
        password: str,
        hold: str = "rfc3264",
        keys: str = "auto",
    ) -> None:
        """`server` is host:port; `hold`: `rfc3264` (sendonly) or `rfc2543` (0.0.0.0); `keys`: how
        it tells them, `rfc2833`, `inband` (as tones, which it makes itself) or `info`.
        """
        self.user = user
        base = free_block(16)
        home = folder / f"twinkle-{user}-{base}"
        settings = home / ".twinkle"
        settings.mkdir(parents=True)
        profile = _PROFILE.format(user=user, server=server, password=password, hold=hold, keys=keys)
        (settings / "phone.cfg").write_text(profile)
        (settings / "twinkle.sys").write_text(_SYSTEM.format(sip=base, rtp=base + 2))
        self._log = settings / "twinkle.log"
        self._told = ""
        self.process = Process(
            ["twinkle-console", "phone.cfg"], home / "log", {"HOME": str(home)}, home, True
        )
        self._reader = threading.Thread(target=self._listen, name=f"twinkle {user}", daemon=True)
        self._reader.start()

    def __enter__(self) -> "Twinkle":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait_registered(self) -> None:
        self.wait("registration succeeded")

    def dial(self, target: str) -> None:
        self._command(f"call {target}")

    def answer(self) -> None:
        """The call that rings; waits for it."""
        self.wait("incoming call")
        self._command("answer")

    def hold(self) -> None:
        self._command("hold")

    def resume(self) -> None:
        self._command("retrieve")

    def press(self, keys: str) -> None:
        self._command(f"dtmf {keys}")

    def hang_up(self) -> None:
        self._command("bye")

    def wait(self, text: str, times: int = 1) -> None:
        """Until its console has said this so often."""
        until(lambda: self._told.count(text) >= times, f"{self.user}: {text}; it told {self._told}")

    @property
    def messages(self) -> str:
        """Its whole log, with each SIP message."""
        return self._log.read_text(errors="replace")

    def close(self) -> None:
        """Quit (which un-registers); SIGKILL when it does not."""
        try:
            self._command("quit")
            self.process.child.wait(5.0)
        except (OSError, subprocess.TimeoutExpired):
            pass
        self.process.end(1.0)
        self._reader.join(5.0)

    def _command(self, line: str) -> None:
        pipe = self.process.child.stdin
        assert pipe is not None
        pipe.write(f"{line}\n".encode())
        pipe.flush()

    def _listen(self) -> None:
        pipe = self.process.child.stdout
        assert pipe is not None
        try:
            while data := pipe.read1(65536):  # type: ignore[attr-defined]
                self._told += data.decode(errors="replace")
        except ValueError:  # closed under our hands
            pass
