"""Several flows of one device, flows that fail, keep-alives and their timers (RFC 5626)."""

import pytest
from msgspec.structs import replace

from softswitch.registrar.registrar import Registrar
from softswitch.sip.flow import Flow, Transport
from tests.softswitch.registrar.desk import (
    NOW,
    OTHER_UUID,
    PHONE,
    TCP,
    UDP,
    UUID,
    Desk,
    register,
)

OB = "path, outbound"
WSS = Flow(Transport.WSS, ("192.0.2.1", 8443), ("198.51.100.9", 40_009), 11)
BROWSER = "<sip:k3h2@f7g8.invalid;transport=ws;ob>"


def flow(number: int) -> Flow:
    return replace(TCP, connection=number)


def flows(desk: Desk) -> list[int | None]:
    return [one.flow.connection for one in desk.registrar.lookup("101", desk.now)]


def two_flows(desk: Desk) -> None:
    desk.send(register(f"{PHONE};{UUID};reg-id=1", call_id="a", Supported=OB), flow(1))
    desk.now += 5
    desk.send(register(f"{PHONE};{UUID};reg-id=2", call_id="b", Supported=OB), flow(2))


@pytest.mark.parametrize(("way", "seconds"), [(UDP, "30"), (TCP, "120"), (WSS, "120")])
def test_the_answer_tells_how_to_keep_the_flow(desk: Desk, way: Flow, seconds: str) -> None:
    response = desk.send(register(f"{PHONE};{UUID};reg-id=1", Supported=OB), way)
    assert response.headers.get("Require") == "outbound"
    assert response.headers.get("Flow-Timer") == seconds
    assert "outbound" in (response.headers.get("Supported") or "")
    assert response.headers.all("Contact") == [f"{PHONE};expires=3600;{UUID};reg-id=1"]


@pytest.mark.parametrize(
    ("contact", "supported"),
    [(f"{PHONE};{UUID};reg-id=1", "path"), (f"{PHONE};{UUID}", OB), (f"{PHONE};reg-id=1", OB)],
)
def test_half_of_it_is_none_of_it(desk: Desk, contact: str, supported: str) -> None:
    response = desk.send(register(contact, Supported=supported))
    assert response.headers.get("Flow-Timer") is None
    assert response.headers.get("Require") is None
    assert desk.only().reg_id is None


def test_one_device_is_called_by_one_flow_the_newest(desk: Desk) -> None:
    two_flows(desk)
    desk.send(register(f"<sip:101@10.0.0.7>;{OTHER_UUID}", call_id="c"), flow(3))
    assert sorted(map(str, flows(desk))) == ["2", "3"]
    newest, other = sorted(desk.registrar.lookup("101", desk.now), key=lambda one: str(one.flow))
    assert [one.flow.connection for one in desk.registrar.other_ways(newest, desk.now)] == [1]
    assert desk.registrar.other_ways(other, desk.now) == []


def test_a_flow_that_ends_leaves_the_other(desk: Desk) -> None:
    two_flows(desk)
    desk.dead.add(flow(2))
    desk.registrar.flow_lost(flow(2))
    assert flows(desk) == [1]
    desk.dead.add(flow(1))
    desk.registrar.flow_lost(flow(1))
    assert flows(desk) == []
    assert len(desk.registrar.bindings(desk.now)) == 2
    desk.send(register(f"{PHONE};{UUID};reg-id=1", call_id="d", Supported=OB), flow(4))
    assert flows(desk) == [4]
    assert len(desk.registrar.bindings(desk.now)) == 2


def test_a_flow_comes_again_by_its_number(desk: Desk) -> None:
    two_flows(desk)
    desk.send(register(f"{PHONE};{UUID};reg-id=2", call_id="z", Supported=OB), flow(9))
    every = {one.flow.connection for one in desk.registrar.bindings(desk.now)}
    assert every == {1, 9}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("<sip:edge.example;lr;ob>", 200),
        ("<sip:edge.example;lr>", 439),
        (None, 439),
    ],
)
def test_a_proxy_that_keeps_no_flows_apart(desk: Desk, path: str | None, status: int) -> None:
    request = register(f"{PHONE};{UUID};reg-id=1", Supported=OB)
    request.headers.prepend("Via", "SIP/2.0/UDP edge.example;branch=z9hG4bK9")
    if path is not None:
        request.headers.add("Path", path)
    response = desk.send(request)
    assert response.status == status
    if status == 200:
        assert response.headers.get("Flow-Timer") is None  # the edge's own affair (5.4)
        assert response.headers.all("Path") == [path]
    else:
        assert response.reason == "First Hop Lacks Outbound Support"
        assert desk.contacts() == []


# a browser


def test_a_browser_is_reached_by_its_connection_alone(desk: Desk) -> None:
    desk.send(register(f"{BROWSER};{UUID};reg-id=1", Supported=OB), WSS)
    assert desk.only().flow == WSS
    desk.dead.add(WSS)
    assert desk.contacts() == []
    after = Registrar(desk.store, desk.config)
    after.restore(desk.now)
    assert after.lookup("101", desk.now) == []


