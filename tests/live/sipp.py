"""SIPp (Debian's 3.6.1): the provider's trunk and its callers. Scenarios are made at run time.

Known of 3.6.1: `rtp_stream` takes raw payload bytes; `play_pcap_audio` needs raw sockets (root);
no TLS; one socket for many calls with `-t u1`. A trunk is authenticated by its address, so nothing
here answers a challenge but `register`.
"""

import os
from pathlib import Path

from tests.helpers import audio
from tests.live.ports import free_block, free_port, is_free
from tests.live.process import Process, until

PCAPS = Path("/usr/share/sip-tester")
PCAP_NAMES = {"*": "star", "#": "pound"}
_RTP_PORTS = 64

_HEAD = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<!DOCTYPE scenario SYSTEM "sipp.dtd">
<scenario name="{name}">
"""
_DESCRIPTION = """v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [{port}] RTP/AVP 8{events}
a=rtpmap:8 PCMA/8000
{lines}a={direction}
"""
_EVENTS = "a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\n"
_FROM = "From: <sip:[number]@[local_ip]:[local_port]>;tag=[pid]t[call_number]"
_CONTACT = "Contact: <sip:[number]@[local_ip]:[local_port];transport=[transport]>"


# --- the parts of a scenario ----------------------------------------------------------------------


def description(
    port: str = "auto_media_port", direction: str = "sendrecv", events: bool = True
) -> str:
    """An SDP. `port`: `auto_media_port` for pcap, `rtpstream_audio_port` for rtp_stream."""
    number, lines = (" 101", _EVENTS) if events else ("", "")
    return _DESCRIPTION.format(port=port, direction=direction, events=number, lines=lines)


def send(start: str, headers: list[str], body: str = "", retransmit: bool = True) -> str:
    """A <send> with its body and Content-Length."""
    lines = [start, *headers]
    if body:
        lines.append("Content-Type: application/sdp")
    lines.append(f"Content-Length: {'[len]' if body else '0'}")
    attribute = ' retrans="500"' if retransmit else ""
    text = "\n".join(lines)
    return f"<send{attribute}><![CDATA[\n{text}\n\n{body}\n]]></send>\n"


def request(method: str, cseq: int, body: str = "", extra: tuple[str, ...] = ()) -> str:
    """A request outside a dialog to [target]."""
    headers = [
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport",
        _FROM,
        "To: <sip:[target]@[remote_ip]:[remote_port]>",
        "Call-ID: [call_id]",
        f"CSeq: {cseq} {method}",
        _CONTACT,
        "Max-Forwards: 70",
        *extra,
    ]
    return send(f"{method} sip:[target]@[remote_ip]:[remote_port] SIP/2.0", headers, body)


def in_dialog(method: str, cseq: int, body: str = "") -> str:
    """A request inside the dialog that the last 200 opened."""
    headers = [
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport",
        "[routes]",
        _FROM,
        "To: <sip:[target]@[remote_ip]:[remote_port]>[peer_tag_param]",
        "Call-ID: [call_id]",
        f"CSeq: {cseq} {method}",
        _CONTACT,
        "Max-Forwards: 70",
    ]
    return send(f"{method} [next_url] SIP/2.0", headers, body, retransmit=method != "ACK")


def reply(status: str, body: str = "", has_tag: bool = True) -> str:
    """A response to the last request."""
    tag = ";tag=[pid]u[call_number]" if has_tag else ""
    headers = ["[last_Via:]", "[last_Record-Route:]", "[last_From:]", f"[last_To:]{tag}"]
    headers += ["[last_Call-ID:]", "[last_CSeq:]", _CONTACT]
    return send(f"SIP/2.0 {status}", headers, body, retransmit=status.startswith("2") and has_tag)


def response(status: int, **attributes: str) -> str:
    extra = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<recv response="{status}"{extra}/>\n'


def expect(method: str, **attributes: str) -> str:
    extra = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<recv request="{method}"{extra}/>\n'


def pause(milliseconds: int) -> str:
    return f'<pause milliseconds="{milliseconds}"/>\n'


def play(payload: Path) -> str:
    """Raw A-law bytes, for ever."""
    return f'<nop><action><exec rtp_stream="{payload},-1,8"/></action></nop>\n'


def press(digits: str) -> str:
    """RFC 4733 digits out of SIPp's own captures."""
    names = [PCAP_NAMES.get(digit, digit) for digit in digits]
    files = [PCAPS / f"dtmf_2833_{name}.pcap" for name in names]
    action = '<nop><action><exec play_pcap_audio="{}"/></action></nop>\n'
    return "".join(action.format(file) + pause(600) for file in files)


def progress() -> str:
    return "".join(response(status, optional="true") for status in (100, 180, 183))


# --- whole scenarios ------------------------------------------------------------------------------


def outgoing_call(
    talk: Path | None = None,
    digits: str = "",
    milliseconds: int = 3000,
    we_hang_up: bool = True,
    events: bool = True,
) -> str:
    """A call from the trunk: INVITE, answer, sound or digits, BYE by us or by them."""
    port = "rtpstream_audio_port" if talk else "auto_media_port"
    steps = (
        request("INVITE", 1, description(port, events=events))
        + progress()
        + response(200, rrs="true")
    )
    steps += in_dialog("ACK", 1)
    steps += play(talk) if talk else ""
    steps += pause(500) + press(digits) if digits else ""
    if we_hang_up:
        return steps + pause(milliseconds) + in_dialog("BYE", 2) + response(200)
    return steps + expect("BYE", timeout="60000") + reply("200 OK", has_tag=False)


