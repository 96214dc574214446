"""How the office's phones are spoken with: codecs, and whether the sound is encrypted."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from softswitch.office.fields import Model
from softswitch.sip.codecs import CODECS, USUAL_CODECS
from softswitch.sip.crypto import Srtp
from softswitch.wording import Slip, say

_BY_NAME = {name.lower(): name for name in CODECS}


def known_codecs(value: object) -> object:
    """Names in any case, each once."""
    if not isinstance(value, list | tuple):
        return value
    names = []
    for one in value:
        name = _BY_NAME.get(str(one).lower().replace(".", ""))
        if name is None:
            known = ", ".join(CODECS)
            raise Slip(say("no_codec", value=one), say("no_codec_remedy", known=known))
        if name not in names:
            names.append(name)
    return tuple(names)


def srtp_policy(value: object) -> object:
    """YAML reads `off` as false."""
    return Srtp.OFF.value if value is False else value


Codecs = Annotated[tuple[str, ...], BeforeValidator(known_codecs)]
SrtpPolicy = Annotated[Srtp, BeforeValidator(srtp_policy)]


class SoundTerms(Model):
    """Codecs and encryption toward the office's phones; providers have their own in `trunks`."""

    codecs: Codecs = Field(
        USUAL_CODECS,
        min_length=1,
        description="What phones are offered, in this order, after the codec of whoever calls; and "
        "what is accepted. G722 and opus are wideband.",
        examples=["[PCMA, PCMU, G722, opus]"],
    )
    srtp: SrtpPolicy = Field(
        Srtp.ALLOWED,
        description="Encrypted sound (SRTP): `off`; `allowed`, where the phone wants it; "
        "`required`, so that a phone without it, or without TLS, has no calls.",
        examples=["allowed"],
    )
    srtp_without_tls: bool = Field(
        False,
        description="Whether keys may also be told over UDP and TCP, where anybody on the way can "
        "read them.",
        examples=["false"],
    )
