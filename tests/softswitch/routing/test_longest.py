"""The longest way to a human or a mailbox."""

import pytest

from softswitch.office.loader import parse_office
from softswitch.routing.longest import Way, longest_way
from softswitch.routing.verbs.base import Measure

OFFICE = """
office: {name: Office, safe: message}
people: {101: {name: Anna}, 102: {name: Jan}}
groups: {team: {ring: [101, 102], how: in_order}}
queues: {desk: {agents: [101], longest_wait: 4m}}
mailboxes: {office: {mail: a@b.example}}
numbers: {"+48 22 123 45 67": menu, "+48 22 123 45 68": 101}
routes:
  menu: {menu: menu_main, repeats: 1, 1: desk, 2: team, 3: address, 9: menu}
  desk: {queue: desk, too_long: team}
  team: {ring: team, for: 30s}
  address: {play: [welcome, closed], then: menu}
  message: {voicemail: office}
"""


def way(text: str, number: str | None = None) -> Way:
    graph = parse_office(text).graph
    starts = [(n, node) for n, node in graph.entries.items() if number in (None, n)]
    found = longest_way(graph, starts, Measure(graph.office, lambda _: 10.0))
    assert found is not None
    return found


def test_the_worst_of_everything() -> None:
    found = way(OFFICE)
    # The prompt and 5 s twice, a wrong key between; the queue; two people in order; the greeting,
    # and 8 s of silence after the tone.
    assert [(s.node, s.outcome, s.seconds) for s in found.stages] == [
        ("menu", "1", 40.0),
        ("desk", "too_long", 240.0),
        ("team", "no_answer", 60.0),
        ("message", "empty", 18.0),
    ]
    assert (found.number, found.seconds) == ("+48221234567", 358.0)


def test_a_way_that_the_caller_goes_round_is_counted_once() -> None:
    text = OFFICE.replace("1: desk, 2: team, ", "")
    assert [s.node for s in way(text, "+48221234567").stages] == ["menu", "message"]


def test_a_single_person() -> None:
    assert way(OFFICE, "+48221234568").seconds == 20 + 18


def test_nothing_to_call() -> None:
    graph = parse_office(OFFICE).graph
    assert longest_way(graph, [], Measure(graph.office, lambda _: 0.0)) is None


@pytest.mark.parametrize("count", [2000])
def test_a_long_chain_needs_no_deep_stack(count: int) -> None:
    chain = "".join(f"  r{n}: {{ring: 101, no_answer: r{n + 1}}}\n" for n in range(count))
    text = OFFICE + chain + f"  r{count}: {{goto: message}}\n"
    assert way(text.replace("2: team", "2: r0")).seconds > 20 * count
