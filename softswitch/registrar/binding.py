"""One binding: an extension is, for a while, to be reached at this contact (RFC 3261 10)."""

from typing import Protocol

import msgspec

from softswitch.registrar.push import PushAddress, push_address
from softswitch.sip.flow import Flow
from softswitch.sip.uri import Uri


class Binding(msgspec.Struct, frozen=True):
    """Times are seconds since 1970. A phone behind NAT is reached by `flow`, whatever it says."""

    extension: str
    contact: Uri
    """Goes into the Request-URI."""
    flow: Flow
    """The way the REGISTER came by: the socket or connection and the address behind it."""
    path: tuple[str, ...]
    """Values for Route, in order (RFC 3327)."""
    instance: str | None
    """`+sip.instance` without quotes, e.g. `<urn:uuid:…>`: the same device at any address."""
    reg_id: int | None
    """Which of the device's flows (RFC 5626)."""
    q: float
    """0 to 1; higher is to be tried first."""
    expires: float
    call_id: str
    cseq: int
    user_agent: str | None
    registered: float
    """When it first registered, kept over refreshes."""
    is_behind_nat: bool = False
    """Its own name for itself is not where it was heard: its way in closes when nothing passes."""
    is_away: bool = False
    """It used to answer and does not any more; the next sign of life takes that back."""
    latency: float | None = None
    """Seconds from an OPTIONS to its answer; None until one was answered."""

    @property
    def row(self) -> tuple[str, str, str | None, int | None]:
        """What makes it this binding and no other, for a store."""
        return self.extension, str(self.contact), self.instance, self.reg_id

    @property
    def push(self) -> PushAddress | None:
        """How the device is woken (RFC 8599); None: it cannot be."""
        return push_address(self.contact)

    @property
    def is_outbound(self) -> bool:
        """One of the flows of a device (RFC 5626); its others lead to the same place."""
        return self.instance is not None and self.reg_id is not None

    def is_of_device(self, instance: str | None, reg_id: int | None) -> bool:
        """RFC 5626 6: the same device by the same flow, or by one of unknown number."""
        if instance is None or instance != self.instance:
            return False
        return reg_id is None or self.reg_id is None or reg_id == self.reg_id


class BindingStore(Protocol):
    """Where bindings survive a restart. Calls return at once; the store writes in its own time."""

    def save(self, binding: Binding) -> None:
        """Enter it, in place of one with the same `row`."""
        ...

    def delete(self, binding: Binding) -> None: ...

    def load(self) -> list[Binding]:
        """What was there when we stopped."""
        ...


class MemoryStore:
    """Keeps nothing over a restart: for tests, and for a server without a data folder."""

    def __init__(self) -> None:
        self.saved: dict[tuple[str, str, str | None, int | None], Binding] = {}

    def save(self, binding: Binding) -> None:
        self.saved[binding.row] = binding

    def delete(self, binding: Binding) -> None:
        self.saved.pop(binding.row, None)

    def load(self) -> list[Binding]:
        return list(self.saved.values())
