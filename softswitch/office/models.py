"""What an office file says, as values: people, groups, queues, mailboxes, trunks, numbers, routes.

One model a section, named as in the YAML; every field tells its meaning and an example, which also
serve the messages of the loader. Values are frozen. Nothing here reads files, and names are not yet
looked up: that a queue's agent exists is proved in `names.py`. A route's node stays a plain mapping
here, because only `softswitch.routing` knows the verbs.
"""

from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from softswitch.office.fields import (
    DEFAULT_COUNTRY,
    Duration,
    DutyRule,
    Email,
    Emails,
    Extension,
    HoursRule,
    Model,
    NumberKey,
    Option,
    Phone,
    Phones,
    RouteNode,
    Word,
    Words,
)
from softswitch.office.numbers import is_country
from softswitch.office.plans import Calendar, Case

# A call that nobody takes for this long is better told what to do next.
DEFAULT_RING = 20.0


class OfficeInfo(Model):
    """Who the office is, and where it stands."""

    name: str = Field(min_length=1, description="The office's name.", examples=["Kancelaria Nowak"])
    country: str = Field(
        DEFAULT_COUNTRY,
        description="Country code: numbers, holidays, emergency numbers, tones.",
        examples=["PL"],
    )
    timezone: str = Field(
        "Europe/Warsaw", description="Time zone of the hours.", examples=["Europe/Warsaw"]
    )
    language: str = Field(
        "pl", pattern="^[a-z]{2}$", description="Language of the prompts.", examples=["pl"]
    )
    number: Phone | None = Option(
        description="What the called party sees, whatever device dials out.",
        examples=['"+48 22 123 45 67"'],
    )
    safe: Word = Field(
        description="Where every outcome goes that nobody handled: no caller is lost.",
        examples=["reception"],
    )
    longest_way: Duration | None = Option(
        ge=10,
        description="A caller reaches a human or a mailbox within this time, whatever happens; the "
        "check proves it. Without it, more than 10m is a warning.",
        examples=["8m"],
    )

    @field_validator("country")
    @classmethod
    def _known_country(cls, value: str) -> str:
        if not is_country(value):
            raise ValueError(f"`{value}` is no country code. Write two capital letters, like PL")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"`{value}` is no time zone. Write it like Europe/Warsaw") from error
        return value


class Person(Model):
    """Somebody with an internal number and any number of devices."""

    name: str = Field(min_length=1, description="The person's name.", examples=["Anna Zielińska"])
    email: Email | None = Option(
        description="Where the person's voice messages are sent.",
        examples=["anna@kancelaria.example"],
    )
    mobile: Phone | None = Option(
        description="The person's mobile number.", examples=['"+48 600 100 200"']
    )
    deputy: Extension | None = Option(description="Who stands in.", examples=["111"])
    voicemail: bool | Word | None = Option(
        description="Takes messages: true, false, or the name of a mailbox. Without it: true for "
        "whoever has an e-mail address.",
        examples=["true"],
    )


class GroupStrategy(StrEnum):
    """In which order a group rings."""

    TOGETHER = "together"
    IN_ORDER = "in_order"


class Group(Model):
    """People whose phones ring for one call."""

    name: str | None = Option(description="Shown on the phones.", examples=["Kadry"])
    number: Extension | None = Option(description="Internal number.", examples=["320"])
    ring: Words = Field(min_length=1, description="Who rings.", examples=["[120, 102]"])
    how: GroupStrategy = Field(
        GroupStrategy.TOGETHER,
        description="together: all at once; in_order: each in turn, for the time of the ring.",
        examples=["together"],
    )


class QueueStrategy(StrEnum):
    """Which free agent is rung next."""

    LONGEST_IDLE = "longest_idle"
    IN_ORDER = "in_order"
    TOGETHER = "together"


class Announce(Model):
    """What a waiting caller is told, and how often."""

    every: Duration = Field(30.0, description="Pause between two announcements.", examples=["30s"])
    position: bool = Field(True, description="Say the place in the queue.", examples=["true"])


