"""What an office file says, as values: people, groups, queues, mailboxes, trunks, numbers, routes.

One model a section, named as in the YAML; every field tells its meaning and an example, which also
serve the messages of the loader. Values are frozen. Nothing here reads files, and names are not yet
looked up: that a queue's agent exists is proved in `names.py`. A route's node stays a plain mapping
here, because only `softswitch.routing` knows the verbs.
"""

from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, field_validator

from softswitch.office.callbacks import Callbacks
from softswitch.office.codes import Codes
from softswitch.office.conference import Conference
from softswitch.office.contact_sources import ContactSources
from softswitch.office.emergency import Emergency
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
    RouteNode,
    Word,
    Words,
    one_or_many,
)
from softswitch.office.hold import Hold
from softswitch.office.mailbox import Mailbox, Pin, SoundFormat
from softswitch.office.numbers import is_country
from softswitch.office.outgoing import Outgoing
from softswitch.office.parking import Parking, or_none
from softswitch.office.pickup import PickupRight
from softswitch.office.plans import Calendar, Case
from softswitch.office.push import Push
from softswitch.office.queue import PauseReason, Queue
from softswitch.office.recording import RecordingPolicy
from softswitch.office.reports import Report
from softswitch.office.ringing import Ringing
from softswitch.office.switches import Switch
from softswitch.office.talk_codes import TalkCodes
from softswitch.office.terms import SoundTerms
from softswitch.office.trunk import Trunk
from softswitch.office.until import Absences
from softswitch.wording import Slip, say


