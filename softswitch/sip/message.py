"""SIP messages: start line, header, body (RFC 3261 7, 8.1.1, 8.2.6, 18.3).

    data ── parse_message ──> Request | Response ── to_bytes ──> data

Reading is strict where a wrong guess could lose a call or let one in, lax where phones are known to
be. A message that came out of `parse_message` can be answered: its Via, From, To, Call-ID and CSeq
were read. All other typed views are read when they are asked for, raise ParseError then, and are
kept until their field changes. What nobody touches leaves octet by octet as it came.

Text is UTF-8; octets that are not stay in it as lone surrogates and leave as they came.
It must not know transactions, nor what a method or status means beyond the RFC's copying rules.
"""

from __future__ import annotations

import re

from softswitch.sip.errors import ParseError
from softswitch.sip.fields import Headers, has_stray_control
from softswitch.sip.grammar import TOKEN, digits, is_token, split_list
from softswitch.sip.headers import ContactList, CSeq, NameAddr, Via, parse_list
from softswitch.sip.names import reason_phrase
from softswitch.sip.uri import MAX_URI, OtherUri, Uri, parse_uri

__all__ = ["Headers", "Message", "Request", "Response", "answerable", "parse_message"]

MAX_MESSAGE = 65_535
"""Octets: as much as a UDP datagram can say it has, and no stream gets more."""

VERSION = "SIP/2.0"

_COPIED = frozenset({"Via", "From", "To", "Call-ID", "CSeq"})
"""RFC 3261 8.2.6.2: what a response takes from its request."""

_ONCE = frozenset({"From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Length"})
"""Several of them are answered 400 (RFC 4475 3.3.8, 3.3.9)."""

_REQUEST_LINE = re.compile(rf"({TOKEN}++) (\S++) SIP/2\.0", re.IGNORECASE)
_STATUS_LINE = re.compile(r"SIP/2\.0 ([1-6][0-9]{2})(?: (.*+))?", re.IGNORECASE)
_OTHER_VERSION = re.compile(r"SIP/[0-9]+\.[0-9]+", re.IGNORECASE)


class Message:
    """What requests and responses share. Change `headers` by its methods: the views follow."""

    __slots__ = ("body", "headers")

    def __init__(self, headers: Headers, body: bytes) -> None:
        self.headers = headers
        self.body = body

    @property
    def call_id(self) -> str:
        """RFC 3261 8.1.1.4."""
        view: str | None = self.headers.views.get("Call-ID")
        if view is None:
            view = self.headers.views["Call-ID"] = self._required("Call-ID")
        return view

    @property
    def cseq(self) -> CSeq:
        """RFC 3261 8.1.1.5."""
        view: CSeq | None = self.headers.views.get("CSeq")
        if view is None:
            view = self.headers.views["CSeq"] = CSeq.parse(self._required("CSeq"))
        return view

    @property
    def from_(self) -> NameAddr:
        """RFC 3261 8.1.1.3."""
        view: NameAddr | None = self.headers.views.get("From")
        return view if view is not None else self._address("From")

    @property
    def to(self) -> NameAddr:
        """RFC 3261 8.1.1.2."""
        view: NameAddr | None = self.headers.views.get("To")
        return view if view is not None else self._address("To")

    @property
    def via(self) -> Via:
        """The top one."""
        view: Via | None = self.headers.views.get("Via")
        if view is None:
            top = split_list(self._required("Via"))[0]
            view = self.headers.views["Via"] = Via.parse(top)
        return view

    @property
    def vias(self) -> list[Via]:
        """All of them, the top one first."""
        return parse_list(Via, self.headers.all("Via"))

    @property
    def contact_list(self) -> ContactList:
        """RFC 3261 20.10; `is_star` for the `*` of a REGISTER."""
        view: ContactList | None = self.headers.views.get("Contact")
        if view is None:
            view = ContactList.parse_lines(self.headers.all("Contact"))
            self.headers.views["Contact"] = view
        return view

    @property
    def contacts(self) -> list[NameAddr]:
        """The addresses in Contact; none where it is missing or `*`."""
        return list(self.contact_list.addresses)

    @property
    def contact(self) -> NameAddr | None:
        """The first of them."""
        addresses = self.contact_list.addresses
        return addresses[0] if addresses else None

    @property
    def content_type(self) -> str | None:
        """Type and subtype in lower case, without parameters."""
        value = self.headers.get("Content-Type")
        return value.partition(";")[0].strip().lower() if value is not None else None

    def _required(self, name: str) -> str:
        value = self.headers.get(name)
        if value is None:
            raise ParseError(f"{name} is missing")
        return value

    def _address(self, name: str) -> NameAddr:
        view = self.headers.views[name] = NameAddr.parse(self._required(name))
        return view

    def _write(self, start: str) -> bytes:
        """The whole message, Content-Length put right. Raises ValueError for an unsafe start."""
        if "\r" in start or "\n" in start:
            raise ValueError("a start line is one line")
        headers, size = self.headers, str(len(self.body))
        said, lines = headers.all("Content-Length"), headers.lines()
        if said != [size]:
            if said:
                kept = zip(lines, headers.names, strict=True)
                lines = [line for line, name in kept if name != "Content-Length"]
            lines.append(f"Content-Length: {size}")
        head = "\r\n".join((start, *lines, "\r\n"))
        return head.encode("utf-8", "surrogateescape") + self.body


