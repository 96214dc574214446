"""Legs that wait for calls: how many, where, for how long, and what becomes of them."""

import itertools

from media.commands import (
    CloseLeg,
    Command,
    Failed,
    LegClosed,
    LegOpened,
    LegStats,
    MediaSettings,
    OpenLeg,
)
from media.standby import MAX_HOSTS, MOST, REST, SHARE, Standby

HOME, OUTSIDE = "10.0.0.1", "203.0.113.7"


class Workers:
    """What was said to workers, who answer when the test says so."""

    def __init__(self, pairs: int = 1000, workers: int = 1) -> None:
        self.said: list[tuple[int, Command]] = []
        numbers, self.ports = itertools.count(100), itertools.count(20000, 2)
        self.standby = Standby(lambda post, said: self.said.append((post, said)), numbers.__next__)
        self.standby.start(MediaSettings(rtp_low=0, rtp_high=2 * pairs, workers=workers))

    def take_said(self) -> list[tuple[int, Command]]:
        said, self.said = self.said, []
        return said

    def open_all(self) -> int:
        asked = [word for _, word in self.take_said() if isinstance(word, OpenLeg)]
        for word in asked:
            assert self.standby.hear(LegOpened(word.leg, next(self.ports)))
        return len(asked)


def test_the_first_call_of_an_address_waits_and_the_next_one_does_not() -> None:
    workers = Workers()
    assert workers.standby.take(0, HOME) is None
    workers.standby.fill(0, HOME, 0.0)
    assert workers.standby.dump() == {"addresses": 1, "ready": 0, "opening": MOST, "closing": 0}
    assert workers.standby.take(0, HOME) is None  # none is open yet
    assert workers.open_all() == MOST
    assert workers.standby.take(0, HOME) == (100, 20000)
    assert workers.standby.take(0, HOME) == (101, 20002)
    assert workers.standby.take(1, HOME) is None  # of another worker
    assert workers.standby.take(0, OUTSIDE) is None


def test_as_many_are_asked_for_as_were_given_out() -> None:
    workers = Workers()
    workers.standby.fill(0, HOME, 0.0)
    workers.open_all()
    for _ in range(3):
        workers.standby.take(0, HOME)
    workers.standby.fill(0, HOME, 1.0)
    workers.standby.fill(0, HOME, 1.0)  # those three are on their way already
    assert [type(word) for _, word in workers.take_said()] == [OpenLeg] * 3


def test_a_small_range_of_ports_is_left_to_the_calls() -> None:
    workers = Workers(pairs=SHARE - 1)
    workers.standby.fill(0, HOME, 0.0)
    assert workers.said == []
    workers = Workers(pairs=4 * SHARE, workers=2)
    workers.standby.fill(0, HOME, 0.0)
    assert len(workers.said) == 2


def test_without_calls_the_ports_are_given_back() -> None:
    workers = Workers()
    workers.standby.fill(0, HOME, 0.0)
    workers.open_all()
    workers.standby.fill(0, OUTSIDE, REST - 1)  # asked for, and not answered
    workers.standby.rest(REST - 1)
    assert workers.standby.dump()["addresses"] == 2
    opening = [word.leg for _, word in workers.take_said() if isinstance(word, OpenLeg)]
    workers.standby.rest(2 * REST)
    closed = [word.leg for _, word in workers.take_said() if isinstance(word, CloseLeg)]
    assert closed == list(range(100, 100 + MOST))
    for leg in opening:  # which open when nobody wants them any more
        assert workers.standby.hear(LegOpened(leg, 30000))
        assert workers.take_said() == [(0, CloseLeg(leg))]
    for leg in (*closed, *opening):
        assert workers.standby.hear(LegClosed(leg, LegStats()))
    assert workers.standby.take(0, HOME) is None
    assert not any(workers.standby.dump().values())


def test_what_is_not_about_waiting_legs_is_for_others() -> None:
    workers = Workers()
    workers.standby.fill(0, HOME, 0.0)
    workers.open_all()
    given = workers.standby.take(0, HOME)
    assert given is not None
    assert not workers.standby.hear(LegClosed(given.number, LegStats()))
    assert not workers.standby.hear(LegOpened(7, 5000))
    assert not workers.standby.hear(Failed("OpenLeg", 7, "no free RTP port"))
    assert not workers.standby.hear(Failed("Play", None, "no such file"))


def test_a_refusal_is_asked_again_at_the_next_call() -> None:
    workers = Workers()
    workers.standby.fill(0, HOME, 0.0)
    for _, word in workers.take_said():
        assert isinstance(word, OpenLeg)
        assert workers.standby.hear(Failed("OpenLeg", word.leg, "no free RTP port"))
    assert workers.standby.dump()["opening"] == 0
    workers.standby.fill(0, HOME, 1.0)
    assert workers.open_all() == MOST


def test_a_dead_worker_takes_its_legs_with_it() -> None:
    workers = Workers()
    for post in (0, 1):
        workers.standby.fill(post, HOME, 0.0)
        workers.open_all()
    workers.standby.take(0, HOME)
    workers.standby.fill(0, HOME, 0.0)  # one is being opened
    workers.standby.down(0)
    assert workers.standby.take(0, HOME) is None
    assert workers.standby.take(1, HOME) is not None
    assert workers.standby.dump() == {
        "addresses": 1,
        "ready": MOST - 1,
        "opening": 0,
        "closing": 0,
    }


def test_a_machine_of_many_addresses_serves_those_of_late() -> None:
    workers = Workers()
    hosts = [f"10.0.0.{n}" for n in range(MAX_HOSTS + 1)]
    for now, host in enumerate(hosts):
        workers.standby.fill(0, host, float(now))
        workers.open_all()
    assert workers.standby.take(0, hosts[0]) is None
    assert all(workers.standby.take(0, host) for host in hosts[1:])