def test_its_dialogs_find_it_again(desk: Desk) -> None:
    desk.send(register(f"{BROWSER};{UUID};reg-id=1", Supported=OB), WSS)
    contact = desk.only().contact
    assert desk.registrar.find_flow(contact, desk.now) == WSS
    again = replace(WSS, connection=12)
    desk.dead.add(WSS)
    desk.registrar.flow_lost(WSS)
    assert desk.registrar.find_flow(contact, desk.now) is None
    desk.send(register(f"{BROWSER};{UUID};reg-id=1", call_id="n", Supported=OB), again)
    assert desk.registrar.find_flow(contact, desk.now) == again
    assert desk.registrar.find_flow(contact, desk.now + 4000) is None


# room


def test_one_too_many_takes_the_place_of_one_that_is_gone() -> None:
    desk = Desk(contacts=3)
    for number in (1, 2, 3):
        desk.send(register(f"<sip:101@h{number}>", call_id=f"c{number}"), flow(number))
        desk.now += 1
    assert desk.send(register("<sip:101@h4>", call_id="c4"), flow(4)).status == 403
    for number in (2, 3):
        desk.dead.add(flow(number))
    assert desk.send(register("<sip:101@h4>", call_id="c4"), flow(4)).status == 200
    hosts = {one.contact.host for one in desk.registrar.bindings(desk.now)}
    assert hosts == {"h1", "h3", "h4"}  # of the two that were gone, the one longer unheard
    assert len(desk.store.load()) == 3


def test_a_phone_without_a_name_on_another_port_is_another_phone(desk: Desk) -> None:
    """Ten phones of one kind behind one address are ten (RFC 3261 10.2.4)."""
    agent = "Yealink SIP-T46S"
    desk.send(register("<sip:101@10.0.0.5:5062>", User_Agent=agent))
    moved = replace(UDP, remote=("198.51.100.7", 40_777))
    desk.send(register("<sip:101@10.0.0.5:5999>", call_id="c2", User_Agent=agent), moved)
    assert len(desk.contacts()) == 2


# life


def test_away_and_back(desk: Desk) -> None:
    desk.send(register(PHONE))
    phone = desk.only()
    assert not desk.registrar.answered(phone, 0.021)
    assert desk.only().latency == 0.021
    assert not desk.registrar.has_away
    desk.registrar.mark_away(desk.only())
    assert desk.contacts() == []
    assert desk.store.load()[0].is_away
    assert desk.registrar.has_away
    other_port = replace(UDP, remote=("198.51.100.7", 1))
    assert desk.registrar.heard(other_port) == []
    assert len(desk.registrar.heard(UDP)) == 1
    assert desk.contacts() == ["sip:101@10.0.0.5:5062"]
    assert not desk.registrar.has_away
    assert not desk.store.load()[0].is_away


def test_who_registers_is_there(desk: Desk) -> None:
    desk.send(register(PHONE))
    desk.registrar.mark_away(desk.only())
    desk.send(register(PHONE, cseq=2))
    assert len(desk.contacts()) == 1
    assert not desk.registrar.has_away


def test_an_answer_that_comes_after_the_phone_has_moved(desk: Desk) -> None:
    desk.send(register(f"{PHONE};{UUID}"))
    old = desk.only()
    moved = replace(UDP, remote=("198.51.100.7", 40_777))
    desk.send(register(f"{PHONE};{UUID}", cseq=2), moved)
    desk.registrar.mark_away(old)
    assert not desk.registrar.answered(old, 9.0)
    assert desk.only().latency is None
    assert desk.only().flow == moved


def test_only_a_real_change_of_latency_is_written(desk: Desk) -> None:
    desk.send(register(PHONE))
    written: list[float | None] = []
    save = desk.store.save
    desk.store.save = lambda binding: (written.append(binding.latency), save(binding))[1]  # type: ignore[method-assign]
    for latency in (0.020, 0.021, 0.030, 0.100, 0.090, 0.012):
        desk.registrar.answered(desk.only(), latency)
    assert written == [0.020, 0.100, 0.012]


@pytest.mark.parametrize(
    ("via", "way", "is_behind"),
    [
        ("SIP/2.0/UDP 10.0.0.5:5062;branch=z9hG4bK1", UDP, True),
        ("SIP/2.0/UDP 198.51.100.7:5062;branch=z9hG4bK1", UDP, True),
        ("SIP/2.0/UDP 198.51.100.7:40000;branch=z9hG4bK1", UDP, False),
        ("SIP/2.0/TCP 10.0.0.5:5062;branch=z9hG4bK1", TCP, False),
        ("SIP/2.0/WSS x.invalid;branch=z9hG4bK1", WSS, False),
    ],
)
def test_who_is_behind_nat(desk: Desk, via: str, way: Flow, is_behind: bool) -> None:
    request = register(PHONE)
    request.headers.set("Via", via)
    desk.send(request, way)
    assert desk.only().is_behind_nat is is_behind
    assert desk.only().expires > NOW
