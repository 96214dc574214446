"""Who of the free agents is rung next. Pure: agents and their idle times in, names out."""

from collections.abc import Callable, Sequence


def pick(
    how: str, free: Sequence[str], tried: set[str], idle_seconds: Callable[[str], float]
) -> list[str]:
    """The agents to ring now, none when nobody is free.

    `free` is in the order of the configuration. Agents in `tried` already let this caller's call
    ring out: they come again only when every free agent has been tried.
    """
    candidates = [agent for agent in free if agent not in tried] or list(free)
    if not candidates:
        return []
    if how == "together":
        return candidates
    if how == "in_order":
        return candidates[:1]
    return [max(candidates, key=idle_seconds)]
