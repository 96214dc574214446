"""Addresses of one device (RFC 5627)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from softswitch.registrar.gruu import Device, Gruus
from softswitch.sip.headers import NameAddr
from softswitch.sip.message import Response
from softswitch.sip.uri import Uri, parse_uri
from tests.softswitch.registrar.desk import (
    OTHER_UUID,
    PHONE,
    TCP,
    UDP,
    UUID,
    Desk,
    register,
)

INSTANCE = "<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"
PUBLIC = "sip:101@pbx.example;gr=urn:uuid:00000000-0000-1000-8000-000A95A0E128"


def uri(text: str | None) -> Uri:
    found = parse_uri(text or "")
    assert isinstance(found, Uri)
    return found


def contact(response: Response, number: int = 0) -> NameAddr:
    return NameAddr.parse(response.headers.all("Contact")[number])


def temporary(response: Response) -> Uri:
    return uri(contact(response).param("temp-gruu"))


def test_both_are_in_the_answer(desk: Desk) -> None:
    answer = desk.send(register(f"{PHONE};{UUID}", Supported="gruu"))
    assert contact(answer).param("pub-gruu") == PUBLIC
    mine = temporary(answer)
    assert mine.host == "pbx.example"
    assert mine.has_param("gr")
    assert "101" not in str(mine).replace(mine.user or "", "")
    device = Device("101", INSTANCE)
    assert desk.registrar.find_device(mine) == device
    assert desk.registrar.dump() == {"bindings": 1, "devices": 1}


@pytest.mark.parametrize("supported", ["", "path, outbound", "grruu"])
def test_only_for_those_who_know_them(desk: Desk, supported: str) -> None:
    answer = desk.send(register(f"{PHONE};{UUID}", Supported=supported))
    assert contact(answer).param("pub-gruu") is None
    assert contact(answer).param("temp-gruu") is None
    assert desk.registrar.dump()["devices"] == 0


def test_not_for_a_phone_without_a_name(desk: Desk) -> None:
    answer = desk.send(register(PHONE, Supported="gruu"))
    assert answer.headers.all("Contact") == [f"{PHONE};expires=3600"]


def test_a_public_one_leads_to_its_device_and_no_other(desk: Desk) -> None:
    desk.send(register(f"{PHONE};{UUID}"))
    desk.send(register(f"<sip:101@10.0.0.6>;{OTHER_UUID}", call_id="c2"), TCP)
    device = desk.registrar.find_device(uri(PUBLIC))
    assert device is not None
    (found,) = desk.registrar.lookup("101", desk.now, device.instance)
    assert found.flow == UDP
    assert desk.registrar.lookup("101", desk.now, "urn:uuid:0") == []
    assert len(desk.registrar.lookup("101", desk.now)) == 2


def test_it_moves_with_the_device(desk: Desk) -> None:
    mine = temporary(desk.send(register(f"{PHONE};{UUID}", Supported="gruu")))
    moved = replace(UDP, remote=("198.51.100.7", 50_000))
    desk.send(register(f"<sip:101@10.9.9.9>;{UUID}", cseq=2), moved)
    for address in (mine, uri(PUBLIC)):
        assert desk.registrar.find_flow(address, desk.now) == moved


def test_each_registration_brings_another_and_all_are_good(desk: Desk) -> None:
    made = [
        temporary(desk.send(register(f"{PHONE};{UUID}", cseq=n, Supported="gruu")))
        for n in range(1, 30)
    ]
    assert len({str(one) for one in made}) == 29
    assert {desk.registrar.find_device(one) for one in made} == {Device("101", INSTANCE)}
    assert desk.registrar.dump()["devices"] == 1


def test_another_call_id_ends_them(desk: Desk) -> None:
    """3.1: the phone has started anew, and its owner is not followed from before to after."""
    old = temporary(desk.send(register(f"{PHONE};{UUID}", Supported="gruu")))
    new = temporary(desk.send(register(f"{PHONE};{UUID}", call_id="new", Supported="gruu")))
    assert desk.registrar.find_device(old) is None
    assert desk.registrar.find_device(new) == Device("101", INSTANCE)


def test_they_end_with_the_registration(desk: Desk) -> None:
    mine = temporary(desk.send(register(f"{PHONE};{UUID}", Supported="gruu")))
    desk.send(register(f"{PHONE};{UUID};expires=0", cseq=2))
    assert desk.registrar.find_device(mine) is None
    assert desk.registrar.dump() == {"bindings": 0, "devices": 0}
    again = temporary(desk.send(register(f"{PHONE};{UUID}", call_id="n", Supported="gruu")))
    desk.now += 3601
    desk.registrar.expire(desk.now)
    assert desk.registrar.find_device(again) is None
    assert desk.registrar.dump() == {"bindings": 0, "devices": 0}


@given(st.integers(0, 39), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_nobody_makes_one_up(place: int, letter: str) -> None:
    desk = Desk()
    mine = temporary(desk.send(register(f"{PHONE};{UUID}", Supported="gruu")))
    user = (mine.user or "").removeprefix("tgruu.")
    forged = user[:place] + letter + user[place + 1 :]
    found = desk.registrar.find_device(uri(f"sip:tgruu.{forged}@pbx.example;gr"))
    assert found == (Device("101", INSTANCE) if forged == user else None)


@pytest.mark.parametrize(
    "text",
    [
        "sip:101@pbx.example",
        "sip:101@pbx.example;gr",
        "sip:tgruu.@h;gr",
        "sip:tgruu.%00%ff@h;gr",
        "sip:tgruu.żółw@h;gr",
        f"sip:tgruu.{'a' * 3000}@h;gr",
        "sip:tgruu.aaaaaaaa@h",
        "sip:h;gr=x",
    ],
)
def test_no_gruu(text: str) -> None:
    assert Gruus().find(uri(text)) is None


@given(st.text(max_size=80))
def test_any_instance_comes_back_as_it_went(instance: str) -> None:
    desk = Desk()
    desk.send(register(f"{PHONE};{UUID}"))
    binding = replace(desk.only(), instance=f"<{instance}>")
    made = Gruus().public(binding, uri("sip:101@pbx.example"))
    found = Gruus().find(uri(made))
    surrogate_free = instance.encode("utf-8", "replace").decode()
    assert found == (Device("101", surrogate_free) if surrogate_free else None)
