"""What a verdict may lean on: each leg's messages and the sound that was counted on it. Pure.

None stands for what was not measured; it is never taken for zero.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from softswitch.store.event import Event
from softswitch.trace.ladder import Arrow, Ladder
from softswitch.trace.participants import Participant

# Packets of a call whose sound can be judged at all: a second both ways.
ENOUGH = 100
NOBODY = Participant("", "", "", "", "", "")


@dataclass(frozen=True, slots=True)
class Opinion:
    """MOS of one way: of all, of the worst piece, and of each, `seconds` long. The scale is that of
    wideband (ITU-T G.107.1) or of G.107; older events do not say, and were all on the latter.
    """

    mos: float | None = None
    worst: float | None = None
    timeline: tuple[float | None, ...] = ()
    seconds: int = 0
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class SoundStats:
    """The event `leg.stats`. `in` is from the far side to us; shares are fractions 0..1."""

    who: str | None
    call_id: str
    seconds: float
    packets_in: int
    packets_out: int
    lost_in: int
    strangers: int
    jitter_ms: float | None
    loss_remote: float | None
    heard: Opinion = Opinion()
    """Of what came from the far side."""
    sent: Opinion = Opinion()
    """Of what it heard of us."""

    @property
    def loss_in(self) -> float | None:
        """The share of what was sent to us that did not come; None when nothing came."""
        expected = self.packets_in + self.lost_in
        return self.lost_in / expected if self.packets_in and expected else None


@dataclass(frozen=True, slots=True)
class LegEvidence:
    """One leg. `arrows` in the order of time, repeats counted."""

    call_id: str
    participant: Participant
    arrows: tuple[Arrow, ...]
    sound: SoundStats | None = None

    @property
    def who(self) -> str:
        """Whom the verdict names."""
        return self.participant.who or (self.sound and self.sound.who) or "?"

    def requests(self, method: str, *, ours: bool) -> list[Arrow]:
        """Requests of a method from one side."""
        return [
            one
            for one in self.arrows
            if one.seen.is_request and one.seen.method == method and one.is_ours is ours
        ]

    def answers(self, method: str, *, ours: bool) -> list[Arrow]:
        """Responses to a method from one side."""
        return [
            one
            for one in self.arrows
            if not one.seen.is_request and one.seen.method == method and one.is_ours is ours
        ]

    def has_success(self, method: str = "INVITE") -> bool:
        """Whether either side answered with a 2xx."""
        found = (*self.answers(method, ours=True), *self.answers(method, ours=False))
        return any(200 <= (one.seen.status or 0) < 300 for one in found)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything there is.

    `is_traced`: some message was kept; `is_measured`: enough sound was counted to judge it.
    """

    legs: tuple[LegEvidence, ...]
    events: tuple[Event, ...]
    is_traced: bool
    is_measured: bool

    @property
    def end(self) -> Mapping[str, Any]:
        """The data of the call's last word."""
        ends = [event.data for event in self.events if event.kind == "call.ended"]
        return ends[-1] if ends else {}


def gather(events: Sequence[Event], ladder: Ladder | None) -> Evidence:
    """Bring a call's messages and events together by the SIP Call-ID of each leg."""
    stats = {one.call_id: one for one in _stats(events)}
    legs: dict[str, list[Arrow]] = {}
    for arrow in () if ladder is None else ladder.arrows:
        legs.setdefault(arrow.seen.call_id, []).append(arrow)
    found = [
        LegEvidence(key, _participant(ladder, arrows), tuple(arrows), stats.get(key))
        for key, arrows in legs.items()
    ]
    found += [LegEvidence(key, NOBODY, (), one) for key, one in stats.items() if key not in legs]
    is_measured = any(one.packets_in + one.packets_out >= ENOUGH for one in stats.values())
    return Evidence(tuple(found), tuple(events), bool(legs), is_measured)


def _participant(ladder: Ladder | None, arrows: list[Arrow]) -> Participant:
    return NOBODY if ladder is None else ladder.participants[arrows[0].participant]


def _stats(events: Iterable[Event]) -> Iterable[SoundStats]:
    for event in events:
        if event.kind != "leg.stats":
            continue
        data = event.data
        yield SoundStats(
            _text(data.get("who")),
            _text(data.get("sip")) or "",
            _number(data.get("seconds")) or 0.0,
            int(_number(data.get("packets_in")) or 0),
            int(_number(data.get("packets_out")) or 0),
            int(_number(data.get("lost_in")) or 0),
            int(_number(data.get("strangers")) or 0),
            _number(data.get("jitter_ms")),
            _number(data.get("loss_remote")),
            _opinion(data, "in"),
            _opinion(data, "out"),
        )


def _opinion(data: Mapping[str, Any], way: str) -> Opinion:
    told = data.get("timeline")
    line = told if isinstance(told, Mapping) else {}
    values = line.get(way)
    return Opinion(
        _number(data.get(f"mos_{way}")),
        _number(data.get(f"worst_{way}")),
        tuple(_number(one) for one in values) if isinstance(values, list | tuple) else (),
        int(_number(line.get("seconds")) or 0),
        data.get("band") == "wb",
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and isinstance(value, int | float) else None
