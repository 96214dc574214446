"""One SIP stack to which messages are handed by hand, typed as text."""

from __future__ import annotations

from itertools import count

from softswitch.sip.message import Response, parse_message
from softswitch.sip.stack import Flow, Send, Stack, StackConfig, Transport


def raw(text: str) -> bytes:
    """A message typed by hand: newlines become CRLF, an empty line ends the headers."""
    return text.strip("\n").replace("\n", "\r\n").encode() + b"\r\n\r\n"


PHONE = Flow(Transport.UDP, ("192.0.2.2", 5060), ("192.0.2.1", 5060))


class Desk:
    """One stack to which messages are handed by hand."""

    def __init__(self, config: StackConfig | None = None) -> None:
        tokens = count(1)
        self.stack = Stack(config or StackConfig(), token=lambda: f"token{next(tokens)}")
        self.now = 0.0

    def feed(self, data: bytes, flow: Flow = PHONE) -> list[object]:
        self.stack.receive(data, flow, self.now)
        return list(self.stack.take())

    def reply(self, data: bytes, flow: Flow = PHONE) -> Response | None:
        """The response that this message gets at once, a 100 left out."""
        for output in self.feed(data, flow):
            if isinstance(output, Send):
                response = parse_message(output.data)
                assert isinstance(response, Response)
                if response.status > 100:
                    return response
        return None


def text(
    method: str = "OPTIONS",
    uri: str = "sip:desk@192.0.2.2",
    branch: str | None = "z9hG4bK1",
    to_tag: str = "",
    cseq: int = 1,
    via: str = "192.0.2.1:5060",
    extra: str = "",
    version: str = "SIP/2.0",
) -> bytes:
    lines = [
        f"{method} {uri} {version}",
        f"Via: SIP/2.0/UDP {via}" + (f";branch={branch}" if branch else ""),
        "Max-Forwards: 70",
        "From: <sip:phone@192.0.2.1>;tag=from1",
        "To: <sip:desk@192.0.2.2>" + (f";tag={to_tag}" if to_tag else ""),
        "Call-ID: c1",
        f"CSeq: {cseq} {method}",
        "Contact: <sip:phone@192.0.2.1:5060>",
    ]
    lines += [extra] if extra else []
    return raw("\n".join(lines))