class Request(Message):
    """A request."""

    __slots__ = ("method", "uri")

    def __init__(
        self, method: str, uri: Uri | OtherUri, headers: Headers, body: bytes = b""
    ) -> None:
        super().__init__(headers, body)
        self.method = method
        self.uri = uri

    @property
    def max_forwards(self) -> int | None:
        """0 to 255, or None where it is missing: RFC 2543 had none. Raises ParseError."""
        value = self.headers.get("Max-Forwards")
        if value is None:
            return None
        hops = digits(value, 255)
        if hops is None:
            raise ParseError("Bad Max-Forwards")
        return hops

    def copy(self) -> Request:
        """Another one whose headers can be changed alone."""
        return Request(self.method, self.uri, self.headers.copy(), self.body)

    def to_bytes(self) -> bytes:
        """As it goes on the wire. Raises ValueError where method or URI would break the line."""
        start = f"{self.method} {self.uri} {VERSION}"
        if start.count(" ") != 2:
            raise ValueError("a request line has three words")
        return self._write(start)

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.uri}>"


class Response(Message):
    """A response."""

    __slots__ = ("reason", "status")

    def __init__(self, status: int, reason: str, headers: Headers, body: bytes = b"") -> None:
        super().__init__(headers, body)
        self.status = status
        self.reason = reason

    @classmethod
    def answering(
        cls, request: Request, status: int, reason: str | None = None, to_tag: str | None = None
    ) -> Response:
        """The reply to a request: what 8.2.6.2 copies, and our tag where To has none yet.

        Record-Route goes into what may open a dialog (12.1.1), Timestamp into a 100 (8.2.6.1).
        """
        wanted = to_tag if request.to.tag is None else None
        return cls._copying(request.headers, status, reason, wanted)

    @classmethod
    def answering_fields(
        cls, source: Headers, status: int, reason: str | None = None, to_tag: str | None = None
    ) -> Response:
        """The reply to a request of which only the fields could be read (`answerable`)."""
        has_tag = _has_tag(source.get("To") or "")
        return cls._copying(source, status, reason, None if has_tag else to_tag)

    @classmethod
    def _copying(
        cls, source: Headers, status: int, reason: str | None, to_tag: str | None
    ) -> Response:
        names = _COPIED
        if status == 100:
            names |= {"Timestamp"}
        elif status < 300:
            names |= {"Record-Route"}
        headers = source.take(names)
        to = headers.get("To")
        if to is not None and to_tag is not None:
            # A `;` too many at the end is let pass when read, but must not become `;;`.
            headers.set("To", f"{to.rstrip('; ')};tag={to_tag}")
        return cls(status, reason or reason_phrase(status), headers)

    def to_bytes(self) -> bytes:
        """As it goes on the wire. Raises ValueError where the reason would break the line."""
        return self._write(f"{VERSION} {self.status} {self.reason}")

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.reason}>"


