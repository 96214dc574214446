"""The `emergency:` of an office file: what a call for help shows, and who in the office is told.

A call for help needs nothing of this: it goes out by every trunk, whatever is written or not.

Where a phone stands is read off the address from which it speaks to us (`networks` of a place), so
that a phone that is carried to the other office shows the other office's number; else off whose it
is.
"""

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from softswitch.office.fields import Emails, Model, Option, Phone, Word, Words, one_or_many
from softswitch.wording import Slip, say


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        raise Slip(say("no_network", value=value), say("no_network_remedy")) from None


Network = Annotated[Word, AfterValidator(_network)]
_MANY = WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {}}]})
Networks = Annotated[tuple[Network, ...], BeforeValidator(one_or_many), _MANY]


class Site(Model):
    """Where help is to come to."""

    number: Phone | None = Option(
        description="What calls for help from there show; a number of a trunk, known for that "
        "place. Without it, the office's number.",
        examples=['"+48 22 123 45 67"'],
    )
    address: str | None = Option(
        max_length=200, description="Told by mail and text.", examples=["ul. Polna 3, Kraków"]
    )


class Place(Site):
    """Where phones stand that are not in the office."""

    networks: Networks = Field(
        (),
        description="Addresses from which phones there speak: those of its network, or the one of "
        "its router. Whose phone it is does not matter then.",
        examples=['["10.2.0.0/16"]'],
    )


class Emergency(Site):
    """Calls for help."""

    tell: Words = Field(
        (),
        description="People, groups and queues whose phones get a text about it, and ring. "
        "Without it, who answers at the safe place.",
        examples=["[reception, 101]"],
    )
    ring: bool = Field(
        True,
        description="Whether these phones ring too, until somebody answers and hears who called "
        "which number.",
        examples=["false"],
    )
    mail: Emails = Field(
        (),
        description="Who gets a mail about it. Without it, everybody in `alarms:`.",
        examples=["[biuro@kancelaria.example]"],
    )
    make_room: bool = Field(
        False,
        description="Whether the newest other call of a trunk is ended when all its channels are "
        "in use.",
        examples=["true"],
    )
    places: dict[Word, Place] = Field(
        {},
        description="People who work elsewhere, by extension; other offices, by any name, with "
        "their `networks`.",
        examples=[
            '{120: {number: "+48 12 345 67 89"}, '
            'krakow: {networks: "10.2.0.0/16", number: "+48 12 345 67 88"}}'
        ],
    )

    def site(self, extension: str | None, address: str | None = None) -> Site:
        """Where a phone of somebody stands. `address`: from which it speaks, if that is known."""
        found = [
            (network.prefixlen, place)
            for place in self.places.values()
            for network in map(ipaddress.ip_network, place.networks)
            if address is not None and _is_within(address, network)
        ]
        if found:
            return max(found, key=lambda one: one[0])[1]
        return self.places.get(extension or "", self)


def _is_within(address: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    try:
        return ipaddress.ip_address(address) in network
    except ValueError:
        return False
