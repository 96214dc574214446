"""Offer and answer of one audio stream (RFC 3264; RFC 4733 for keys, RFC 8866 for the text).

`OfferAnswer` is one session's agreement, immutable: every step gives a new one, so a re-INVITE that
fails leaves the old agreement untouched, and forked answers each grow their own. It speaks for one
audio m-line; every other one is kept in its place with port 0. Forking phones and early media make
one rule looser than the RFC: an answer may come more than once to the same offer.

Knows nothing of dialogs, and opens no port: addresses are told by `LocalMedia`.
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeGuard

from softswitch.sip.errors import ParseError
from softswitch.sip.refused_offer import PROTOCOLS, OfferAnswerError, why_not
from softswitch.sip.sdp import (
    MAX_PORT,
    Connection,
    Direction,
    Line,
    Media,
    Origin,
    SessionDescription,
    attribute,
    parse,
)

__all__ = [
    "PCMA",
    "PCMU",
    "AudioStream",
    "Capabilities",
    "Codec",
    "Direction",
    "LocalMedia",
    "OfferAnswer",
    "OfferAnswerError",
]

_TELEPHONE_EVENT = "telephone-event"
# RFC 4733 3.2: the sixteen keys, and 16, the hook flash.
_EVENTS = "0-16"
# Telephone-event in our own offers. Nearly every phone uses 101, and some only understand it.
_EVENT_PAYLOAD_TYPE = 101
_DYNAMIC_PAYLOAD_TYPES = range(96, 128)
# More sound in a packet is more to lose with it, and more delay before it is sent.
_MAX_PTIME = 60


@dataclass(frozen=True, slots=True)
class Codec:
    """One way to code sound, under one payload type. `clock` in Hz."""

    name: str
    clock: int
    payload_type: int
    channels: int = 1
    fmtp: str | None = None

    def is_same_coding(self, other: "Codec") -> bool:
        """Equal but for the number it goes by (RFC 8866 6.6: encoding names ignore case)."""
        return (self.name.lower(), self.clock, self.channels) == (
            other.name.lower(),
            other.clock,
            other.channels,
        )


PCMA = Codec("PCMA", 8000, 8)
PCMU = Codec("PCMU", 8000, 0)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What we can speak, best first. `ptime`: milliseconds a packet, the media engine's step."""

    codecs: tuple[Codec, ...]
    telephone_event: bool = True
    ptime: int = 20


