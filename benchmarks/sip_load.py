"""Far phones and a provider as cheap as can be, in a process of their own: no RTP, no parser.

    python -m benchmarks.sip_load     driven by one JSON line each way (benchmarks/signalling.py)

One UDP socket plays the provider that places calls, one plays all phones: each INVITE is answered
180 and 200 at once, each BYE 200. Answers are made of the request's own lines.
"""

import hashlib
import json
import re
import select
import socket
import sys
import time
from collections.abc import Callable

HOST = "127.0.0.1"
# A call or registration that has not come so far in this time is given up and counted as failed.
PATIENCE = 8.0

_SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 9 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
)
_TYPED = f"Content-Type: application/sdp\r\nContent-Length: {len(_SDP)}\r\n\r\n{_SDP}"
_EMPTY = "Content-Length: 0\r\n\r\n"
_COPIED = ("Via:", "From:", "To:", "Call-ID:", "CSeq:")


def line_of(text: str, name: str) -> str:
    """The value of the first header of this name."""
    at = text.find(f"\r\n{name}: ")
    return text[at + len(name) + 4 : text.find("\r\n", at + 2)] if at >= 0 else ""


def answer(text: str, status: str, tag: str, contact: str = "", body: str = _EMPTY) -> bytes:
    """A response made of the request's lines."""
    lines = [line for line in text.partition("\r\n\r\n")[0].split("\r\n") if line[:3] != "Max"]
    copied = [line for line in lines if line.startswith(_COPIED)]
    if tag:
        copied = [f"{one};tag={tag}" if one[:3] == "To:" and "tag=" not in one else one
                  for one in copied]  # fmt: skip
    head = "\r\n".join([f"SIP/2.0 {status}", *copied])
    return f"{head}\r\n{contact}{body}".encode()


class Load:
    """Both sides of every call, and the registrations."""

    def __init__(self, order: dict[str, object]) -> None:
        self.server = (HOST, int(str(order["port"])))
        self.caller = self._open(int(str(order["trunk"])))
        self.phones = self._open(0)
        self.poll = select.epoll()
        self.poll.register(self.caller.fileno(), select.EPOLLIN)
        self.poll.register(self.phones.fileno(), select.EPOLLIN)
        self.started: dict[str, float] = {}
        self.dialogs: dict[str, tuple[str, str]] = {}
        self.setups: list[float] = []
        self.done = self.failed = self.number = 0
        self.is_holding = False
        self.held: list[str] = []
        self.on_done: Callable[[], None] = lambda: None
        self.sent_at: dict[str, float] = {}

    def _open(self, port: int) -> socket.socket:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        udp.bind((HOST, port))
        return udp

    # --- calls ---

    def place(self) -> None:
        """One more call; its number stands in From, so that the called side knows it."""
        self.number += 1
        call = f"c{self.number}"
        self.started[call] = self.sent_at[str(48600000000 + self.number)] = time.perf_counter()
        self._send(call, "INVITE", f"sip:+4822123{self.number % 10 + 4560}@{HOST}", "", _TYPED)

    def _send(self, call: str, method: str, uri: str, to_tag: str, body: str) -> None:
        host, port = self.caller.getsockname()
        number = int(call[1:])
        cseq = 2 if method == "BYE" else 1
        text = (
            f"{method} {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{call}{method};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:+{48600000000 + number}@{HOST}>;tag=f{call}\r\n"
            f"To: <sip:callee@{HOST}>{to_tag}\r\nCall-ID: {call}\r\nCSeq: {cseq} {method}\r\n"
            f"Contact: <sip:caller@{host}:{port}>\r\n{body}"
        )
        self.caller.sendto(text.encode(), self.server)

    def caller_got(self, text: str) -> None:
        """A response to the provider: 200 to INVITE is acknowledged, then hung up or held."""
        call, status, method = line_of(text, "Call-ID"), text[8:11], line_of(text, "CSeq")[2:]
        if text[:8] != "SIP/2.0 " or status < "200":
            return
        if method == "BYE":
            self._end(call)
        elif status != "200":
            self.failed += call in self.started
            self._end(call)
        elif call in self.started and call not in self.dialogs:
            to = line_of(text, "To")
            contact = line_of(text, "Contact").strip("<>")
            self.dialogs[call] = (contact, to[to.find(";tag=") :])
            self._send(call, "ACK", *self.dialogs[call], _EMPTY)
            if self.is_holding:
                self.held.append(call)
                self.on_done()
            else:
                self.hang_up(call)

    def hang_up(self, call: str) -> None:
        self._send(call, "BYE", *self.dialogs[call], _EMPTY)

    def _end(self, call: str) -> None:
        if self.started.pop(call, None) is not None:
            self.dialogs.pop(call, None)
            self.done += 1
            self.on_done()

    def phone_got(self, text: str, source: tuple[str, int]) -> None:
        """A request to a phone."""
        method = text[: text.find(" ")]
        if method == "INVITE":
            found = re.search(r"\d{9,11}", line_of(text, "From"))
            number = found[0] if found else ""
            at = self.sent_at.pop(number if number[:2] == "48" else f"48{number}", None)
            if at is not None:
                self.setups.append(time.perf_counter() - at)
            contact = f"Contact: <sip:phone@{HOST}:{self.phones.getsockname()[1]}>\r\n"
            self.phones.sendto(answer(text, "180 Ringing", "p", contact), source)
            self.phones.sendto(answer(text, "200 OK", "p", contact, _TYPED), source)
        elif method == "BYE":
            self.phones.sendto(answer(text, "200 OK", ""), source)

    # --- registrations ---

    def register(self, user: str, password: str, challenge: str = "") -> None:
        host, port = self.phones.getsockname()
        self.number += 1
        credentials = ""
        if challenge:
            nonce = (re.search(r'nonce="([^"]+)"', challenge) or [""])[1]
            opaque = re.search(r'opaque="[^"]+"', challenge)
            credentials = _credentials(user, password, nonce, opaque[0] if opaque else "")
        text = (
            f"REGISTER sip:{HOST} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bKr{self.number};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{user}@{HOST}>;tag=r{self.number}\r\n"
            f"To: <sip:{user}@{HOST}>\r\nCall-ID: reg{user}\r\nCSeq: {self.number} REGISTER\r\n"
            f"Contact: <sip:{user}@{host}:{port}>\r\nExpires: 300\r\n{credentials}{_EMPTY}"
        )
        self.phones.sendto(text.encode(), self.server)

    def registered(self, text: str, password: str) -> None:
        """401: once more with credentials; 200: done."""
        user = line_of(text, "Call-ID")[3:]
        if text[8:11] == "401":
            lines = re.findall(r"WWW-Authenticate: ([^\r]*)", text)
            challenge = next(line for line in lines if "algorithm=MD5" in line)
            self.register(user, password, challenge)
            return
        self.failed += text[8:11] != "200"
        self.done += 1
        self.on_done()

    # --- the loop ---

    def run(self, is_over: Callable[[], bool], password: str = "", pause: float = 0.2) -> None:
        """Take what comes until it is over, or nothing has come for `PATIENCE`."""
        last = time.perf_counter()
        while not is_over() and time.perf_counter() - last < PATIENCE:
            for descriptor, _ in self.poll.poll(pause):
                last = time.perf_counter()
                self._drain(self.caller if descriptor == self.caller.fileno() else self.phones,
                            password)  # fmt: skip

    def _drain(self, udp: socket.socket, password: str) -> None:
        while True:
            try:
                data, source = udp.recvfrom(65535)
            except BlockingIOError:
                return
            text = data.decode()
            if udp is self.caller:
                self.caller_got(text)
            elif text.startswith("SIP/2.0"):
                if text[8:9] != "1":
                    self.registered(text, password)
            else:
                self.phone_got(text, source)


