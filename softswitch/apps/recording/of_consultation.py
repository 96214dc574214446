"""What is recorded while two confer and a third one waits: a call of its own within the call.

The policies of the call stay with the call. Two colleagues are an internal call, and recorded only
if a policy says so of internal ones; with somebody outside it is a call out. Secret is also what
is said about somebody who waits and may not be overheard.
"""

from typing import TYPE_CHECKING, Any

from softswitch.apps.recording.facts import Facts
from softswitch.apps.recording.of_call import CallRecording
from softswitch.calls.call import Call
from softswitch.calls.party import Party
from softswitch.office.recording import RecordedDirection, Subject
from softswitch.office.secrecy import Denial, denial_of

if TYPE_CHECKING:
    from softswitch.apps.recording.room import RecordingRoom

CONSULTATION = "consultation"


class ConsultationRecording(CallRecording):
    """Made when a colleague has answered; `close` it when the two part."""

    def __init__(self, room: "RecordingRoom", call: Call, asker: Party, waiting: Party) -> None:
        super().__init__(room, call)
        self._asker, self._waiting = asker, waiting

    @property
    def facts(self) -> Facts:
        other = next((one for one in self._talk or () if one is not self._asker), None)
        is_inside = other is None or self._ours(other)
        direction = RecordedDirection.INTERNAL if is_inside else RecordedDirection.OUT
        far = None if other is None else other.number
        if is_inside:
            return Facts(direction.value, self._asker.number, far)
        return Facts(direction.value, far)

    def tell(self, kind: str, /, **data: Any) -> None:
        super().tell(kind, **data, of=CONSULTATION)

    def close(self) -> None:
        """The two have parted; what their phones show is the talk's now."""
        self.on_change = _nothing
        super().close()

    def _direction(self, led: Party, other: Party) -> RecordedDirection:
        is_inside = self._ours(led) and self._ours(other)
        return RecordedDirection.INTERNAL if is_inside else RecordedDirection.OUT

    def _subject(self, people: set[str], direction: RecordedDirection | None = None) -> Subject:
        return Subject(direction or RecordedDirection.INTERNAL, people=frozenset(people))

    def _protected(self, led: Party, other: Party) -> Denial | None:
        denial = super()._protected(led, other)
        if denial is not None:
            return denial
        waiting, office = self._waiting, self.call.office.office
        about = (waiting.number, waiting.extension, waiting.leg.who)
        return denial_of(office, self._contacts, *about)


def _nothing() -> None:
    pass