@dataclass(frozen=True, slots=True)
class LocalMedia:
    """Where our RTP is received: a numeric address that the far side can reach, an even port."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class AudioStream:
    """What was agreed. `codec` and `dtmf_send` bear the payload types to *send* with.

    `direction` is ours; `is_held` says that it is the far side that wants no sound from us.
    `receive_payload_types` are the codings that may arrive, by our numbers.
    """

    remote_host: str
    remote_port: int
    rtcp_host: str
    rtcp_port: int
    codec: Codec
    receive_payload_types: tuple[tuple[int, Codec], ...]
    dtmf_send: int | None
    dtmf_receive: int | None
    ptime: int
    direction: Direction
    is_held: bool = False

    @property
    def others(self) -> Iterator[tuple[int, Codec]]:
        """What may arrive beside `codec` (RFC 3264 6.1): the far side may change."""
        return (pair for pair in self.receive_payload_types if pair[1].name != self.codec.name)


@dataclass(frozen=True, slots=True)
class _Local:
    """What our last description said of the stream: the numbers must stay (RFC 3264 8.3.2)."""

    media: tuple[Media, ...]
    place: int
    codecs: tuple[Codec, ...]
    event: int | None
    direction: Direction


@dataclass(frozen=True, slots=True)
class _Remote:
    """One m-line of theirs that we can use."""

    place: int
    media: Media
    host: str
    direction: Direction
    codecs: tuple[Codec, ...]


@dataclass(frozen=True, slots=True)
class OfferAnswer:
    """See the module's docstring."""

    session_id: int
    caps: Capabilities
    local: LocalMedia
    version: int = 0
    sent: _Local | None = None
    stream: AudioStream | None = None
    sent_text: str = ""

    @staticmethod
    def start(session_id: int, caps: Capabilities, local: LocalMedia) -> "OfferAnswer":
        """`session_id`: below 2**63, unguessable and new for every session (RFC 8866 5.2)."""
        return OfferAnswer(session_id, caps, local)

    def make_offer(self, direction: Direction = Direction.SENDRECV) -> tuple["OfferAnswer", bytes]:
        """Our offer: all that we speak, in the places and under the numbers used before."""
        codecs = tuple(self._numbered(codec) for codec in self.caps.codecs)
        event = self._event_number(codecs) if self.caps.telephone_event else None
        before = self.sent.media if self.sent else ()
        place = self.sent.place if self.sent else 0
        protocol = before[place].protocol if before else ""
        if protocol.upper() not in PROTOCOLS:
            protocol = "RTP/AVP"
        audio = self._audio(protocol, codecs, event, direction)
        others = [media.rejected() for media in before] or [audio]
        others[place] = audio
        return self._say(_Local(tuple(others), place, codecs, event, direction))

    def repeat(self) -> bytes:
        """What we said last, its version unchanged: nothing new is asked for (RFC 4028 7.4)."""
        return self.sent_text.encode("utf-8", "surrogateescape")

    def answer(
        self, offer_body: bytes, direction: Direction | None = None
    ) -> tuple["OfferAnswer", bytes, AudioStream | None]:
        """Answer their offer; `direction` is our wish (default: all that they allow).

        One codec is answered, the first of *theirs* that we speak: then nobody changes the coding
        in the middle of the talk, and two legs of one codec need no transcoding. The stream is None
        when an offer inside a call closes its audio. Raises `OfferAnswerError` 400 or 488.
        """
        offer = _read(offer_body)
        usable = next(self._usable(offer), None)
        if usable is None:
            return self._answer_nothing(offer)
        codec = usable.codecs[0]
        event = _event(usable.media, codec) if self.caps.telephone_event else None
        ours = usable.direction.reversed.limited_to(direction or Direction.SENDRECV)
        places = [media.rejected() for media in offer.media]
        places[usable.place] = self._audio(usable.media.protocol, (codec,), event, ours)
        sent = _Local(tuple(places), usable.place, (codec,), event, ours)
        new, body = self._say(sent)
        stream = self._stream(usable, sent, ours, is_held=not usable.direction.receives)
        return replace(new, stream=stream), body, stream

    def accept_answer(self, body: bytes) -> tuple["OfferAnswer", AudioStream | None]:
        """Take their answer to our last offer; the stream is None when they refused the audio.

        An empty body is fine once an answer came (183 with it, 200 without). Raises
        `OfferAnswerError` 488, or 400 for text that cannot be read or an answer to nothing.
        """
        sent = self.sent
        if sent is None:
            raise OfferAnswerError(400, "an answer without an offer")
        if not body and self.stream is not None:
            return self, self.stream
        answer = _read(body)
        if len(answer.media) <= sent.place:
            raise OfferAnswerError(400, "the answer has fewer m= lines than the offer")
        if answer.media[sent.place].port == 0:
            return replace(self, stream=None), None
        usable = next((u for u in self._usable(answer) if u.place == sent.place), None)
        if usable is None:
            raise OfferAnswerError(488, "the answer holds no audio that we offered")
        ours = sent.direction.limited_to(usable.direction.reversed)
        # Repeated by us, a hold is offered as recvonly: it stays their hold all the same.
        could_hear = sent.direction.sends or (self.stream is not None and self.stream.is_held)
        is_held = could_hear and not usable.direction.receives
        stream = self._stream(usable, sent, ours, is_held=is_held)
        return replace(self, stream=stream), stream

    def _usable(self, theirs: SessionDescription) -> Iterator[_Remote]:
        """Their m-lines that we could take, in their order."""
        for place, media in enumerate(theirs.media):
            if media.kind != "audio" or media.port == 0:
                continue
            if media.protocol.upper() not in PROTOCOLS:
                continue
            codecs = tuple(self._common(media))
            connection = theirs.connection_of(media)
            host = _address(connection) if connection else None
            if not codecs or connection is None or host is None:
                continue
            direction = theirs.direction_of(media)
            if connection.is_hold:
                direction = direction.limited_to(Direction.SENDONLY)
            yield _Remote(place, media, host, direction, codecs)

    def _common(self, media: Media) -> Iterator[Codec]:
        """Codings that both speak, in their order and under their numbers."""
        for payload_type in media.payload_types:
            mapped = media.rtpmap(payload_type)
            if mapped is None:
                continue
            theirs = Codec(mapped.encoding, mapped.clock, payload_type, mapped.channels)
            for ours in self.caps.codecs:
                if ours.is_same_coding(theirs):
                    yield replace(ours, payload_type=payload_type)

    def _answer_nothing(
        self, offer: SessionDescription
    ) -> tuple["OfferAnswer", bytes, AudioStream | None]:
        """No audio to take: fine for an offer that closes it inside a call, else a refusal."""
        if self.sent is None or not offer.media or any(m.port for m in offer.media):
            raise OfferAnswerError(488, *why_not(offer))
        places = tuple(media.rejected() for media in offer.media)
        place = next((i for i, media in enumerate(places) if media.kind == "audio"), 0)
        said = replace(self.sent, media=places, place=place, direction=Direction.INACTIVE)
        new, body = self._say(said)
        return replace(new, stream=None), body, None

    def _stream(
        self, usable: _Remote, sent: _Local, ours: Direction, *, is_held: bool
    ) -> AudioStream:
        media, codec = usable.media, usable.codecs[0]
        event = _event(media, codec) if sent.event is not None else None
        rtcp = media.rtcp
        return AudioStream(
            remote_host=usable.host,
            remote_port=media.port,
            rtcp_host=rtcp.address if rtcp and _is_numeric(rtcp.address) else usable.host,
            # RFC 3550 11: RTCP stands on the next port, unless RFC 3605 says otherwise.
            rtcp_port=rtcp.port if rtcp else min(media.port + 1, MAX_PORT),
            codec=codec,
            receive_payload_types=tuple((known.payload_type, known) for known in sent.codecs),
            dtmf_send=event,
            dtmf_receive=sent.event if event is not None else None,
            ptime=self._ptime(media),
            direction=ours,
            is_held=is_held,
        )

    def _ptime(self, media: Media) -> int:
        """Milliseconds a packet to send: their wish in whole steps of our media engine."""
        step = self.caps.ptime
        wanted = min(media.ptime or step, media.maxptime or _MAX_PTIME, _MAX_PTIME)
        return max(step, wanted - wanted % step)

    def _numbered(self, codec: Codec) -> Codec:
        """The coding under the number that this session already gave it."""
        for known in self.sent.codecs if self.sent else ():
            if known.is_same_coding(codec):
                return known
        return codec

    def _event_number(self, codecs: tuple[Codec, ...]) -> int:
        if self.sent and self.sent.event is not None:
            return self.sent.event
        taken = {codec.payload_type for codec in codecs}
        wishes: tuple[int, ...] = (_EVENT_PAYLOAD_TYPE, *_DYNAMIC_PAYLOAD_TYPES)
        return next(number for number in wishes if number not in taken)

    def _audio(
        self, protocol: str, codecs: tuple[Codec, ...], event: int | None, direction: Direction
    ) -> Media:
        lines = []
        for codec in codecs:
            channels = f"/{codec.channels}" if codec.channels != 1 else ""
            rtpmap = f"{codec.payload_type} {codec.name}/{codec.clock}{channels}"
            lines.append(attribute("rtpmap", rtpmap))
            if codec.fmtp:
                lines.append(attribute("fmtp", f"{codec.payload_type} {codec.fmtp}"))
        numbers = [codec.payload_type for codec in codecs]
        if event is not None:
            lines.append(attribute("rtpmap", f"{event} {_TELEPHONE_EVENT}/{codecs[0].clock}"))
            lines.append(attribute("fmtp", f"{event} {_EVENTS}"))
            numbers.append(event)
        lines.append(attribute("ptime", str(self.caps.ptime)))
        lines.append(attribute(direction.value))
        formats = tuple(str(number) for number in numbers)
        return Media("audio", self.local.port, 1, protocol, formats, tuple(lines))

    def _say(self, local: _Local) -> tuple["OfferAnswer", bytes]:
        """Write it. RFC 3264 8: the version rises by one, and only when something changed."""
        version = self.version or 1
        text = str(self._description(local.media, version))
        if self.sent_text and text != self.sent_text:
            version += 1
            text = str(self._description(local.media, version))
        said = replace(self, version=version, sent=local, sent_text=text)
        return said, text.encode("utf-8", "surrogateescape")

    def _description(self, media: tuple[Media, ...], version: int) -> SessionDescription:
        origin = Origin("-", str(self.session_id), str(version), self.local.host)
        connection = Connection(self.local.host)
        # RFC 8866 5.3, 5.9: a session without a name, without bounds in time.
        head = (Line("v", "0"), origin.line(), Line("s", "-"), connection.line(), Line("t", "0 0"))
        return SessionDescription(head, tuple(_with_format(block) for block in media))


def _read(body: bytes) -> SessionDescription:
    if not body:
        raise OfferAnswerError(400, "the session description is missing")
    try:
        return parse(body)
    except ParseError as error:
        raise OfferAnswerError(400, str(error)) from error


def _with_format(media: Media) -> Media:
    """RFC 8866 9 wants at least one format, a rejected line included."""
    return media if media.formats else replace(media, formats=("0",))


def _event(media: Media, codec: Codec) -> int | None:
    """Their telephone-event of the codec's clock (RFC 4733 2.1: one RTP clock a stream)."""
    for payload_type in media.payload_types:
        mapped = media.rtpmap(payload_type)
        if mapped is None or mapped.encoding.lower() != _TELEPHONE_EVENT:
            continue
        if mapped.clock == codec.clock:
            return payload_type
    return None


def _is_numeric(address: str | None) -> TypeGuard[str]:
    try:
        return not ipaddress.ip_address(address or "").is_multicast
    except ValueError:
        return False


def _address(connection: Connection) -> str | None:
    """A numeric unicast address, or that of nobody; None for one that we cannot send to."""
    if connection.is_hold:
        return "::" if ":" in connection.address else "0.0.0.0"
    return connection.address if _is_numeric(connection.address) else None