def _credentials(user: str, password: str, nonce: str, opaque: str) -> str:
    def digest(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    ha1, ha2 = digest(f"{user}:softswitch:{password}"), digest(f"REGISTER:sip:{HOST}")
    response = digest(f"{ha1}:{nonce}:00000001:abcd:auth:{ha2}")
    return (
        f'Authorization: Digest username="{user}", realm="softswitch", nonce="{nonce}", '
        f'uri="sip:{HOST}", response="{response}", algorithm=MD5, qop=auth, nc=00000001, '
        f'cnonce="abcd"{f", {opaque}" if opaque else ""}\r\n'
    )


def calls(load: Load, seconds: float, at_once: int) -> dict[str, float]:
    """As many calls as the switch takes, `at_once` being set up at any moment."""
    load.done = load.failed = 0
    end = time.perf_counter() + seconds

    def more() -> None:
        if time.perf_counter() < end:
            load.place()

    load.on_done = more
    began = time.perf_counter()
    for _ in range(at_once):
        load.place()
    load.run(lambda: not load.started)
    took = time.perf_counter() - began
    talked = load.done - load.failed
    return {"done": talked, "failed": load.failed + len(load.started), "seconds": took}


def paced(load: Load, seconds: float, rate: float) -> dict[str, list[float]]:
    """Calls at a steady rate; how long each took from INVITE to INVITE."""
    load.on_done = lambda: None
    load.setups.clear()
    began = time.perf_counter()
    for step in range(round(seconds * rate)):
        due = began + step / rate
        load.run(lambda due=due: time.perf_counter() >= due, pause=0.001)  # type: ignore[misc]
        load.place()
    load.run(lambda: not load.started or set(load.started) <= set(load.held))
    return {"setups": load.setups[:]}


def hold(load: Load, count: int) -> dict[str, int]:
    """So many calls are up and stay up."""
    load.is_holding = True
    load.held.clear()
    for _ in range(count):
        before = len(load.held)
        load.on_done = lambda: None
        load.place()
        load.run(lambda before=before: len(load.held) > before)  # type: ignore[misc]
    load.is_holding = False
    return {"held": len(load.held)}


def drop(load: Load) -> dict[str, int]:
    """Hang the held calls up."""
    load.on_done = lambda: None
    for call in load.held:
        load.hang_up(call)
    load.run(lambda: not load.started)
    load.held.clear()
    return {"left": len(load.started)}


def register(load: Load, users: dict[str, str], count: int) -> dict[str, float]:
    """Registrations one after the other, each with its 401, a few at once."""
    load.done = load.failed = 0
    names, sent = list(users), 0
    password = users[names[0]]

    def more() -> None:
        nonlocal sent
        if sent < count:
            sent += 1
            load.register(names[sent % len(names)], password)

    load.on_done = more
    began = time.perf_counter()
    for _ in range(min(len(names), 4)):
        more()
    load.run(lambda: load.done >= count, password)
    took = time.perf_counter() - began
    return {"done": load.done, "failed": load.failed, "seconds": took}


def main() -> None:
    """One order a line; the first names the ports."""
    load: Load | None = None
    orders: dict[str, Callable[..., object]] = {
        "calls": calls, "paced": paced, "hold": hold, "drop": drop, "register": register,
    }  # fmt: skip
    for line in sys.stdin:
        order = json.loads(line)
        if load is None:
            load = Load(order)
            print("{}", flush=True)
            continue
        print(json.dumps(orders[order.pop("do")](load, **order)), flush=True)


if __name__ == "__main__":
    main()
