"""One measurement of a relay or a media worker under load, and whether it means anything.

Over capacity a worker uses its core and packets queue: CPU divided by the calls that were offered
would then be one core divided by any number one likes. So CPU is divided by the call-seconds of
packets that were really handled while it was measured, and such a line says so.
"""

from dataclasses import dataclass
from typing import Final

# Of the packets that were due, what must have been handled; the rest is within one nap.
_HANDLED: Final = 0.98
# A thread that has had so much of a core had no rest: something waits for it.
_FULL: Final = 0.97
# Packets that come through this late in the middle wait in line.
_WAITING_MS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Figures:
    """`load`: what the phones measured (benchmarks/phones.py)."""

    kind: str
    calls: int
    used: float  # seconds of CPU
    seconds: float
    load: dict[str, float]
    # Whether what comes back is what the phones sent.
    is_relay: bool = True

    @property
    def handled(self) -> float:
        """Which part of the packets that were due came through in time."""
        return self.load["handled"] / self.load["due"] if self.load["due"] else 0.0

    @property
    def cpu(self) -> float:
        """ms a call-second of packets handled."""
        return self.used / self.calls / self.seconds / max(self.handled, 1e-9) * 1000

    @property
    def is_over(self) -> bool:
        """Over capacity: it got more than it can do."""
        is_late = self.is_relay and self.load["delay50"] > _WAITING_MS
        return is_late or self.handled < _HANDLED or self.load["core"] > _FULL

    @property
    def late(self) -> float:
        """99 % of packets are no later than so many ms: added delay, else jitter."""
        return self.load["delay99" if self.is_relay else "jitter99"]

    def line(self, reference: "Figures | None" = None) -> str:
        """`reference`: the relay of the same run. Of a full core a ratio would say nothing."""
        load, ratio = self.load, " " * 13
        loss = 100 * (1 - load["received"] / load["sent"]) if load["sent"] else 0.0
        if reference is not None and not (self.is_over or reference.is_over):
            ratio = f"{self.cpu / reference.cpu:5.2f} x relay"
        delay = " " * 28
        if self.is_relay:
            delay = f"delay p50 {load['delay50']:5.2f} p99 {load['delay99']:6.2f} ms"
        over = f"  OVER CAPACITY: {100 * self.handled:.0f} % handled" if self.is_over else ""
        return (
            f"{self.kind:10} {self.calls:4} calls  {self.cpu:6.3f} ms CPU/call-s  {ratio}  "
            f"core {100 * load['core']:3.0f} %  loss {loss:6.3f} %  {delay}  "
            f"jitter p50 {load['jitter50']:5.2f} p99 {load['jitter99']:6.2f} ms{over}"
        )


def growth(found: list[Figures]) -> str:
    """What a call costs at the most calls below capacity, against the second least."""
    below = [one for one in found if not one.is_over]
    if len(below) < 3:
        return f"{found[0].kind}: fewer than three numbers of calls were below capacity"
    few, many = below[1], below[-1]
    return f"{few.kind}: a call at {many.calls} costs {many.cpu / few.cpu:.2f} x one at {few.calls}"
