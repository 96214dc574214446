"""Offer and answer of one audio stream (RFC 3264; RFC 4733 for keys, RFC 8866 for the text).

`OfferAnswer` is one session's agreement, immutable: every step gives a new one, so a re-INVITE that
fails leaves the old agreement untouched, and forked answers each grow their own. It speaks for one
audio m-line; every other one is kept in its place with port 0. Forking phones and early media make
one rule looser than the RFC: an answer may come more than once to the same offer.

Knows nothing of dialogs, and opens no port: addresses are told by `LocalMedia`.
"""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import msgspec
from msgspec import structs

from softswitch.sip import crypto
from softswitch.sip.codecs import PCMA, PCMU, Codec
from softswitch.sip.crypto import Crypto, Keys, Srtp
from softswitch.sip.direction import Direction
from softswitch.sip.errors import ParseError
from softswitch.sip.ours import lines_of
from softswitch.sip.refused_offer import SECURE, OfferAnswerError, why_not
from softswitch.sip.sdp import (
    MAX_PORT,
    Connection,
    Line,
    Media,
    Origin,
    SessionDescription,
    parse,
)
from softswitch.sip.theirs import (
    Capabilities,
    Events,
    Theirs,
    events,
    most_bits,
    protocol_of_offer,
    ptime,
    usable,
)

__all__ = [
    "PCMA",
    "PCMU",
    "AudioStream",
    "Capabilities",
    "Codec",
    "Coding",
    "Direction",
    "LocalMedia",
    "OfferAnswer",
    "OfferAnswerError",
]

# Telephone-event in our own offers. Nearly every phone uses 101, and some only understand it.
_EVENT_PAYLOAD_TYPES = (101, 110, *range(96, 128))


class LocalMedia(msgspec.Struct, frozen=True):
    """Where our RTP is received: a numeric address that the far side can reach, an even port."""

    host: str
    port: int


class Coding(NamedTuple):
    """A codec of an agreement, and the telephone events beside it, as numbers to send and take."""

    codec: Codec
    dtmf_send: int | None
    dtmf_receive: int | None
    dtmf_clock: int


class AudioStream(msgspec.Struct, frozen=True):
    """What was agreed. `codec` and `dtmf_send` bear the payload types to *send* with.

    `direction` is ours; `is_held` says that it is the far side that wants no sound from us.
    `others` may arrive beside `codec` (RFC 3264 6.1), by our numbers. `keys`: it is encrypted.
    """

    remote_host: str
    remote_port: int
    rtcp_host: str
    rtcp_port: int
    codec: Codec
    others: tuple[Coding, ...]
    dtmf_send: int | None
    dtmf_receive: int | None
    ptime: int
    direction: Direction
    is_held: bool = False
    dtmf_clock: int = 8000
    noise: int | None = None
    keys: Keys | None = None
    wants_metrics: bool = False  # to be told how it is heard (RFC 3611)
    most_bits: int | None = None  # of Opus, a second (RFC 7587 6.1)

    def closed(self) -> "AudioStream":
        """Nobody is there to hear or to be heard, for now."""
        return structs.replace(self, direction=Direction.INACTIVE, is_held=True)


class _Local(msgspec.Struct, frozen=True):
    """What our last description said of the stream: the numbers must stay (RFC 3264 8.3.2)."""

    media: tuple[Media, ...]
    place: int
    codecs: tuple[Codec, ...]
    events: tuple[Events, ...]
    direction: Direction
    crypto: tuple[Crypto, ...] = ()


