"""The `trunks:` of an office file: links to telephone providers, with the numbers they bring."""

from enum import StrEnum

from pydantic import Field, field_validator

from softswitch.office.fields import Model, Option, Phones, Word


class TrunkTransport(StrEnum):
    """How a trunk's packets travel."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


class Trunk(Model):
    """The link to a telephone provider; owns public numbers."""

    server: str = Field(
        pattern=r"^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?$",
        description="The provider's server.",
        examples=["sip.operator.example"],
    )
    transport: TrunkTransport = Field(
        TrunkTransport.UDP, description="udp, tcp or tls.", examples=["udp"]
    )
    username: Word | None = Option(description="Account name.", examples=['"48221234567"'])
    numbers: Phones = Field(
        (), description="Public numbers on this trunk.", examples=['["+48 22 123 45 67"]']
    )
    register_: bool = Field(
        False,
        alias="register",
        description="Whether we register at the provider.",
        examples=["false"],
    )
    codecs: tuple[str, ...] = Field(
        ("PCMA", "PCMU"), description="In order of preference.", examples=["[PCMA, PCMU]"]
    )

    @property
    def host(self) -> str:
        """The server's name or address, without port and brackets."""
        host = self.server.rsplit("]", 1)[0] if "[" in self.server else self.server.split(":")[0]
        return host.lstrip("[")

    @property
    def port(self) -> int | None:
        """The port that was written, if any; without it DNS decides (RFC 3263)."""
        tail = self.server.rsplit("]", 1)[-1]
        return int(tail.split(":")[1]) if ":" in tail else None

    @field_validator("register_")
    @classmethod
    def _not_yet(cls, value: bool) -> bool:
        if value:
            raise ValueError(
                "registering at a provider is not there yet. Remove the line and let the provider "
                "recognise you by your IP address"
            )
        return value

    @field_validator("server")
    @classmethod
    def _port_in_range(cls, value: str) -> str:
        tail = value.rsplit("]", 1)[-1]
        if ":" in tail and not 0 < int(tail.split(":")[1]) < 65536:
            raise ValueError(f"`{value}`: a port lies between 1 and 65535, usually 5060")
        return value

    @field_validator("codecs")
    @classmethod
    def _known_codecs(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for codec in value:
            if codec not in ("PCMA", "PCMU"):
                raise ValueError(f"`{codec}` is no codec of ours. Write PCMA (A-law) or PCMU")
        return value
