"""The four transaction machines of RFC 3261 section 17, with RFC 6026's Accepted state, as tables.

State by state: which input leads to which state, what is to be done on the way, and which clocks
run. Two clocks at most: one repeats a message (timers A, E, G), one ends the state (B, D, F, H, I,
J, K, L, M).

    client INVITE    CALLING -> PROCEEDING -> COMPLETED (non-2xx) or ACCEPTED (2xx) -> TERMINATED
    client other     TRYING -> PROCEEDING -> COMPLETED -> TERMINATED
    server INVITE    PROCEEDING -> COMPLETED -> CONFIRMED, or ACCEPTED -> TERMINATED
    server other     TRYING -> PROCEEDING -> COMPLETED -> TERMINATED

Data only: `transaction.py` runs it. This file knows no seconds, no messages and no dialogs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class State(Enum):
    """Where a transaction stands; the names are the RFC's."""

    CALLING = "calling"
    TRYING = "trying"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    TERMINATED = "terminated"

    # An Enum's own hash is a function in Python; each step looks states and inputs up.
    __hash__ = object.__hash__


class Input(Enum):
    """What can happen to a transaction."""

    PROVISIONAL = "1xx"
    """A client received it, or a server's user sends it."""
    SUCCESS = "2xx"
    FAILURE = "3xx-6xx"
    REQUEST = "request again"
    ACK = "ACK"
    REPEAT = "repeat timer"
    END = "end timer"
    BROKEN = "transport error"

    __hash__ = object.__hash__


class Action(Enum):
    """What is to be done on a transition."""

    SEND = "send"
    """Send, or send again, the transaction's last message."""
    DELIVER = "deliver"
    """Give the response to the user."""
    ACKNOWLEDGE = "acknowledge"
    """Send the ACK for a non-2xx (RFC 3261 17.1.1.3)."""
    TIMED_OUT = "timed out"
    NOT_CARRIED = "not carried"


class Repeat(Enum):
    """What the repeat clock does in a state, over an unreliable transport."""

    NEVER = "never"
    DOUBLING = "A"
    """T1, then doubling without an end."""
    CAPPED = "E, G"
    """T1, then doubling up to T2."""
    SLOW = "E in Proceeding"
    """Whatever ran before, then every T2."""
    MINUTE = "provisional refresh"
    """Every `RINGING_REFRESH`, over any transport."""


class End(Enum):
    """What the end clock does in a state."""

    NEVER = "never"
    KEEP = "B, F"
    """Runs on from the state before."""
    GIVE_UP = "B, F, H, L, M"
    """64*T1."""
    LINGER = "D"
    """32 s, and nothing over a reliable transport."""
    ABSORB_REQUESTS = "J"
    """64*T1, and nothing over a reliable transport."""
    ABSORB_RESPONSES = "I, K"
    """T4, and nothing over a reliable transport."""