@dataclass(frozen=True, slots=True)
class OfferAnswer:
    """See the module's docstring."""

    session_id: int
    caps: Capabilities
    local: LocalMedia
    version: int = 0
    sent: _Local | None = field(default=None, repr=False)
    stream: AudioStream | None = None
    sent_text: str = field(default="", repr=False)  # may hold keys

    @staticmethod
    def start(session_id: int, caps: Capabilities, local: LocalMedia) -> "OfferAnswer":
        """`session_id`: below 2**63, unguessable and new for every session (RFC 8866 5.2)."""
        return OfferAnswer(session_id, caps, local)

    def make_offer(self, direction: Direction = Direction.SENDRECV) -> tuple["OfferAnswer", bytes]:
        """Our offer: all that we speak, in the places and under the numbers used before."""
        codecs = tuple(self._numbered(codec) for codec in self.caps.codecs)
        events = self._event_numbers(codecs) if self.caps.telephone_event else ()
        before = self.sent.media if self.sent else ()
        place = self.sent.place if self.sent else 0
        protocol = protocol_of_offer(self.caps, before[place] if before else None)
        lines = self._crypto_of_offer()
        audio = self._audio(protocol, codecs, events, direction, lines, asks=True)
        places = _with_audio(before, place, audio)
        return self._say(_Local(places, place, codecs, events, direction, lines), self.stream)

    def _crypto_of_offer(self) -> tuple[Crypto, ...]:
        """The keys of this session stay; a session that is plain stays so."""
        if self.sent is not None:
            return self.sent.crypto
        caps = self.caps
        if caps.srtp is Srtp.OFF or caps.new_key is None:
            return ()
        return crypto.make_offer(caps.new_key)

    def insist(self) -> tuple["OfferAnswer", bytes] | None:
        """Our first offer once more, as RTP/SAVP: phones that must encrypt refuse keys beside
        plain RTP. None: it had no keys, or was one already.
        """
        sent = self.sent
        if sent is None or not sent.crypto or sent.media[sent.place].protocol in SECURE:
            return None
        media = list(sent.media)
        media[sent.place] = replace(media[sent.place], protocol="RTP/SAVP")
        fresh = OfferAnswer.start(self.session_id, self.caps, self.local)
        return fresh._say(structs.replace(sent, media=tuple(media)), None)

    def repeat(self) -> bytes:
        """What we said last, its version unchanged: nothing new is asked for (RFC 4028 7.4)."""
        return self.sent_text.encode("utf-8", "surrogateescape")

    def answer(
        self,
        offer_body: bytes,
        direction: Direction | None = None,
        prefer: Codec | None = None,
    ) -> tuple["OfferAnswer", bytes, AudioStream | None]:
        """Answer their offer; `direction` is our wish (default: all that they allow).

        One codec is answered: then nobody changes the coding in the middle of the talk. It is the
        one that is spoken already, or `prefer` (the other side's: two legs of one codec need no
        transcoding), or the first of *theirs* that we speak. The stream is None when an offer
        inside a call closes its audio. Raises `OfferAnswerError` 400 or 488.
        """
        offer = _read(offer_body)
        theirs = next(usable(offer, self.caps), None)
        if theirs is None:
            return self._answer_nothing(offer)
        codec = self._chosen(theirs, prefer)
        found = events(theirs.media, codec) if self.caps.telephone_event else None
        named = (found,) if found is not None else ()
        ours = theirs.direction.reversed.limited_to(direction or Direction.SENDRECV)
        line, keys = self._crypto_of_answer(theirs)
        asks = theirs.wants_metrics
        audio = self._audio(theirs.media.protocol, (codec,), named, ours, line, asks=asks)
        places = _with_audio(offer.media, theirs.place, audio)
        sent = _Local(places, theirs.place, (codec,), named, ours, line)
        is_held = not theirs.direction.receives
        stream = self._stream(theirs, codec, sent, ours, keys, is_held=is_held)
        return *self._say(sent, stream), stream

    def _chosen(self, theirs: Theirs, prefer: Codec | None) -> Codec:
        spoken = self.stream.codec if self.stream is not None else prefer
        if spoken is not None:
            for codec in theirs.codecs:
                if codec.is_same_coding(spoken):
                    return codec
        return theirs.codecs[0]

    def _crypto_of_answer(self, theirs: Theirs) -> tuple[tuple[Crypto, ...], Keys | None]:
        if not theirs.is_encrypted or self.caps.new_key is None:
            return (), None
        before = self.sent.crypto if self.sent is not None else ()
        found = crypto.answer(theirs.media, before, self.caps.new_key)
        return ((), None) if found is None else ((found[0],), found[1])

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
            return self._agreeing(None), None
        theirs = next((one for one in usable(answer, self.caps) if one.place == sent.place), None)
        keys = crypto.accept(answer.media[sent.place], sent.crypto)
        is_secure = keys is not None or answer.media[sent.place].protocol.upper() not in SECURE
        if theirs is None or not is_secure or (keys is None and self._must_encrypt):
            raise OfferAnswerError(488, "the answer holds no audio that we offered")
        ours = sent.direction.limited_to(theirs.direction.reversed)
        # Repeated by us, a hold is offered as recvonly: it stays their hold all the same.
        could_hear = sent.direction.sends or (self.stream is not None and self.stream.is_held)
        is_held = could_hear and not theirs.direction.receives
        stream = self._stream(theirs, theirs.codecs[0], sent, ours, keys, is_held=is_held)
        return self._agreeing(stream), stream

    def _agreeing(self, stream: AudioStream | None) -> "OfferAnswer":
        """What we said stays."""
        said = (self.version, self.sent, stream, self.sent_text)
        return OfferAnswer(self.session_id, self.caps, self.local, *said)

    @property
    def _must_encrypt(self) -> bool:
        return self.caps.srtp is Srtp.REQUIRED

    def _answer_nothing(
        self, offer: SessionDescription
    ) -> tuple["OfferAnswer", bytes, AudioStream | None]:
        """No audio to take: fine for an offer that closes it inside a call, else a refusal."""
        if self.sent is None or not offer.media or any(m.port for m in offer.media):
            is_closed = self._must_encrypt and not self.caps.is_encrypting
            why = why_not(offer, must_encrypt=self._must_encrypt, is_closed=is_closed)
            raise OfferAnswerError(488, *why)
        places = tuple(media.rejected() for media in offer.media)
        place = next((i for i, media in enumerate(places) if media.kind == "audio"), 0)
        said = structs.replace(self.sent, media=places, place=place, direction=Direction.INACTIVE)
        return *self._say(said, None), None

    def _stream(
        self,
        theirs: Theirs,
        codec: Codec,
        sent: _Local,
        ours: Direction,
        keys: Keys | None,
        *,
        is_held: bool,
    ) -> AudioStream:
        media = theirs.media
        others = (one for one in sent.codecs if not one.is_same_coding(codec))
        first = self._coding(theirs, codec, sent)
        rtcp_host, rtcp_port = theirs.rtcp
        return AudioStream(
            remote_host=theirs.host,
            remote_port=media.port,
            rtcp_host=rtcp_host,
            rtcp_port=rtcp_port or min(media.port + 1, MAX_PORT),
            codec=codec,
            others=tuple(self._coding(theirs, one, sent) for one in others),
            dtmf_send=first.dtmf_send,
            dtmf_receive=first.dtmf_receive,
            ptime=ptime(media, self.caps.ptime),
            direction=ours,
            is_held=is_held,
            dtmf_clock=first.dtmf_clock,
            noise=theirs.noise if codec.clock == PCMA.clock else None,
            keys=keys,
            wants_metrics=theirs.wants_metrics,
            most_bits=most_bits(media),
        )

    def _coding(self, theirs: Theirs, codec: Codec, sent: _Local) -> Coding:
        found = events(theirs.media, codec)
        ours = None if found is None else dict(sent.events).get(found.clock)
        if found is None or ours is None:
            return Coding(codec, None, None, PCMA.clock)
        return Coding(codec, found.payload_type, ours, found.clock)

    def _numbered(self, codec: Codec) -> Codec:
        """The coding under the number that this session already gave it."""
        for known in self.sent.codecs if self.sent else ():
            if known.is_same_coding(codec):
                return known
        return codec

    def _event_numbers(self, codecs: tuple[Codec, ...]) -> tuple[Events, ...]:
        """One for each clock of the codecs (RFC 4733 2.1)."""
        known = {one.clock: one.payload_type for one in (self.sent.events if self.sent else ())}
        taken = {codec.payload_type for codec in codecs} | set(known.values())
        free = (number for number in _EVENT_PAYLOAD_TYPES if number not in taken)
        clocks = dict.fromkeys((PCMA.clock, *(codec.clock for codec in codecs)))
        needed = [clock for clock in clocks if any(codec.clock == clock for codec in codecs)]
        return tuple(Events(c, known[c] if c in known else next(free)) for c in needed)

    def _audio(
        self,
        protocol: str,
        codecs: tuple[Codec, ...],
        events: tuple[Events, ...],
        direction: Direction,
        keys: tuple[Crypto, ...],
        *,
        asks: bool,
    ) -> Media:
        """`asks`: with the wish to be told how our sound is heard (RFC 3611 5.1)."""
        lines = lines_of(codecs, events, self.caps.ptime, direction, asks)
        if keys:
            lines = (*(one.line() for one in keys), *lines)
        numbers = [one.payload_type for one in codecs] + [one.payload_type for one in events]
        formats = tuple([str(number) for number in numbers])
        return Media("audio", self.local.port, 1, protocol, formats, lines)

    def _say(self, local: _Local, stream: AudioStream | None) -> tuple["OfferAnswer", bytes]:
        """Write it. RFC 3264 8: the version rises by one, and only when something changed."""
        version = self.version or 1
        text = str(self._description(local.media, version))
        if self.sent_text and text != self.sent_text:
            version += 1
            text = str(self._description(local.media, version))
        said = OfferAnswer(self.session_id, self.caps, self.local, version, local, stream, text)
        return said, text.encode("utf-8", "surrogateescape")

    def _description(self, media: tuple[Media, ...], version: int) -> SessionDescription:
        origin = Origin("-", str(self.session_id), str(version), self.local.host)
        connection = Connection(self.local.host)
        # RFC 8866 5.3, 5.9: a session without a name, without bounds in time.
        head = (Line("v", "0"), origin.line(), Line("s", "-"), connection.line(), Line("t", "0 0"))
        return SessionDescription(head, tuple(_with_format(block) for block in media))


def _with_audio(blocks: tuple[Media, ...], place: int, audio: Media) -> tuple[Media, ...]:
    """Ours in its place, the others refused; alone in a session that has none yet."""
    refused = [block.rejected() if at != place else audio for at, block in enumerate(blocks)]
    return tuple(refused) or (audio,)


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
