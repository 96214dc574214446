"""linphone (Debian's linphonec 5.1, package linphone-cli) without sound hardware, by its console.

It reads commands on standard input and tells what happens on standard output, in sentences that
begin with "Call 1 ...". With `soundcard use files` it needs no sound system at all: it talks from a
WAV file and writes what it hears into another one.

Seen in 5.1.65: its Contact is the GRUU of the 200 to REGISTER, where there is one; header names are
`Record-route:`; a digit alone on a line is a key (RFC 4733); who answers "is typing" and "was read"
are MESSAGEs of their own (`application/im-iscomposing+xml`, `message/imdn+xml`).
"""

import re
import subprocess
import threading
import time
from pathlib import Path

import numpy as np

from tests.helpers import audio
from tests.live.hearing import Hearing
from tests.live.ports import free_block
from tests.live.process import Process, until

_RTP_PORTS = 16
_TALK_SECONDS = 120.0
# Its file recorder writes the header at the end; until then its log tells the rate.
_HEADER = 44
_RECORDS_AT = re.compile(r"-->MSFileRec:\S+ from rate \[\d+\] to rate \[(\d+)\]")
# Its chat forgets the port of an address, so addresses have a domain, and the route leads.
DOMAIN = "kancelaria.example"
_ECHOED = 40
_REGISTERED = "to [LinphoneRegistrationOk]"

_RC = """\
[sip]
sip_port={udp}
sip_tcp_port={tcp}
sip_tls_port={tls}
bind_address=127.0.0.1
guess_hostname=0
use_ipv6=0
use_info={info}
use_rfc2833={rfc2833}
verify_server_certs={verify}
verify_server_cn=0
root_ca={ca}
inc_timeout=60
keepalive_period=0
ping_with_options=0
publish_presence=0
default_proxy=0
{more}
register_only_when_network_is_up=0
auto_net_state_mon=1

[net]
dns_srv_enabled=0
mtu=1300
firewall_policy=0
force_ice_disablement=1

[rtp]
audio_rtp_port={rtp}-{rtp_high}
rtcp_xr_enabled=1
rtcp_xr_voip_metrics_enabled=1
rtcp_xr_stat_summary_enabled=1
rtcp_xr_rcvr_rtt_mode=all
rtcp_xr_rcvr_rtt_max_size=10000

[sound]
echocancellation=0

[video]
enabled=0

[misc]
log_collection=0

[auth_info_0]
username={user}
passwd={password}

{codecs}
[proxy_0]
reg_identity=sip:{user}@{domain}
reg_proxy=<sip:{server};transport={transport}>
reg_route=<sip:{server};transport={transport};lr>
reg_expires={expires}
reg_sendregister=1
publish=0
"""


# What stops the ones that are not wished: linphone adds what its file does not name.
_ALL_CODECS = ("opus/48000/2", "speex/16000", "speex/8000", "speex/32000", "PCMU/8000")
_ALL_CODECS += ("PCMA/8000", "GSM/8000", "G722/8000", "iLBC/8000", "L16/44100/2", "L16/44100")
_ALL_CODECS += ("BV16/8000",)


def _codec_sections(wished: tuple[str, ...]) -> str:
    """All that it knows, the wished ones first and the others switched off; "": its choice."""
    if not wished:
        return ""
    names = (*wished, *(one for one in _ALL_CODECS if one not in wished))
    sections = []
    for number, name in enumerate(names):
        mime, rate, *channels = name.split("/")
        count = channels[0] if channels else 1
        head = f"[audio_codec_{number}]\nmime={mime}\nrate={rate}\nchannels={count}"
        sections.append(f"{head}\nenabled={int(name in wished)}\n")
    return "\n".join(sections)


