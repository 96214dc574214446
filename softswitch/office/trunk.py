"""The `trunks:` of an office file: links to telephone providers, with the numbers they bring.

What a provider wants is written here and nowhere in code: where it puts the dialled number, how it
writes numbers, which headers it believes. `trunks/profile.py` acts on it.
"""

import re
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, SecretStr, WithJsonSchema, field_validator
from pydantic import model_validator as whole

from softswitch.office.fields import Duration, Model, Option, Phones, Word
from softswitch.office.terms import Codecs, SrtpPolicy
from softswitch.sip.crypto import Srtp
from softswitch.wording import Slip, say

_SERVER = r"^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?$"
# Half a minute keeps the hole in a router open, and is heard of within the minute when it ends.
WATCH_EVERY = 30.0
MIN_WATCH = 5.0


class TrunkTransport(StrEnum):
    """How a trunk's packets travel."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


class CalledIn(StrEnum):
    """Where a provider writes the number that was called."""

    REQUEST_URI = "request-uri"
    TO = "to"
    P_CALLED_PARTY_ID = "p-called-party-id"


class NumberFormat(StrEnum):
    """How a provider wants numbers: national digits, or with the country in one of three ways."""

    NATIONAL = "national"
    BARE = "bare"
    PLUS = "plus"
    ZEROS = "zeros"


class IdentityHeader(StrEnum):
    """Which headers tell the provider the calling number."""

    FROM = "from"
    PAI = "pai"
    PPI = "ppi"
    RPID = "rpid"


class ForwardHeader(StrEnum):
    """How a provider is told that a call was forwarded, and by which number of ours."""

    NONE = "none"
    DIVERSION = "diversion"
    HISTORY_INFO = "history-info"


class ForwardShows(StrEnum):
    """Whose number a forwarded call shows."""

    OWN = "own"
    CALLER = "caller"


def _format(value: object) -> object:
    """Also as the country's code is to stand: `48`, `+48`, `0048`.

    In quotes: YAML reads all three as the same number.
    """
    if isinstance(value, int):
        raise Slip(say("which_form", value=value), say("which_form_remedy"))
    text = str(value).strip()
    if re.fullmatch(r"\+[1-9]\d{0,2}", text):
        return NumberFormat.PLUS
    if re.fullmatch(r"00[1-9]\d{0,2}", text):
        return NumberFormat.ZEROS
    return NumberFormat.BARE if re.fullmatch(r"[1-9]\d{0,2}", text) else text


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _named_none(value: object) -> object:
    return "none" if value in (None, False) else value


def _often(value: object) -> object:
    return None if value in ("none", False) else value


_FORMAT = WithJsonSchema(
    {"type": "string", "pattern": r"^(national|bare|plus|zeros|(\+|00)?[1-9][0-9]{0,2})$"}
)
_IDENTITY = WithJsonSchema(
    {
        "anyOf": [
            {"enum": [one.value for one in IdentityHeader]},
            {"type": "array", "items": {"enum": [one.value for one in IdentityHeader]}},
        ]
    }
)


class Trunk(Model):
    """The link to a telephone provider; owns public numbers."""

    server: str = Field(
        pattern=_SERVER,
        description="The provider's server; with a port only that one is used.",
        examples=["sip.operator.example"],
    )
    transport: TrunkTransport = Field(
        TrunkTransport.UDP, description="udp, tcp or tls.", examples=["udp"]
    )
    enabled: bool = Field(
        True, description="false: as if the trunk were not written.", examples=["true"]
    )
    outbound_proxy: str | None = Option(
        pattern=_SERVER,
        description="Where packets go instead of the server, which still names the account.",
        examples=["proxy.operator.example"],
    )
    username: Word | None = Option(description="Account name.", examples=['"48221234567"'])
    login: Word | None = Option(
        description="Name for the password, where it is not the account's.", examples=["u123"]
    )
    password: SecretStr | None = Option(
        description="Of the account; best kept in a secret file.", examples=['"${secret:operator}"']
    )
    register_: bool = Field(
        False,
        alias="register",
        description="Whether we register at the provider; without it he knows us by our address.",
        examples=["true"],
    )
    expires: Duration = Field(
        600.0,
        ge=60,
        le=86_400,
        description="For how long a registration is asked; the provider may say less.",
        examples=["10m"],
    )
    watch: Annotated[Duration | None, BeforeValidator(_often)] = Field(
        WATCH_EVERY,
        ge=MIN_WATCH,
        description="How often the provider is asked whether he is there (OPTIONS); `none`: never.",
        examples=["30s"],
    )
    numbers: Phones = Field(
        (), description="Public numbers on this trunk.", examples=['["+48 22 123 45 67"]']
    )
    calls: int | None = Option(
        ge=1, le=2000, description="Calls at once, both directions together.", examples=["10"]
    )
    did: CalledIn = Field(
        CalledIn.REQUEST_URI,
        description="Where the called number stands: request-uri, to or p-called-party-id.",
        examples=["request-uri"],
    )
    format: Annotated[NumberFormat, BeforeValidator(_format), _FORMAT] = Field(
        NumberFormat.PLUS,
        description="How numbers are written to the provider: `national`, or the country's code "
        'as it is to stand: `"48"`, `"+48"`, `"0048"`.',
        examples=['"+48"'],
    )
    identity: Annotated[tuple[IdentityHeader, ...], BeforeValidator(_listed), _IDENTITY] = Field(
        (IdentityHeader.FROM, IdentityHeader.PAI),
        min_length=1,
        description="Headers that carry our number: from, pai, ppi, rpid. Without `from`, From "
        "names the account.",
        examples=["[from, pai]"],
    )
    forwards: Annotated[ForwardHeader, BeforeValidator(_named_none)] = Field(
        ForwardHeader.NONE,
        description="How the provider is told that a call was forwarded, and by which number of "
        "ours: none, diversion or history-info.",
        examples=["diversion"],
    )
    forward_shows: ForwardShows = Field(
        ForwardShows.OWN,
        description="What a forwarded call shows: a number of ours (own), or the client's "
        "(caller) where the provider permits it beside `forwards`.",
        examples=["own"],
    )
    codecs: Codecs = Field(
        ("PCMA", "PCMU"),
        min_length=1,
        description="In order of preference: PCMA, PCMU, G722, opus, L16.",
        examples=["[PCMA, PCMU]"],
    )
    srtp: SrtpPolicy = Field(
        Srtp.OFF,
        description="Encrypted sound: `off`, `allowed` or `required`. It needs `transport: tls`, "
        "or anybody on the way could read the keys.",
        examples=["off"],
    )
    ptime: int = Field(
        20,
        ge=10,
        le=60,
        description="Milliseconds of sound in a packet, unless he wishes otherwise.",
        examples=["20"],
    )
    session_timers: bool = Field(
        True, description="Whether calls out ask for session timers.", examples=["true"]
    )
    reliable: bool = Field(
        True,
        alias="100rel",
        description="Whether calls out support reliable ringing (PRACK).",
        examples=["true"],
    )

    @property
    def host(self) -> str:
        """The server's name or address, without port and brackets."""
        return _place(self.server)[0]

    @property
    def port(self) -> int | None:
        """The port that was written, if any; without it DNS decides (RFC 3263)."""
        return _place(self.server)[1]

    @property
    def next_hop(self) -> tuple[str, int | None]:
        """Where packets go: host and port as written."""
        return _place(self.outbound_proxy or self.server)

    @property
    def has_account(self) -> bool:
        return self.username is not None and self.password is not None

    @field_validator("server", "outbound_proxy")
    @classmethod
    def _port_in_range(cls, value: str | None) -> str | None:
        tail = (value or "").rsplit("]", 1)[-1]
        if ":" in tail and not 0 < int(tail.split(":")[1]) < 65536:
            raise Slip(say("wrong_port", value=value))
        return value

    @field_validator("ptime")
    @classmethod
    def _in_tens(cls, value: int) -> int:
        if value % 10:
            raise Slip(say("wrong_ptime", value=value), say("wrong_ptime_remedy"))
        return value

    @whole(mode="after")
    def _account(self) -> Self:
        if self.register_ and not self.has_account:
            raise Slip(say("register_needs_account"), say("register_needs_account_remedy"))
        if self.forward_shows is ForwardShows.CALLER and self.forwards is ForwardHeader.NONE:
            raise Slip(say("show_whose_call"), say("show_whose_call_remedy"))
        if self.password is not None and self.username is None:
            raise Slip(say("password_without_name"), say("password_without_name_remedy"))
        if self.srtp is not Srtp.OFF and self.transport is not TrunkTransport.TLS:
            raise Slip(say("srtp_without_tls"), say("srtp_without_tls_remedy"))
        return self


@lru_cache(256)
def _place(server: str) -> tuple[str, int | None]:
    """`host`, `host:port`, `[v6]`, `[v6]:port`."""
    head, bracket, tail = server.rpartition("]")
    host = head.lstrip("[") if bracket else server.split(":")[0]
    return host, int(tail.split(":")[1]) if ":" in tail else None