@dataclass(frozen=True, slots=True)
class Transition:
    """The state after an input, and what to do."""

    state: State
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One state of a machine: its clocks and its transitions."""

    repeat: Repeat
    end: End
    on: dict[Input, Transition]


@dataclass(frozen=True, slots=True)
class Machine:
    """One figure of the RFC."""

    name: str
    start: State
    rows: dict[State, Row] = field(repr=False)


def _to(state: State, *actions: Action) -> Transition:
    return Transition(state, actions)


_TIMED_OUT = _to(State.TERMINATED, Action.TIMED_OUT)
_NOT_CARRIED = _to(State.TERMINATED, Action.NOT_CARRIED)
_GONE = _to(State.TERMINATED)

_INVITE_ANSWERED = {
    Input.PROVISIONAL: _to(State.PROCEEDING, Action.DELIVER),
    Input.SUCCESS: _to(State.ACCEPTED, Action.DELIVER),
    Input.FAILURE: _to(State.COMPLETED, Action.ACKNOWLEDGE, Action.DELIVER),
    Input.END: _TIMED_OUT,
    Input.BROKEN: _NOT_CARRIED,
}

CLIENT_INVITE = Machine(
    "client INVITE (figure 5; RFC 6026 7.2)",
    State.CALLING,
    {
        State.CALLING: Row(
            Repeat.DOUBLING,
            End.GIVE_UP,
            {**_INVITE_ANSWERED, Input.REPEAT: _to(State.CALLING, Action.SEND)},
        ),
        # No clock of its own: a phone may ring as long as the user lets it. After a CANCEL the
        # user of the transaction sets one (`Transaction.end_in`, RFC 3261 9.1).
        State.PROCEEDING: Row(Repeat.NEVER, End.NEVER, _INVITE_ANSWERED),
        State.COMPLETED: Row(
            Repeat.NEVER,
            End.LINGER,
            {
                Input.FAILURE: _to(State.COMPLETED, Action.ACKNOWLEDGE),
                Input.END: _GONE,
                Input.BROKEN: _GONE,
            },
        ),
        State.ACCEPTED: Row(
            Repeat.NEVER,
            End.GIVE_UP,
            {Input.SUCCESS: _to(State.ACCEPTED, Action.DELIVER), Input.END: _GONE},
        ),
    },
)

_PLAIN_ANSWERED = {
    Input.PROVISIONAL: _to(State.PROCEEDING, Action.DELIVER),
    Input.SUCCESS: _to(State.COMPLETED, Action.DELIVER),
    Input.FAILURE: _to(State.COMPLETED, Action.DELIVER),
    Input.END: _TIMED_OUT,
    Input.BROKEN: _NOT_CARRIED,
}

CLIENT_PLAIN = Machine(
    "client non-INVITE (figure 6)",
    State.TRYING,
    {
        State.TRYING: Row(
            Repeat.CAPPED,
            End.GIVE_UP,
            {**_PLAIN_ANSWERED, Input.REPEAT: _to(State.TRYING, Action.SEND)},
        ),
        State.PROCEEDING: Row(
            Repeat.SLOW,
            End.KEEP,
            {**_PLAIN_ANSWERED, Input.REPEAT: _to(State.PROCEEDING, Action.SEND)},
        ),
        State.COMPLETED: Row(Repeat.NEVER, End.ABSORB_RESPONSES, {Input.END: _GONE}),
    },
)

SERVER_INVITE = Machine(
    "server INVITE (figure 7; RFC 6026 7.1)",
    State.PROCEEDING,
    {
        State.PROCEEDING: Row(
            Repeat.MINUTE,
            End.NEVER,
            {
                Input.PROVISIONAL: _to(State.PROCEEDING, Action.SEND),
                Input.SUCCESS: _to(State.ACCEPTED, Action.SEND),
                Input.FAILURE: _to(State.COMPLETED, Action.SEND),
                Input.REQUEST: _to(State.PROCEEDING, Action.SEND),
                Input.REPEAT: _to(State.PROCEEDING, Action.SEND),
                Input.BROKEN: _NOT_CARRIED,
            },
        ),
        State.COMPLETED: Row(
            Repeat.CAPPED,
            End.GIVE_UP,
            {
                Input.REQUEST: _to(State.COMPLETED, Action.SEND),
                Input.REPEAT: _to(State.COMPLETED, Action.SEND),
                Input.ACK: _to(State.CONFIRMED),
                Input.END: _TIMED_OUT,
                Input.BROKEN: _NOT_CARRIED,
            },
        ),
        State.CONFIRMED: Row(Repeat.NEVER, End.ABSORB_RESPONSES, {Input.END: _GONE}),
        # The repeats of the INVITE are absorbed; those of the 2xx are the user's own business.
        State.ACCEPTED: Row(Repeat.NEVER, End.GIVE_UP, {Input.END: _GONE}),
    },
)

SERVER_PLAIN = Machine(
    "server non-INVITE (figure 8)",
    State.TRYING,
    {
        # RFC 3261 sets no clock on a user who never answers. The client gives up after 64*T1
        # (timer F), and RFC 4320 forbids an answer after that, so the transaction ends too.
        State.TRYING: Row(
            Repeat.NEVER,
            End.GIVE_UP,
            {
                Input.PROVISIONAL: _to(State.PROCEEDING, Action.SEND),
                Input.SUCCESS: _to(State.COMPLETED, Action.SEND),
                Input.FAILURE: _to(State.COMPLETED, Action.SEND),
                Input.END: _GONE,
            },
        ),
        State.PROCEEDING: Row(
            Repeat.NEVER,
            End.KEEP,
            {
                Input.PROVISIONAL: _to(State.PROCEEDING, Action.SEND),
                Input.SUCCESS: _to(State.COMPLETED, Action.SEND),
                Input.FAILURE: _to(State.COMPLETED, Action.SEND),
                Input.REQUEST: _to(State.PROCEEDING, Action.SEND),
                Input.END: _GONE,
                Input.BROKEN: _NOT_CARRIED,
            },
        ),
        State.COMPLETED: Row(
            Repeat.NEVER,
            End.ABSORB_REQUESTS,
            {
                Input.REQUEST: _to(State.COMPLETED, Action.SEND),
                Input.END: _GONE,
                Input.BROKEN: _NOT_CARRIED,
            },
        ),
    },
)

MACHINES = (CLIENT_INVITE, CLIENT_PLAIN, SERVER_INVITE, SERVER_PLAIN)
