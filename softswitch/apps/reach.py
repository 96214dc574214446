"""Who may be rung now, and where his call goes instead: the one place where that is decided.

A call for one person (dialled, `ring: 101`, a transfer) goes, in this order:

1. absent: to the deputy; without one it fails as if no phone were registered
2. every call forwarded: there
3. do not disturb, or as many calls as may be offered to him: busy
4. his phones ring, all of them; he may talk on one of them already

What failed in 3 or 4 goes where he forwards such calls (busy, no answer, unreachable), else back to
the route. Whoever a call would be forwarded to reaches him all the same: a deputy or a secretary
passes the calls on that she thinks he must have.

A group, a list or a queue follows nobody's forward, because it has others to ring: who is absent,
forwards every call or is not to be disturbed is passed over, and so is who talks already.
"""

from dataclasses import dataclass
from enum import StrEnum

from softswitch.calls.people import People
from softswitch.calls.standing import Standing
from softswitch.office.codes import Setting
from softswitch.office.models import Office
from softswitch.routing.caller import RingOutcome

# With a forward for calls that are not answered, the phone rings this long before.
NO_ANSWER_SECONDS = 20.0
TALKING, TOO_MANY = "talking", "too_many_calls"

_CONDITIONS = {
    RingOutcome.BUSY: Setting.FORWARD_BUSY,
    RingOutcome.NO_ANSWER: Setting.FORWARD_NO_ANSWER,
    RingOutcome.UNREACHABLE: Setting.FORWARD_UNREACHABLE,
}


class ByPhone(StrEnum):
    """What a phone decides by itself, and not its person by an order to the switch."""

    DEFLECTED = "deflected"


@dataclass(frozen=True, slots=True)
class Onward:
    """The call goes on to somebody else. `to`: an internal number, or E.164."""

    to: str
    why: Setting | ByPhone


@dataclass(frozen=True, slots=True)
class Refused:
    """He is not rung. `why`: a setting, or what he does."""

    outcome: RingOutcome
    why: str


class Reach:
    """See the module's docstring. Holds no state of its own."""

    def __init__(self, standing: Standing, people: People) -> None:
        self._standing = standing
        self._people = people

    # --- one person is meant ---

    def person(self, office: Office, extension: str, caller: str | None) -> Onward | Refused | None:
        """What is to be done with a call for him; None: ring his phones."""
        standing = self._standing
        if standing.away(extension) is not None:
            deputy = office.people[extension].deputy if extension in office.people else None
            if deputy is None:
                return Refused(RingOutcome.UNREACHABLE, Setting.ABSENT)
            if deputy != caller:
                return Onward(deputy, Setting.ABSENT)
        onward = self._forward(extension, Setting.FORWARD_ALL, caller)
        if onward is not None:
            return onward
        if standing.active(extension, Setting.DND) is not None:
            return Refused(RingOutcome.BUSY, Setting.DND)
        if self.is_full(extension, caller):
            return Refused(RingOutcome.BUSY, TOO_MANY)
        return None

    def after(self, extension: str, outcome: RingOutcome, caller: str | None) -> Onward | None:
        """Where a call goes that did not reach him; None: nowhere else."""
        setting = _CONDITIONS.get(outcome)
        return None if setting is None else self._forward(extension, setting, caller)

    def seconds(self, extension: str, seconds: float, caller: str | None) -> float:
        """How long his phones ring, of `seconds` at most."""
        if self._forward(extension, Setting.FORWARD_NO_ANSWER, caller) is None:
            return seconds
        forward = self._standing.active(extension, Setting.FORWARD_NO_ANSWER)
        own = forward.seconds if forward is not None else None
        return min(seconds, own or NO_ANSWER_SECONDS)

    def is_full(self, extension: str, caller: str | None = None) -> bool:
        """No more calls may be offered to him. The one that he makes himself does not count."""
        calls = self._people.of(extension).calls - (extension == caller)
        return calls >= self._standing.limit(extension)

    def _forward(self, extension: str, setting: Setting, caller: str | None) -> Onward | None:
        record = self._standing.active(extension, setting)
        if record is None or record.target is None or record.target == caller:
            return None
        return Onward(record.target, setting)

    # --- one of several is meant ---

    def member(self, extension: str) -> Refused | None:
        """Why a group does not ring him; None: ring his phones."""
        refused = self._turned_away(extension)
        if refused is not None:
            return refused
        if self._people.is_talking(extension):
            return Refused(RingOutcome.BUSY, TALKING)
        return Refused(RingOutcome.BUSY, TOO_MANY) if self.is_full(extension) else None

    def _turned_away(self, extension: str) -> Refused | None:
        standing = self._standing
        if standing.away(extension) is not None:
            return Refused(RingOutcome.UNREACHABLE, Setting.ABSENT)
        if standing.active(extension, Setting.FORWARD_ALL) is not None:
            return Refused(RingOutcome.UNREACHABLE, Setting.FORWARD_ALL)
        if standing.active(extension, Setting.DND) is not None:
            return Refused(RingOutcome.BUSY, Setting.DND)
        return None
