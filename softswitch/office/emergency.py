"""The `emergency:` of an office file: what a call for help shows, and who in the office is told.

A call for help needs nothing of this: it goes out by every trunk, whatever is written or not.
"""

from pydantic import Field

from softswitch.office.fields import Emails, Extension, Model, Option, Phone, Words


class EmergencyPlace(Model):
    """Where one person's phone stands, if not in the office."""

    number: Phone | None = Option(
        description="Shown instead of the office's; a number of a trunk, known for that place.",
        examples=['"+48 12 345 67 89"'],
    )
    address: str | None = Option(
        max_length=200, description="Told by mail and text.", examples=["ul. Polna 3, Kraków"]
    )


class Emergency(Model):
    """Calls for help."""

    number: Phone | None = Option(
        description="What calls for help show, so that help comes to this place. Without it, the "
        "office's number.",
        examples=['"+48 22 123 45 67"'],
    )
    tell: Words = Field(
        (),
        description="People, groups and queues whose phones get a text about it. Without it, who "
        "answers at the safe place.",
        examples=["[reception, 101]"],
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
    places: dict[Extension, EmergencyPlace] = Field(
        {},
        description="People who work elsewhere.",
        examples=['{120: {number: "+48 12 345 67 89", address: "ul. Polna 3, Kraków"}}'],
    )
