"""Who says which packets and connections come in, and when: asked before a byte is parsed."""

from typing import Protocol

from softswitch.sip.admission import Admission
from softswitch.sip.flow import Flow


class Doorkeeper(Protocol):
    """Answers at once; time is the loop's, in seconds. `softswitch.guard` has the real one.

    It keeps what has to wait, and gives it back in its order: see `net/turns`.
    """

    def admits(self, data: bytes, flow: Flow, now: float) -> Admission:
        """When is this message parsed?"""
        ...

    def pause(self, now: float) -> float | None:
        """Seconds until `next_waiting` is to be asked; None: nothing waits."""
        ...

    def next_waiting(self, now: float) -> tuple[bytes, Flow] | None:
        """The message whose turn it is, if it may be read now."""
        ...

    def spent(self, seconds: float, now: float) -> None:
        """So much CPU went to what `next_waiting` gave."""
        ...

    def admits_connection(self, host: str, now: float) -> bool:
        """May this address open a connection?"""
        ...

    def is_friend(self, flow: Flow, now: float) -> bool:
        """Did this flow prove itself? Others make room for it when there is none."""
        ...


class OpenDoor:
    """Lets everybody in."""

    def admits(self, data: bytes, flow: Flow, now: float) -> Admission:
        return Admission.NOW

    def pause(self, now: float) -> float | None:
        return None

    def next_waiting(self, now: float) -> tuple[bytes, Flow] | None:
        return None

    def spent(self, seconds: float, now: float) -> None:
        pass

    def admits_connection(self, host: str, now: float) -> bool:
        return True

    def is_friend(self, flow: Flow, now: float) -> bool:
        return True