class Linphone(Hearing):
    """One process with one account: a softphone."""

    def __init__(
        self,
        user: str,
        server: str,
        folder: Path,
        *,
        password: str = "secret",
        domain: str = DOMAIN,
        transport: str = "udp",
        say: int = 440,
        expires: int = 60,
        ca_file: Path | None = None,
        keys_by_info: bool = False,
        auto_answer: bool = False,
        sip: tuple[str, ...] = (),
        codecs: tuple[str, ...] = (),
        rate: int = audio.RATE,
    ) -> None:
        """`codecs`: `G722/8000`, `opus/48000/2`, and no others; none: its own choice.

        `server` is host:port, of the switch or of a proxy before it; `domain`: of addresses;
        `sip`: more lines of that section of its settings."""
        self.user, self.domain = user, domain
        base = free_block(4 + _RTP_PORTS)
        # The port, because the same account may come back with another process.
        self.folder = folder / f"linphone-{user}-{base}"
        (self.folder / ".local/share/linphone").mkdir(parents=True)
        self._heard, self._trace = self.folder / "heard.wav", self.folder / "trace"
        ports = {name: base + at for at, name in enumerate(("udp", "tcp", "tls"))}
        self.rtp_ports = range(base + 4, base + 4 + _RTP_PORTS)
        only = {name: port if name == transport else 0 for name, port in ports.items()}
        rc = _RC.format(
            user=user,
            password=password,
            domain=self.domain,
            server=server,
            transport=transport,
            expires=expires,
            info=int(keys_by_info),
            rfc2833=int(not keys_by_info),
            verify=int(ca_file is not None),
            ca=ca_file or "",
            more="\n".join(sip),
            codecs=_codec_sections(codecs),
            rtp=self.rtp_ports[0],
            rtp_high=self.rtp_ports[-1],
            **only,
        )
        (self.folder / "rc").write_text(rc)
        said = audio.tone(say, _TALK_SECONDS, rate=rate)
        audio.write_wav(self.folder / "talk.wav", said, rate)
        self._output, self._read_to = "", 0
        self._news = threading.Condition()
        self._is_closed = False
        home = str(self.folder)
        self.process = Process(
            ["linphonec", "-c", str(self.folder / "rc"), "-d", "6", "-l", str(self._trace)],
            self.folder / "log",
            env={"HOME": home, "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": f"{home}/.local/share"},
            cwd=self.folder,
            with_pipes=True,
        )
        self._reader = threading.Thread(target=self._listen, name=f"linphone {user}", daemon=True)
        self._reader.start()
        try:
            self.command("soundcard use files", "record heard.wav", "play talk.wav")
            if auto_answer:
                self.command("autoanswer enable")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Linphone":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- what a phone does ---

    def command(self, *lines: str) -> None:
        """Type lines, each when it took the one before; what comes of them is for `wait`."""
        assert self.process.child.stdin
        for line in lines:
            before = len(self._output)
            self.process.child.stdin.write(f"{line}\n".encode())
            self.process.child.stdin.flush()
            # What it echoes of a long line is broken by its idea of the screen's width.
            echo = line[:_ECHOED]
            until(lambda at=before, text=echo: text in self._output[at:], f"{self.user}: {line}")

    def wait_registered(self, timeout: float = 60.0) -> None:
        """Wait until the registrar said 200. It makes its databases first; on a disk that others
        kept busy that has taken more than 20 s."""
        # The console says nothing of it.
        try:
            until(lambda: _REGISTERED in self.trace(None), f"{self.user} registers", timeout)
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self.trace()}") from None

    def dial(self, target: str) -> None:
        uri = target if target.startswith("sip:") else f"sip:{target}@{self.domain}"
        self.command(f"call {uri}")

    def answer(self) -> None:
        """The call that rings; it wants its number as soon as it has another one."""
        numbers = re.findall(r"assigned id (\d+)", self._output)
        assert numbers, f"{self.user}: nothing rings"
        self.command(f"answer {numbers[-1]}")

    def hang_up(self) -> None:
        """End the call, or refuse it while it rings."""
        self.command("terminate")

    def hold(self) -> None:
        self.command("pause")

    def resume(self, call: int = 1) -> None:
        self.command(f"resume {call}")

    def transfer(self, target: str) -> None:
        """Blind: REFER of the current call."""
        self.command(f"transfer sip:{target}@{self.domain}")

    def transfer_to_call(self, first: int, second: int) -> None:
        """Attended: REFER with Replaces, of one call to another one."""
        self.command(f"transfer {first} --to-call {second}")

    def press(self, digits: str) -> None:
        for digit in digits:
            self.command(digit)

    def write(self, target: str, text: str) -> None:
        """A text message (RFC 3428)."""
        self.command(f"chat sip:{target}@{self.domain} {text}")

    def wait(self, pattern: str, timeout: float = 20.0) -> re.Match[str]:
        """The next place in what it told that matches; what stands before is passed over."""
        end = time.monotonic() + timeout
        with self._news:
            while True:
                found = re.compile(pattern).search(self._output, self._read_to)
                if found:
                    self._read_to = found.end()
                    return found
                left = end - time.monotonic()
                if left <= 0 or not self._news.wait(left):
                    told = self._output[self._read_to :]
                    raise TimeoutError(f"{self.user}: no {pattern!r}; it told {told!r}")

    def wait_incoming(self, timeout: float = 20.0) -> re.Match[str]:
        return self.wait(r"Receiving new incoming call from (?P<who>.*), assigned id \d+", timeout)

    def wait_established(self, timeout: float = 20.0) -> None:
        self.wait(r"Call \d+ with .* connected", timeout)

    def wait_closed(self, timeout: float = 20.0) -> None:
        self.wait(r"Call \d+ with .* ended|Call \d+ .*error", timeout)

    def heard(self) -> np.ndarray:
        """What it heard, of all its calls, one after the other."""
        samples, rate = self.heard_wide()
        assert rate % audio.RATE == 0, rate
        return samples[:: rate // audio.RATE]

    def heard_wide(self) -> tuple[np.ndarray, int]:
        """The same with the rate of its recording."""
        until(self._is_recorded, f"{self.user}: its recording is closed")
        samples, rate = audio.read_wav(self._heard)
        return samples[:, 0], rate

    def hearing(self) -> tuple[np.ndarray, int]:
        """Of all its calls: what follows the header, which is empty as long as it records."""
        rates = _RECORDS_AT.findall(self.trace(None))
        octets = self._heard.read_bytes()[_HEADER:] if self._heard.exists() else b""
        samples = np.frombuffer(octets[: len(octets) // 2 * 2], np.int16)
        return samples, int(rates[-1]) if rates else audio.RATE

    @property
    def messages(self) -> str:
        """Its whole log, with each SIP message."""
        return self.trace(None)

    def trace(self, last: int | None = 6000) -> str:
        """The end of its log, or all of it; SIP messages included."""
        text = self._trace.read_text(errors="replace") if self._trace.exists() else ""
        return text if last is None else text[-last:]

    def close(self) -> None:
        """Quit (which un-registers); SIGKILL when it does not. More than once is harmless."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            self.command("quit")
            self.process.child.wait(5.0)
        except (OSError, TimeoutError, subprocess.TimeoutExpired):
            self.process.child.kill()
        self._reader.join(5)
        self.process.wait(5)

    # --- inside ---

    def _is_recorded(self) -> bool:
        """The header is written last."""
        return self._heard.exists() and self._heard.read_bytes()[:4] == b"RIFF"

    def _listen(self) -> None:
        assert self.process.child.stdout
        while data := self.process.child.stdout.read1(65536):  # type: ignore[attr-defined]
            with self._news:
                self._output += data.decode(errors="replace")
                self._news.notify_all()
