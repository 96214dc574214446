"""Who sees every SIP message that passes the endpoint: the trace."""

from typing import Protocol

from softswitch.sip.flow import Flow, Target


class Witness(Protocol):
    """Called in the middle of a call's work: it takes note, and does the rest later."""

    def received(self, data: bytes, flow: Flow) -> None:
        """A message came; repeats too."""
        ...

    def sent(self, data: bytes, target: Target) -> None:
        """A message was handed to a socket; repeats too."""
        ...
