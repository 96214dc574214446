"""Who of the free agents is rung next. Pure: agents with their figures in, names out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from softswitch.office.queue import QueueStrategy

# 0 ≤ x < 1, as `random.random` gives it.
Chance = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A free agent: his place in the queue's list, idle seconds, callers of the queue answered."""

    agent: str
    place: int = 0
    idle: float = 0.0
    served: int = 0


def pick(
    how: QueueStrategy,
    tiers: Sequence[Sequence[Candidate]],
    tried: set[str],
    last: int,
    chance: Chance,
) -> list[str]:
    """The agents to ring now, none when nobody is free.

    `tiers`: the free ones, each tier in the order of the configuration, the best first: another
    tier is rung only when those before it have nobody. Agents in `tried` already let this caller's
    call ring out: they come again only when every free agent has been tried. `last`: the place of
    whom the round has come to, -1 before it began.
    """
    fresh = [[one for one in tier if one.agent not in tried] for tier in tiers]
    usable = [tier for tier in fresh if tier] or [list(tier) for tier in tiers if tier]
    if not usable:
        return []
    if how is QueueStrategy.TOGETHER:
        return [one.agent for tier in usable for one in tier]
    return [_one(how, usable[0], last, chance).agent]


def _one(how: QueueStrategy, free: Sequence[Candidate], last: int, chance: Chance) -> Candidate:
    """The best of these; among equals the first of the configuration."""
    match how:
        case QueueStrategy.LONGEST_IDLE:
            return max(free, key=lambda one: one.idle)
        case QueueStrategy.FEWEST_CALLS:
            return min(free, key=lambda one: (one.served, -one.idle))
        case QueueStrategy.ROUND_ROBIN:
            return next((one for one in free if one.place > last), free[0])
        case QueueStrategy.RANDOM:
            return free[int(chance() * len(free))]
        case _:
            return free[0]
