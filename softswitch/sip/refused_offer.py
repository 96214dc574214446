"""An offer or answer that nobody here can speak, and what its sender is told (RFC 3261 20.43)."""

from __future__ import annotations

from softswitch.sip.errors import SipError
from softswitch.sip.sdp import SessionDescription

# AVPF differs by feedback messages that nobody must send (RFC 4585 3.1): plain RTP flows the same.
PROTOCOLS = frozenset({"RTP/AVP", "RTP/AVPF"})


class OfferAnswerError(SipError):
    """An offer or answer that cannot be used; `status` is what refuses it (488, 400).

    `warning`: a code of RFC 3261 20.43, so that who offered it is told what was wrong.
    """

    def __init__(self, status: int, reason: str, warning: int | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.warning = warning

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Of the refusal."""
        if self.warning is None:
            return ()
        return (("Warning", f'{self.warning} softswitch "{self.reason}"'),)


def why_not(offer: SessionDescription) -> tuple[str, int]:
    """What the operator should read in the log, and the code of a Warning (RFC 3261 20.43)."""
    audio = [media for media in offer.media if media.kind == "audio" and media.port]
    if not audio:
        return "the offer has no audio", 304
    protocols = {media.protocol.upper() for media in audio}
    if all(protocol.startswith("UDP/TLS/") for protocol in protocols):
        return "the offer has only encrypted audio of a browser, not spoken here yet", 302
    if all("SAVP" in protocol for protocol in protocols):
        return "the offer has only encrypted audio", 302
    if not protocols & PROTOCOLS:
        return "the offer has no plain RTP audio", 302
    return "the offer has no codec in common with us, or no address to send to", 305
