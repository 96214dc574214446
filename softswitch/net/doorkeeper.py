"""Who says which packets and connections come in at all: asked before a byte is parsed."""

from typing import Protocol

from softswitch.sip.flow import Flow


class Doorkeeper(Protocol):
    """Answers at once; time is the loop's, in seconds. `softswitch.guard` has the real one."""

    def admits(self, data: bytes, flow: Flow, now: float) -> bool:
        """May this message be parsed?"""
        ...

    def admits_connection(self, host: str, now: float) -> bool:
        """May this address open a connection?"""
        ...

    def is_friend(self, flow: Flow, now: float) -> bool:
        """Did this flow prove itself? Others make room for it when there is none."""
        ...


class OpenDoor:
    """Lets everybody in."""

    def admits(self, data: bytes, flow: Flow, now: float) -> bool:
        return True

    def admits_connection(self, host: str, now: float) -> bool:
        return True

    def is_friend(self, flow: Flow, now: float) -> bool:
        return True