def cancelled_call(milliseconds: int = 1000) -> str:
    """A caller who gives up while it rings."""
    cancel = [
        "[last_Via:]",
        _FROM,
        "To: <sip:[target]@[remote_ip]:[remote_port]>",
        "Call-ID: [call_id]",
        "CSeq: 1 CANCEL",
        "Max-Forwards: 70",
    ]
    steps = request("INVITE", 1, description()) + response(100, optional="true")
    steps += response(180) + pause(milliseconds)
    steps += send("CANCEL sip:[target]@[remote_ip]:[remote_port] SIP/2.0", cancel)
    ack = [*cancel[:2], "[last_To:]", "Call-ID: [call_id]", "CSeq: 1 ACK", "Max-Forwards: 70"]
    target = "ACK sip:[target]@[remote_ip]:[remote_port] SIP/2.0"
    return steps + response(200) + response(487) + send(target, ack, retransmit=False)


def answering(talk: Path | None = None, ring_milliseconds: int = 300) -> str:
    """The provider's far end: rings, answers, talks, waits for BYE."""
    port = "rtpstream_audio_port" if talk else "auto_media_port"
    steps = expect("INVITE", rrs="true") + reply("180 Ringing") + pause(ring_milliseconds)
    steps += reply("200 OK", description(port)) + expect("ACK")
    steps += play(talk) if talk else ""
    return steps + expect("BYE", timeout="60000") + reply("200 OK", has_tag=False)


def refusing(status: str = "486 Busy Here") -> str:
    """The provider's far end that refuses."""
    return expect("INVITE") + reply(status) + expect("ACK")


def options() -> str:
    return request("OPTIONS", 1) + response(200)


def registering() -> str:
    """REGISTER, its 401, REGISTER with credentials (`-au`, `-ap`)."""
    first, second = _register(1), _register(2, "[authentication]")
    challenge = response(100, optional="true") + response(401, auth="true")
    return first + challenge + second + response(200)


def _register(cseq: int, *extra: str) -> str:
    """The Request-URI names the registrar and nobody in it (RFC 3261 10.2)."""
    headers = [
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport",
        _FROM,
        "To: <sip:[number]@[remote_ip]:[remote_port]>",
        "Call-ID: [call_id]",
        f"CSeq: {cseq} REGISTER",
        _CONTACT,
        "User-Agent: SIPp",
        "Max-Forwards: 70",
        "Expires: 300",
        *extra,
    ]
    return send("REGISTER sip:[remote_ip]:[remote_port] SIP/2.0", headers)


# --- the process ----------------------------------------------------------------------------------


def can_send_pcaps() -> bool:
    """Whether `play_pcap_audio` may open a raw socket."""
    return os.geteuid() == 0


def whole(steps: str, name: str) -> str:
    """A scenario's file."""
    return _HEAD.format(name=name) + steps + "</scenario>\n"


def talk_file(folder: Path, frequency: int, seconds: float = 10.0) -> Path:
    """A-law bytes of a tone, for `play`. Whole periods, so that it repeats without a click."""
    path = folder / f"tone{frequency}.alaw"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(audio.encode(audio.tone(frequency, seconds)))
    return path


class Sipp:
    """One running scenario, bounded in time."""

    def __init__(
        self,
        scenario: str,
        server: tuple[str, int],
        folder: Path,
        *,
        number: str = "+48600100200",
        target: str = "service",
        host: str = "127.0.0.1",
        port: int = 0,
        transport: str = "u1",
        calls: int = 1,
        timeout: int = 60,
        extra: tuple[str, ...] = (),
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.media = media = free_block(_RTP_PORTS, host)
        file = folder / "scenario.xml"
        file.write_text(whole(scenario, folder.name))
        argv = ["sipp", f"{server[0]}:{server[1]}", "-sf", str(file), "-i", host, "-mi", host]
        argv += ["-t", transport, "-m", str(calls), "-nostdin", "-mp", str(media)]
        argv += ["-timeout", f"{timeout}s", "-timeout_error", "-recv_timeout", "30000"]
        argv += ["-trace_err", "-error_file", str(folder / "errors")]
        argv += ["-trace_msg", "-message_file", str(folder / "messages")]
        argv += ["-key", "number", number, "-key", "target", target]
        # Its own choice, 5060 and up, is one that another one's subscription may still lead to.
        argv += ["-p", str(port or free_port(host))]
        self.timeout, self._place = timeout, (host, port)
        self.process = Process([*argv, *extra], folder / "log", cwd=folder)

    def __enter__(self) -> "Sipp":
        host, port = self._place
        if port:  # whoever is called must listen before the call comes
            until(lambda: not is_free(host, port), "sipp does not listen")
        return self

    def __exit__(self, *_: object) -> None:
        self.process.end(1.0)

    @property
    def errors(self) -> str:
        return self._text("errors")

    @property
    def messages(self) -> str:
        """Every message sent and received."""
        return self._text("messages")

    def wait(self) -> None:
        """Wait for its end, which must be a success."""
        code = self.process.wait(self.timeout + 10)
        assert code == 0, f"sipp: {code}\n{self.errors[-2000:]}\n{self.messages[-20000:]}"

    def _text(self, name: str) -> str:
        path = self.folder / name
        return path.read_text(errors="replace") if path.exists() else ""
