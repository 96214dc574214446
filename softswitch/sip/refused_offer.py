"""An offer or answer that nobody here can speak, and what its sender is told (RFC 3261 20.43)."""

from __future__ import annotations

from softswitch.sip.errors import SipError
from softswitch.sip.sdp import SessionDescription

PLAIN = "RTP/AVP"
# RFC 3711 12, RFC 5124: encrypted.
SECURE = frozenset({"RTP/SAVP", "RTP/SAVPF"})
# RFC 3261 20.43: "Incompatible transport protocol".
TRANSPORT = 302
# AVPF differs by feedback messages that nobody must send (RFC 4585 3.1): RTP flows the same.
PROTOCOLS = frozenset({PLAIN, "RTP/AVPF"}) | SECURE


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

    @property
    def is_about_transport(self) -> bool:
        """RFC 3261 20.43: not the codec, but how it travels: encrypted or plain."""
        return self.warning == TRANSPORT


def why_not(
    offer: SessionDescription, *, must_encrypt: bool = False, is_closed: bool = False
) -> tuple[str, int]:
    """What the operator should read in the log, and the code of a Warning (RFC 3261 20.43).

    `is_closed`: it must be encrypted, and no key may travel the way that the offer came.
    """
    audio = [media for media in offer.media if media.kind == "audio" and media.port]
    if not audio:
        return "the offer has no audio", 304
    protocols = {media.protocol.upper() for media in audio}
    if all(protocol.startswith("UDP/TLS/") for protocol in protocols):
        return "the offer has only encrypted audio of a browser, not spoken here yet", TRANSPORT
    if not protocols & PROTOCOLS:
        return "the offer has no RTP audio", TRANSPORT
    if is_closed:
        return (
            "sound is encrypted here, and keys travel over TLS only: register over TLS",
            TRANSPORT,
        )
    if must_encrypt and not any(media.attributes("crypto") for media in audio):
        return "the offer has no keys (a=crypto) for encrypted audio", TRANSPORT
    if all(protocol in SECURE for protocol in protocols):
        return "the offer has only encrypted audio, with keys that are not taken here", TRANSPORT
    return "the offer has no codec in common with us, or no address to send to", 305