def _has_tag(to: str) -> bool:
    """Also of a To that cannot be read: it is better left without ours than with two."""
    try:
        return NameAddr.parse(to).tag is not None
    except ParseError:
        return ";tag=" in to.lower().replace(" ", "")


def parse_message(data: bytes) -> Request | Response:
    """One whole message: a datagram, or what `StreamFramer` cut out of a stream.

    Raises ParseError, whose `response_headers` are what can be answered, if it can.
    """
    if len(data) > MAX_MESSAGE:
        raise ParseError("The message is too long", 513)
    head, body = _cut(data)
    text = head.decode("utf-8", "surrogateescape")
    if has_stray_control(text):
        raise ParseError("A stray control character")
    start, _, rest = text.partition("\r\n")
    try:
        headers = Headers.parse(rest)
        message = _read_start(start, headers, body)
        _validate(message)
    except ParseError as error:
        error.response_headers = answerable(text)
        raise
    return message


def _cut(data: bytes) -> tuple[bytes, bytes]:
    """Head and body. 7.5: "any CRLF appearing before the start-line" is ignored."""
    if data[:1] in (b"\r", b"\n"):
        data = data.lstrip(b"\r\n")
    head, found, body = data.partition(b"\r\n\r\n")
    if found:
        return head, body
    # Scripts and some intercoms end their lines with LF alone, all of them.
    head, found, body = data.partition(b"\n\n")
    if not found or b"\r" in head:
        raise ParseError("The header has no end")
    return head.replace(b"\n", b"\r\n"), body


def _read_start(line: str, headers: Headers, body: bytes) -> Request | Response:
    request = _REQUEST_LINE.fullmatch(line)
    if request is not None:
        method, uri = request.groups()
        if len(uri) > MAX_URI:
            raise ParseError("The Request-URI is too long", 414)
        return Request(method, _request_uri(uri), headers, body)
    status = _STATUS_LINE.fullmatch(line)
    if status is not None:
        return Response(int(status[1]), status[2] or "", headers, body)
    if _OTHER_VERSION.fullmatch(line.rpartition(" ")[2]) and not line.upper().endswith(VERSION):
        raise ParseError("Version Not Supported", 505)
    raise ParseError("Bad start line")


def _request_uri(text: str) -> Uri | OtherUri:
    uri = parse_uri(text)
    if isinstance(uri, Uri) and uri.headers:
        # RFC 3261 19.1.1: not allowed there; to strip them would be to guess (RFC 4475 3.1.2.11).
        raise ParseError("Headers in the Request-URI")
    return uri


def _validate(message: Request | Response) -> None:
    if message.headers.has_repeated(_ONCE):
        raise ParseError("A header field stands more than once")
    _measure(message)
    # Reading the views is the check; they are kept for those who ask next.
    cseq, _, _, _ = message.cseq, message.from_, message.to, message.via
    if not message.call_id:
        raise ParseError("Call-ID is empty")
    if isinstance(message, Request):
        if cseq.method != message.method:
            raise ParseError("CSeq names another method")
        _ = message.max_forwards


def _measure(message: Message) -> None:
    """18.3: octets beyond Content-Length are dropped, too few of them are an error."""
    said = message.headers.get("Content-Length")
    if said is None:
        return
    size = digits(said, MAX_MESSAGE)
    if size is None:
        raise ParseError("Bad Content-Length")
    if size > len(message.body):
        raise ParseError("Content-Length is more than there is")
    if size < len(message.body):
        message.body = message.body[:size]


def answerable(head: str) -> Headers | None:
    """What a stateless answer to this unreadable head copies; None where none may be sent.

    A response and an ACK are never answered, and neither is what does not look like a request, or
    lacks the Via and CSeq without which nobody finds the request to the answer, or holds control
    characters that would begin a line of the sender's choosing in the answer. Lines that cannot be
    read are passed over.
    """
    if has_stray_control(head):
        return None
    start, _, rest = head.partition("\r\n")
    words = start.split()
    if len(words) < 3 or not is_token(words[0]) or words[0] == "ACK":
        return None
    if not words[-1].upper().startswith("SIP/"):
        return None
    headers = Headers.salvage(rest, _COPIED)
    return headers if "Via" in headers and "CSeq" in headers else None