class Queue(Model):
    """Callers wait with music and are served in order."""

    name: str | None = Option(description="Shown on the phones.", examples=["Recepcja"])
    number: Extension | None = Option(description="Internal number.", examples=["300"])
    agents: Words = Field(description="Who answers.", examples=["[101, 102]"])
    how: QueueStrategy = Field(
        QueueStrategy.LONGEST_IDLE, description="Who is rung next.", examples=["longest_idle"]
    )
    music: Word = Field("calm", description="Music while waiting.", examples=["calm"])
    announce: Announce | None = Option(
        description="What waiting callers are told.", examples=["{every: 30s, position: true}"]
    )
    longest_wait: Duration = Field(
        300.0, ge=1, description="After this the caller leaves by too_long.", examples=["5m"]
    )
    places: int = Field(
        20, ge=1, le=1000, description="Callers that may wait at once.", examples=["20"]
    )
    wrap_up: Duration = Field(
        0.0, description="Rest of an agent after each talk.", examples=["15s"]
    )
    ring_for: Duration = Field(
        DEFAULT_RING, ge=1, description="How long one agent's phone rings.", examples=["20s"]
    )


class Mailbox(Model):
    """Where callers leave messages, and who gets them by e-mail."""

    name: str | None = Option(description="Used in the e-mail.", examples=["Recepcja"])
    number: Extension | None = Option(description="Internal number.", examples=["330"])
    greeting: Word = Field(
        "leave_message", description="Prompt before the tone.", examples=["leave_message"]
    )
    mail: Emails = Field(
        (), description="Who gets the message by e-mail.", examples=["[biuro@kancelaria.example]"]
    )
    language: str | None = Option(
        pattern="^[a-z]{2}$", description="Language of the e-mail.", examples=["pl"]
    )


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


class RecordingPolicy(Model):
    """What is recorded, why, for how long. Without such a policy nothing is ever recorded."""

    queue: Word | None = Option(description="Calls of this queue.", examples=["reception"])
    number: NumberKey | None = Option(
        description="Calls to this number.", examples=['"+48 22 123 45 67"']
    )
    person: Extension | None = Option(description="Calls of this person.", examples=["101"])
    purpose: str = Field(
        min_length=3, description="Why it is recorded.", examples=["ustalenia z klientem"]
    )
    keep: Duration = Field(ge=60, description="How long it is kept.", examples=["90d"])
    notice: Word = Field(
        description="Prompt that tells the caller before.", examples=["notice_recorded"]
    )
    opt_out_key: Annotated[Word, Field(pattern="^[0-9]$")] | None = Option(
        description="Key by which the caller refuses.", examples=["9"]
    )

    @model_validator(mode="after")
    def _one_subject(self) -> "RecordingPolicy":
        named = [key for key in ("queue", "number", "person") if getattr(self, key) is not None]
        if len(named) != 1:
            raise ValueError(
                "a recording policy names exactly one of `queue`, `number` and `person`. "
                "Write one policy for each"
            )
        return self


class Services(Model):
    """Numbers of the switch itself."""

    echo: Extension | None = Field(
        "600", description="Echo test: the caller hears himself.", examples=["600"]
    )


class Office(Model):
    """One whole office file."""

    office: OfficeInfo = Field(examples=["{name: Kancelaria Nowak, safe: reception}"])
    hours: dict[str, HoursRule] = {}
    calendar: Calendar = Calendar()
    people: dict[Extension, Person] = {}
    secrets: str = "secrets.yaml"
    groups: dict[str, Group] = {}
    queues: dict[str, Queue] = {}
    rosters: dict[str, dict[DutyRule, Words]] = {}
    mailboxes: dict[str, Mailbox] = {}
    contacts: str | None = None
    trunks: dict[str, Trunk] = {}
    numbers: dict[NumberKey, Word] = {}
    routes: dict[str, RouteNode] = {}
    recording: tuple[RecordingPolicy, ...] = ()
    music: dict[str, str] = {}
    prompts: str | None = None
    services: Services = Services()
    tests: dict[str, Case] = {}

    @property
    def country(self) -> str:
        return self.office.country

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which hours are meant."""
        return ZoneInfo(self.office.timezone)

    def mailbox(self, key: str) -> Mailbox | None:
        """A mailbox by its name, or the personal one of an extension; None when there is none."""
        if key in self.mailboxes:
            return self.mailboxes[key]
        person = self.people.get(key)
        if person is None or self.mailbox_of(key) != key:
            return None
        mail = (person.email,) if person.email else ()
        return Mailbox(name=person.name, greeting="mailbox_greeting", mail=mail)

    def mailbox_of(self, extension: str) -> str | None:
        """Who takes a person's messages: his own box (his extension), a shared one, none."""
        person = self.people.get(extension)
        if person is None or person.voicemail is False:
            return None
        if isinstance(person.voicemail, str):
            return person.voicemail
        return extension if person.voicemail or person.email else None
