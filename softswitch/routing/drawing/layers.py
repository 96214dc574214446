"""Which column a box stands in, and in which order the boxes of a column stand.

The layered drawing of K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of
hierarchical system structures" (1981): a way back is taken out, each box stands one column after
the last that leads to it, an arrow over several columns gets a place in each of them, and sweeps to
the middle of the neighbours remove crossings.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

# More sweeps change nothing in drawings of a hundred boxes.
_SWEEPS = 16


@dataclass(slots=True)
class Layers:
    """Columns of keys from left to right; a key that is no box is a place of a long arrow.

    `chains`: for each forward arrow (by its number) the keys it passes, ends included. `backward`:
    arrows that lead to an earlier column.
    """

    columns: list[list[str]]
    chains: dict[int, list[str]]
    backward: frozenset[int]
    neighbours: dict[str, tuple[list[str], list[str]]] = field(default_factory=dict)


def layers(boxes: Sequence[str], arrows: Sequence[tuple[str, str]]) -> Layers:
    """Columns for boxes, in an order with few crossings."""
    backward = _backward(boxes, arrows)
    forward = {n: arrow for n, arrow in enumerate(arrows) if n not in backward}
    column = _columns(boxes, forward.values())
    width = max(column.values(), default=-1) + 1
    columns: list[list[str]] = [[] for _ in range(width)]
    for box in boxes:
        columns[column[box]].append(box)
    chains = {}
    for number, (source, target) in forward.items():
        chain = [source]
        for passed in range(column[source] + 1, column[target]):
            place = f"\0{number} {passed}"  # no box is called so
            columns[passed].append(place)
            chain.append(place)
        chains[number] = [*chain, target]
    made = Layers(columns, chains, backward, _neighbours(chains.values()))
    _order(made)
    return made


def _backward(boxes: Sequence[str], arrows: Sequence[tuple[str, str]]) -> frozenset[int]:
    """Arrows that close a circle, found depth first from the boxes that stand first."""
    leaving: dict[str, list[int]] = {}
    for number, (source, _) in enumerate(arrows):
        leaving.setdefault(source, []).append(number)
    found: set[int] = set()
    seen: set[str] = set()
    for box in boxes:
        if box in seen:
            continue
        seen.add(box)
        way = {box: iter(leaving.get(box, ()))}  # ordered: the boxes from the first to here
        while way:
            name, rest = next(reversed(way.items()))
            leads = next(rest, None)
            if leads is None:
                del way[name]
                continue
            target = arrows[leads][1]
            if target in way:
                found.add(leads)
            elif target not in seen:
                seen.add(target)
                way[target] = iter(leaving.get(target, ()))
    return frozenset(found)


def _columns(boxes: Sequence[str], arrows: Iterable[tuple[str, str]]) -> dict[str, int]:
    """One after the last that leads there."""
    arriving: dict[str, list[str]] = {box: [] for box in boxes}
    for source, target in arrows:
        arriving[target].append(source)
    column: dict[str, int] = {}
    work = list(boxes)
    while work:
        name = work[-1]
        missing = [source for source in arriving[name] if source not in column]
        if name in column or not missing:
            work.pop()
            column.setdefault(name, 1 + max((column[s] for s in arriving[name]), default=-1))
        else:
            work.extend(missing)
    return column


def _neighbours(chains: Iterable[list[str]]) -> dict[str, tuple[list[str], list[str]]]:
    """Key → keys before it and keys after it."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for chain in chains:
        for left, right in zip(chain, chain[1:], strict=False):
            found.setdefault(left, ([], []))[1].append(right)
            found.setdefault(right, ([], []))[0].append(left)
    return found


def _order(made: Layers) -> None:
    """Sweep to and fro; the order with the fewest crossings stays."""
    best, fewest = [list(column) for column in made.columns], _crossings(made)
    for sweep in range(_SWEEPS):
        side = sweep % 2
        rows = {key: n for column in made.columns for n, key in enumerate(column)}
        indices = range(1, len(made.columns)) if side == 0 else range(len(made.columns) - 2, -1, -1)
        for index in indices:
            middles = {
                key: _middle(key, side, rows, made.neighbours) for key in made.columns[index]
            }
            made.columns[index].sort(key=middles.__getitem__)
            rows.update({key: n for n, key in enumerate(made.columns[index])})
        crossings = _crossings(made)
        if crossings < fewest:
            best, fewest = [list(column) for column in made.columns], crossings
    made.columns = best


def _middle(
    key: str,
    side: int,
    rows: Mapping[str, int],
    neighbours: Mapping[str, tuple[list[str], list[str]]],
) -> float:
    near = neighbours.get(key, ([], []))[side]
    return sum(rows[one] for one in near) / len(near) if near else float(rows[key])


def _crossings(made: Layers) -> int:
    """Pairs of arrows between two columns that cross."""
    total = 0
    for left, right in zip(made.columns, made.columns[1:], strict=False):
        rows = {key: n for n, key in enumerate(right)}
        ends = [
            sorted(rows[to] for to in made.neighbours.get(key, ([], []))[1] if to in rows)
            for key in left
        ]
        seen: list[int] = []
        for targets in ends:
            for target in targets:
                total += sum(1 for other in seen if other > target)
            seen += targets
    return total
