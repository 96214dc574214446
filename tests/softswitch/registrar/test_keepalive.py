"""Phones are asked whether they are there: how often, what an answer and silence mean."""

from collections.abc import Callable

import pytest

from softswitch.registrar.keepalive import MOST_A_TICK, Keepalive, Owner, Pace
from softswitch.sip.events import FailureCause, ResponseReceived, TransactionFailed
from softswitch.sip.flow import Flow, Target
from softswitch.sip.message import Request, Response
from softswitch.sip.transaction import TransactionKey
from tests.softswitch.registrar.desk import PHONE, TCP, UDP, UUID, Desk, register

AT_HOME = "SIP/2.0/UDP 198.51.100.7:40000;branch=z9hG4bK1"


class World:
    """The wire, the dispatcher and the clock in one."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.seconds = 1000.0
        self.asked: list[tuple[float, Request, Target]] = []
        self.waiting: dict[TransactionKey, Owner] = {}
        self.on_heard: Callable[[Flow], None] | None = None
        self.answers = True
        self.status = 200
        self.keepalive = Keepalive(
            self.desk.registrar,
            self,
            self,
            lambda: f"t{len(self.asked)}",
            lambda: self.seconds,
            lambda: self.desk.now,
            Pace(27.0, 60.0),
        )

    def send(self, message: Request, target: Target) -> TransactionKey:
        self.asked.append((self.seconds, message, target))
        return TransactionKey("client", "OPTIONS", f"z9hG4bK{len(self.asked)}", "")

    def advertised_address(self, target: Target) -> str:
        return "192.0.2.1"

    def local_contact(self, target: Target) -> str:
        return "192.0.2.1:5060"

    def own_transaction(self, key: TransactionKey, owner: Owner) -> None:
        self.waiting[key] = owner

    def disown_transaction(self, key: TransactionKey) -> None:
        self.waiting.pop(key, None)

    def pass_time(self, seconds: float) -> None:
        """In steps of one; questions are answered 20 ms later, or fail after a second."""
        for _ in range(round(seconds)):
            self.seconds += 1
            self.desk.now += 1
            self.keepalive.tick()
            for key, owner in list(self.waiting.items()):
                if self.answers:
                    self.seconds += 0.02
                    response = Response.answering(self.asked[-1][1], self.status)
                    owner.response_received(ResponseReceived(key, response, UDP, None))
                    self.seconds -= 0.02
                else:
                    owner.transaction_failed(TransactionFailed(key, FailureCause.TIMEOUT))

    def times(self) -> list[float]:
        return [at for at, _, _ in self.asked]


@pytest.fixture
def world() -> World:
    return World()


def gaps(times: list[float]) -> set[float]:
    return {after - before for before, after in zip(times, times[1:], strict=False)}


def test_behind_nat_the_hole_is_kept_open(world: World) -> None:
    world.desk.send(register(PHONE))
    world.pass_time(200)
    assert gaps(world.times()) == {27.0}
    _, question, target = world.asked[0]
    assert target == UDP
    assert question.method == "OPTIONS"
    assert str(question.uri) == "sip:101@10.0.0.5:5062"
    assert question.headers.get("To") == "<sip:101@10.0.0.5:5062>"
    assert world.waiting == {}


def test_others_are_asked_less_often(world: World) -> None:
    at_home = register(PHONE)
    at_home.headers.set("Via", AT_HOME)
    world.desk.send(at_home)
    world.desk.send(register("<sip:b@h>", call_id="c2"), TCP, "102")
    world.pass_time(400)
    for way in (UDP, TCP):
        assert gaps([at for at, _, target in world.asked if target == way]) == {60.0}


def test_by_a_path_through_its_proxies(world: World) -> None:
    world.desk.send(register(PHONE, Path="<sip:edge;lr;ob>", Supported="path"))
    world.pass_time(40)
    assert world.asked[0][1].headers.all("Route") == ["<sip:edge;lr;ob>"]


@pytest.mark.parametrize("status", [200, 404, 405, 481, 501])
def test_any_answer_is_a_sign_of_life(world: World, status: int) -> None:
    world.status = status
    world.desk.send(register(PHONE))
    world.pass_time(30)
    assert world.desk.only().latency == pytest.approx(0.02)


def test_three_silences_and_it_is_away_and_back_by_an_answer(world: World) -> None:
    world.desk.send(register(PHONE))
    world.pass_time(30)
    world.answers = False
    before = len(world.asked)
    while len(world.asked) == before:
        world.pass_time(1)
    assert len(world.desk.contacts()) == 1, "one loss is an accident"
    world.pass_time(6)
    assert world.desk.contacts() == []
    assert world.on_heard is not None
    world.answers = True
    world.pass_time(28)
    assert len(world.desk.contacts()) == 1
    assert world.on_heard is None


def test_back_by_any_packet(world: World) -> None:
    world.desk.send(register(PHONE))
    world.pass_time(30)
    world.answers = False
    world.pass_time(40)
    assert world.desk.contacts() == []
    assert world.on_heard is not None
    world.on_heard(UDP)
    assert len(world.desk.contacts()) == 1
    world.pass_time(1)
    assert world.on_heard is None
    # And it takes three more silences until it is away again.
    world.pass_time(60)
    assert world.desk.contacts() == []


def test_behind_a_proxy_only_its_own_answer_counts(world: World) -> None:
    """By the proxy's flow come the packets of all its phones."""
    back: list[str] = []
    world.keepalive.on_back = back.append
    world.desk.send(register(PHONE, Path="<sip:edge;lr>"))
    world.pass_time(61)
    world.answers = False
    world.pass_time(90)
    assert world.desk.contacts() == []
    assert world.on_heard is not None
    world.on_heard(UDP)
    assert world.desk.contacts() == []
    assert back == []
    world.answers = True
    world.pass_time(61)
    assert len(world.desk.contacts()) == 1
    assert back == ["101"]


def test_a_phone_that_never_answered_is_never_away(world: World) -> None:
    world.answers = False
    world.desk.send(register(PHONE))
    world.pass_time(600)
    assert len(world.desk.contacts()) == 1
    assert 20 < len(world.asked) < 25


def test_a_proxys_word_that_it_found_nobody_is_silence(world: World) -> None:
    world.desk.send(register(PHONE))
    world.pass_time(30)
    world.status = 408
    world.pass_time(40)
    assert world.desk.contacts() == []


def test_a_dead_connection_is_not_asked(world: World) -> None:
    world.desk.send(register(f"{PHONE};{UUID}"), TCP)
    world.desk.dead.add(TCP)
    world.desk.registrar.flow_lost(TCP)
    world.pass_time(200)
    assert world.asked == []


def test_who_leaves_is_forgotten(world: World) -> None:
    world.desk.send(register(PHONE))
    world.pass_time(30)
    world.desk.send(register(f"{PHONE};expires=0", cseq=2))
    before = len(world.asked)
    world.pass_time(60)
    assert len(world.asked) == before
    assert world.keepalive._phones == {}


def test_all_at_once_are_asked_a_few_at_a_time(world: World) -> None:
    for number in range(300):
        request = register(f"<sip:{number}@10.0.0.5>", call_id=f"c{number}")
        way = Flow(UDP.transport, UDP.local, ("198.51.100.7", 20_000 + number))
        world.desk.send(request, way, str(number))
    world.pass_time(54)
    times = world.times()
    most = max(times.count(at) for at in set(times))
    assert most <= MOST_A_TICK
    assert 450 <= len(times) <= 600
