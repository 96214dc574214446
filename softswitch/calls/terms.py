"""On which terms sound is agreed on: the office's codecs and encryption, by who is spoken with.

Keys of SDES stand readable in the signalling (RFC 4568 8.3), so they travel over TLS alone, unless
the office says otherwise.
"""

import secrets
from dataclasses import dataclass
from functools import lru_cache

from softswitch.sip.codecs import CODECS, USUAL_CODECS, Codec
from softswitch.sip.crypto import Srtp
from softswitch.sip.flow import Target
from softswitch.sip.theirs import Capabilities

# Orders of codecs: of the office's and each provider's, with each codec first.
KEPT_ORDERS = 64


@dataclass(frozen=True, slots=True)
class Terms:
    """Of one office, or of one provider."""

    codecs: tuple[str, ...] = USUAL_CODECS
    srtp: Srtp = Srtp.ALLOWED
    is_open_signalling_enough: bool = False
    ptime: int = 20  # milliseconds a packet, unless the far side wishes otherwise

    def may_carry_keys(self, target: Target) -> bool:
        return self.is_open_signalling_enough or target.transport.secure

    def reach(self, target: Target) -> bool:
        """Can anything be agreed on over this way at all?"""
        return self.srtp is not Srtp.REQUIRED or self.may_carry_keys(target)

    def capabilities(self, target: Target, prefer: Codec | None) -> Capabilities:
        """What is offered and accepted over this way; `prefer` first, if it is among ours."""
        new_key = secrets.token_bytes if self.may_carry_keys(target) else None
        codecs = _ordered(self.codecs, prefer)
        return Capabilities(codecs, ptime=self.ptime, srtp=self.srtp, new_key=new_key)


@lru_cache(maxsize=KEPT_ORDERS)
def _ordered(names: tuple[str, ...], prefer: Codec | None) -> tuple[Codec, ...]:
    known = [CODECS[name] for name in names]
    if prefer is not None:
        if prefer.is_wideband:
            # Behind it others of its kind: better made anew than made narrow.
            known.sort(key=lambda one: not one.is_wideband)
        if not known[0].is_same_coding(prefer):
            known.sort(key=lambda one: not one.is_same_coding(prefer))
    return tuple(known)
