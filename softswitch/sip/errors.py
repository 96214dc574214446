"""The exceptions of the SIP floors.

SipError
├── ParseError                          text from the network that cannot be read
│   └── framing.FramingError            a stream that cannot be cut into messages any further
└── offer_answer.OfferAnswerError       an offer or answer that cannot be used

An error carries its cure: the status to answer with, and what a stateless answer copies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.sip.fields import Headers


class SipError(Exception):
    """The root of them all."""


class ParseError(SipError):
    """Text from the network that does not obey its grammar, or is beyond a limit.

    `reason` is in words of our own, never the sender's, and may stand as a reason phrase.
    """

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        """What answers it: 400, 413, 414, 505, 513."""
        self.response_headers: Headers | None = None
        """Via, From, To, Call-ID and CSeq as they came, as far as they came, for a stateless
        answer. None: this is no request, or an ACK, or says not even where an answer would go."""
