"""Whoever waits: one line for each sender, turns between them, a bound for all."""

from softswitch.guard import queues as policy
from softswitch.guard.queues import Queues, Waiting
from softswitch.guard.sources import Standing
from softswitch.sip.flow import Flow, Transport


def waiting(host: str, text: str = "x", port: int = 5060, since: float = 0.0) -> Waiting:
    flow = Flow(Transport.UDP, ("192.0.2.250", 5060), (host, port))
    return Waiting(text.encode(), flow, since, flow.remote)


def order(queues: Queues, now: float = 0.0) -> list[str]:
    found = []
    while (one := queues.take(now)) is not None:
        found.append(one.data.decode())
    return found


def test_senders_take_turns() -> None:
    queues = Queues()
    for n in range(3):
        assert queues.put(Standing.FRESH, waiting("198.51.100.1", f"a{n}", port=5060 + n))
    assert queues.put(Standing.FRESH, waiting("198.51.100.2", "b"))
    assert order(queues) == ["a0", "b", "a1", "a2"]


def test_neighbours_are_told_apart_by_port() -> None:
    queues = Queues()
    for n in range(3):
        queues.put(Standing.NEIGHBOUR, waiting("203.0.113.7", f"a{n}"))
    queues.put(Standing.NEIGHBOUR, waiting("203.0.113.7", "b", port=6000))
    assert order(queues) == ["a0", "b", "a1", "a2"]


def test_lanes_take_turns_and_who_is_expected_has_more_of_them() -> None:
    queues = Queues()
    for n in range(4):
        queues.put(Standing.FRESH, waiting(f"198.51.100.{n}", "fresh"))
        queues.put(Standing.RETURNING, waiting(f"198.51.101.{n}", "returning"))
        queues.put(Standing.NEIGHBOUR, waiting("203.0.113.7", "neighbour", port=6000 + n))
    assert order(queues)[:4] == ["neighbour", "returning", "neighbour", "fresh"]


def test_a_full_lane_takes_from_the_longest_line() -> None:
    queues = Queues()
    for n in range(policy.ROOM):
        assert queues.put(Standing.FRESH, waiting("198.51.100.1", f"a{n}"))
    assert not queues.put(Standing.FRESH, waiting("198.51.100.1", "too much"))
    assert queues.put(Standing.FRESH, waiting("198.51.100.2", "b"))
    assert queues.counters["flood"] == 2
    found = order(queues)
    assert len(found) == policy.ROOM and found[1] == "b" and f"a{policy.ROOM - 1}" not in found


def test_a_lane_full_of_senders_of_one_message_each_takes_no_other() -> None:
    queues = Queues()
    for n in range(policy.ROOM):
        assert queues.put(Standing.FRESH, waiting(f"198.51.{n >> 8}.{n & 255}"))
    assert not queues.put(Standing.FRESH, waiting("203.0.113.1"))
    assert queues.put(Standing.RETURNING, waiting("203.0.113.1"))  # its repeat


def test_large_messages_are_bounded_too() -> None:
    queues = Queues()
    large = "x" * 60_000
    took = sum(queues.put(Standing.FRESH, waiting(f"198.51.100.{n}", large)) for n in range(200))
    assert took == policy.ROOM_OCTETS // 60_000
    assert len(order(queues)) == took and queues.put(Standing.FRESH, waiting("198.51.100.1", large))


def test_who_waited_too_long_is_passed_over() -> None:
    queues = Queues()
    queues.put(Standing.FRESH, waiting("198.51.100.1", "old", since=0.0))
    queues.put(Standing.FRESH, waiting("198.51.100.2", "new", since=policy.PATIENCE))
    assert order(queues, policy.PATIENCE + 0.5) == ["new"]
    assert queues.counters["stale"] == 1 and not len(queues)
    assert queues.sizes() == {"guard waiting": (0, 4 * policy.ROOM)}