class OfficeInfo(Model):
    """Who the office is, and where it stands."""

    name: str = Field(min_length=1, description="The office's name.", examples=["Kancelaria Nowak"])
    country: str = Field(
        DEFAULT_COUNTRY,
        description="Country code: numbers, holidays, emergency numbers, tones.",
        examples=["PL"],
    )
    timezone: str = Field(
        "Europe/Warsaw", description="Time zone: hours, lists, mails.", examples=["Europe/Warsaw"]
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
            raise Slip(say("no_country_code", value=value), say("no_country_code_remedy"))
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise Slip(say("no_time_zone", value=value), say("no_time_zone_remedy")) from error
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
    mobile_hours: HoursRule | None = Option(
        description="When it rings beside the desk.", examples=['"Mo-Fr 07:00-20:00"']
    )
    number: Phone | None = Option(
        description="What is shown of the person outside instead; a number of a trunk.",
        examples=['"+48 22 123 45 68"'],
    )
    deputy: Extension | None = Option(
        description="Who takes the calls while the person is absent.", examples=["111"]
    )
    absent: Absences = Field(
        (),
        description="Days on which the person is absent, first to last; with times if need be.",
        examples=['["2026-12-20 - 2027-01-06"]'],
    )
    calls: int = Field(
        2, ge=1, le=20, description="Calls that may be offered at once.", examples=["2"]
    )
    voicemail: bool | Word | None = Option(
        description="Takes messages: true, false, or the name of a mailbox. Without it: true for "
        "whoever has an e-mail address.",
        examples=["true"],
    )
    sound: SoundFormat = Field(
        SoundFormat.WAV, description="How messages are attached: wav or mp3.", examples=["mp3"]
    )
    pin: str | None = Pin
    privileged: bool = Field(
        False,
        description="Bound to professional secrecy: talks are never recorded nor listened to, "
        "whatever a queue says.",
        examples=["true"],
    )


class GroupStrategy(StrEnum):
    """In which order a group rings."""

    TOGETHER = "together"
    IN_ORDER = "in_order"


class Group(Model):
    """People whose phones ring for one call."""

    name: str | None = Option(description="Shown before the caller's.", examples=["Kadry"])
    number: Extension | None = Option(description="Internal number.", examples=["320"])
    ring: Words = Field(min_length=1, description="Who rings.", examples=["[120, 102]"])
    how: GroupStrategy = Field(
        GroupStrategy.TOGETHER,
        description="together: all at once; in_order: each in turn, for the time of the ring.",
        examples=["together"],
    )


class Services(Model):
    """Numbers of the switch itself."""

    echo: Extension | None = Field(
        "600", description="Echo test: the caller hears himself.", examples=["600"]
    )


class Office(Model):
    """One whole office file."""

    include: Words = Field(
        (),
        description="Files below this folder with more of the office; an entry stands in one only.",
        examples=['[people.yaml, "routes/*.yaml"]'],
    )
    office: OfficeInfo = Field(
        description="The office itself.", examples=["{name: Kancelaria Nowak, safe: reception}"]
    )
    hours: dict[str, HoursRule] = Field(
        {},
        description="Opening hours by name, in the OpenStreetMap language; PH is a public holiday.",
        examples=['{office: "Mo-Fr 08:00-16:00; PH off"}'],
    )
    calendar: Calendar = Field(
        Calendar(),
        description="Days and periods in which all hours but `24/7` are closed.",
        examples=['{free: {"2027-01-02": za 15 sierpnia}}'],
    )
    switches: dict[str, Switch] = Field(
        {},
        description="What people switch on for a while from their phones: closed early, open late.",
        examples=['{early: {code: "*28", number: 801, closes: all}}'],
    )
    people: dict[Extension, Person] = Field(
        {},
        description="Everybody with a telephone, by internal number.",
        examples=["{101: {name: Anna Zielińska}}"],
    )
    secrets: str = Field(
        "secrets.yaml",
        description="File of the phones' passwords, as digests; `softswitch passwd` writes it.",
        examples=["secrets.yaml"],
    )
    groups: dict[str, Group] = Field(
        {},
        description="People whose phones ring for one call.",
        examples=["{payroll: {ring: [120, 102]}}"],
    )
    queues: dict[str, Queue] = Field(
        {},
        description="Where callers wait with music until somebody is free.",
        examples=["{reception: {agents: [101, 102]}}"],
    )
    pauses: dict[PauseReason, str] = Field(
        {},
        description="Reasons for a pause from the queues, by the digit dialled behind its code.",
        examples=["{1: lunch, 2: meeting}"],
    )
    rosters: dict[str, dict[DutyRule, Words]] = Field(
        {},
        description="Who is on duty when: stretches of the week or rules of hours, each with "
        "people; `otherwise` is the rest, and rings next when nobody on duty answers.",
        examples=['{duty: {"Fr 16:00 - Mo 08:00": 111, otherwise: 101}}'],
    )
    mailboxes: dict[str, Mailbox] = Field(
        {},
        description="Where messages are left. Whoever has an e-mail address has one of his own.",
        examples=["{reception: {mail: biuro@kancelaria.example}}"],
    )
    conferences: dict[str, Conference] = Field(
        {},
        description="Rooms in which several people talk.",
        examples=['{board: {number: 350, pin: "4711"}}'],
    )
    callbacks: Callbacks = Field(
        Callbacks.model_validate({}),
        description="Who calls back the clients whom nobody talked with, and how soon.",
        examples=["{owner: reception, hours: office, due: 30m}"],
    )
    contacts: ContactSources = Field(
        (),
        description="Known callers: a file, a CRM by HTTP, a directory by LDAP, or a list of them "
        "in the order in which they are asked.",
        examples=['[clients.csv, {http: "https://crm.example/who"}]'],
    )
    trunks: dict[str, Trunk] = Field(
        {},
        description="Links to telephone providers, with the public numbers that come over them.",
        examples=["{operator: {server: sip.operator.example}}"],
    )
    push: Push | None = Option(
        description="How sleeping mobile apps are woken for a call. Without it, none is.",
        examples=['{url: "https://push.example/wake", secret: "${secret:push}"}'],
    )
    alarms: Emails = Field(
        (),
        description="Who is told by e-mail when calls over a trunk are at risk.",
        examples=["[admin@kancelaria.example]"],
    )
    reports: tuple[Report, ...] = Field(
        (),
        description="Figures of each day or week by mail: calls, waits, queues, people.",
        examples=['[{every: week, at: "07:00", mail: [biuro@kancelaria.example]}]'],
    )
    numbers: dict[NumberKey, Word] = Field(
        {},
        description="Where a call to a number goes: a route, person, group, queue or mailbox.",
        examples=['{"+48 22 123 45 67": welcome}'],
    )
    routes: dict[str, RouteNode] = Field(
        {},
        description="What happens to a caller, node by node; the verbs are below.",
        examples=["{welcome: {play: welcome, then: opening}}"],
    )
    emergency: Emergency = Field(
        Emergency(),
        description="Calls for help: what they show, and who is told. They go out from any phone, "
        "at any hour, by every trunk there is.",
        examples=['{number: "+48 22 123 45 67", tell: [reception]}'],
    )
    outgoing: Outgoing = Field(
        Outgoing.model_validate({}),
        description="Who may call what outside, when, and how much of it. Without it: the own "
        "country, no numbers that cost extra.",
        examples=['{countries: [DE], locked: "22:00-06:00"}'],
    )
    recording: tuple[RecordingPolicy, ...] = Field(
        (),
        description="What is recorded, why and for how long. Absent: nothing is ever recorded.",
        examples=["[{queue: reception, purpose: ustalenia, keep: 90d, notice: notice_recorded}]"],
    )
    never_recorded: Annotated[tuple[NumberKey, ...], BeforeValidator(one_or_many)] = Field(
        (),
        description="Numbers, of clients or of the office, whose calls are never recorded nor "
        "listened to.",
        examples=['["+48 22 123 45 68"]'],
    )
    music: dict[str, str] = Field(
        {},
        description="Own music by name, each a sound file beside the office file.",
        examples=["{jazz: music/jazz.flac}"],
    )
    mails: str | None = Option(
        description="Folder of own texts of mails: `voicemail.pl.txt`, its first line the subject.",
        examples=["mails"],
    )
    prompts: str | None = Option(
        description="Folder of own prompts, of any sound format; each replaces a shipped one.",
        examples=["prompts"],
    )
    services: Services = Field(
        Services(), description="Numbers of the switch itself.", examples=['{echo: "600"}']
    )
    codes: Codes = Field(
        Codes(),
        description="Star codes of the phones; `none` takes one away.",
        examples=['{dnd: "*26"}'],
    )
    talk_codes: TalkCodes = Field(
        TalkCodes(),
        description="What is pressed during a talk on phones without such keys.",
        examples=['{blind: "*1"}'],
    )
    sound: SoundTerms = Field(
        SoundTerms(),
        description="Codecs and encryption of the office's phones.",
        examples=["{codecs: [PCMA, PCMU, G722, opus], srtp: allowed}"],
    )
    hold: Hold = Field(
        Hold.model_validate({}),
        description="When a client on hold is brought to mind, and when he is brought back.",
        examples=["{remind: 60s, return: 3m}"],
    )
    parking: Annotated[Parking | None, BeforeValidator(or_none)] = Field(
        Parking(),
        description="Numbers on which a call can be parked; `none` takes it away.",
        examples=["{slots: 701-708, return_after: 2m, music: calm}"],
    )
    pickup: PickupRight = Field(
        PickupRight.OFFICE,
        description="From whom a ringing call may be taken: `office`, from everybody; `group`, "
        "from those who share a group or queue.",
        examples=["office"],
    )
    ringing: Ringing = Field(
        Ringing.model_validate({}),
        description="How a phone is told what rings, to ring differently; `none` tells nothing.",
        examples=["{queue: Bellcore-dr3}"],
    )
    tests: dict[str, Case] = Field(
        {},
        description="Calls that must go right; `softswitch test` makes them.",
        examples=['{noon: {at: "2026-11-25 12:00", expect: talk}}'],
    )

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
        name, greeting = person.name, "mailbox_greeting"
        return Mailbox(name=name, greeting=greeting, mail=mail, sound=person.sound, pin=person.pin)

    def mailbox_of(self, extension: str) -> str | None:
        """Who takes a person's messages: his own box (his extension), a shared one, none."""
        person = self.people.get(extension)
        if person is None or person.voicemail is False:
            return None
        if isinstance(person.voicemail, str):
            return person.voicemail
        return extension if person.voicemail or person.email else None

    def may_open(self, extension: str, mailbox: str) -> bool:
        """Whether somebody hears the messages of a mailbox: its owner, or one of its team."""
        person = self.people.get(extension)
        if person is None or mailbox not in self.mailboxes:
            return person is not None and self.mailbox_of(extension) == mailbox
        return self.mailbox_of(extension) == mailbox or person.email in self.mailboxes[mailbox].mail
