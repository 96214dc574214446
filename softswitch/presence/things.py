"""What can be watched, and the value of each as its watchers are told it.

Plain values, shared by the whole folder. A made-up dialog (RFC 4235 4.1) stands for one call of a
person: its Call-ID and tags are ours and say nothing of the real ones.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import msgspec

from softswitch.sip.subscription import EventPackage

DIALOG = EventPackage("dialog", "application/dialog-info+xml")
SUMMARY = EventPackage("message-summary", "application/simple-message-summary")
PRESENCE = EventPackage("presence", "application/pidf+xml")
PACKAGES = {package.name: package for package in (DIALOG, SUMMARY, PRESENCE)}


class Kind(StrEnum):
    """What is watched."""

    PERSON = "person"
    QUEUE = "queue"
    MAILBOX = "mailbox"
    SWITCH = "switch"  # a park slot, the night switch: on or off


class Thing(NamedTuple):
    """One watched thing; `key` is an extension, or the name of a queue, mailbox or switch."""

    kind: Kind
    key: str


def own_switch(extension: str, setting: str) -> Thing:
    """The lamp of a setting of somebody's own, under the star code's address on his phones."""
    return Thing(Kind.SWITCH, f"{setting} {extension}")


def hand_switch(name: str) -> Thing:
    """The lamp of a switch that people turn by hand, under its number and its star code."""
    return Thing(Kind.SWITCH, f"switch {name}")


EMERGENCY = Thing(Kind.SWITCH, "emergency")
"""The lamp of calls for help that nobody of the office has noticed, under its star code."""


class Role(StrEnum):
    """Who began the call (RFC 4235 4.1.1), seen from the person that is watched."""

    INITIATOR = "initiator"
    RECIPIENT = "recipient"


class DialogState(StrEnum):
    """RFC 4235 3.7.1, as far as a lamp shows it."""

    EARLY = "early"
    CONFIRMED = "confirmed"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True)
class Party:
    """The other one of a call."""

    number: str | None
    name: str | None = None


class LampDialog(msgspec.Struct, frozen=True):
    """One call of somebody, as lamps are told it."""

    id: str
    call_id: str
    local_tag: str
    remote_tag: str
    state: DialogState
    role: Role | None = None
    other: Party | None = None


class Activity(StrEnum):
    """What somebody does, by the words of RFC 4480 3.2."""

    ON_THE_PHONE = "on-the-phone"
    DO_NOT_DISTURB = "busy"
    ABSENT = "away"


@dataclass(frozen=True, slots=True)
class Availability:
    """RFC 3863 and RFC 4480: can somebody be called, and what does he do."""

    is_open: bool
    activity: Activity | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """RFC 3842: messages that nobody has heard yet, and the rest."""

    new: int = 0
    old: int = 0
