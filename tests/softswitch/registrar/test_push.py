"""Push notifications in REGISTER and its answer (RFC 8599)."""

import pytest

from softswitch.registrar.push import LONGEST, PushAddress, push_address
from softswitch.sip.uri import parse_uri
from tests.softswitch.registrar.desk import NOW, TCP, UDP, UUID, Desk, register

PUSH = "pn-provider=fcm;pn-param=project;pn-prid=token%3A1"
PHONE = f"<sip:101@10.0.0.5:5062;{PUSH}>"
MOVED = f"<sip:101@10.0.0.9:6000;transport=tcp;{PUSH}>"
ADDRESS = PushAddress("fcm", "project", "token:1")


@pytest.fixture
def waker(desk: Desk) -> Desk:
    """A registrar that can wake phones."""
    desk.registrar.push_providers = lambda: frozenset({"apns", "fcm"})
    return desk


@pytest.mark.parametrize(
    ("uri", "found"),
    [
        (PHONE[1:-1], ADDRESS),
        ("sip:101@10.0.0.5;pn-provider=FCM;pn-prid=x", PushAddress("fcm", "", "x")),
        ("sip:101@10.0.0.5;pn-provider=fcm", None),
        ("sip:101@10.0.0.5;pn-provider;pn-prid=x", None),
        ("sip:101@10.0.0.5;pn-prid=x", None),
        ("tel:101;pn-provider=fcm;pn-prid=x", None),
    ],
)
def test_what_a_contact_says(uri: str, found: PushAddress | None) -> None:
    assert push_address(parse_uri(uri)) == found


def test_it_is_kept_with_the_binding_and_answered(waker: Desk) -> None:
    answer = waker.send(register(PHONE))
    assert answer.headers.all("Feature-Caps") == ['*;+sip.pns="fcm"']
    assert PUSH in (answer.headers.get("Contact") or "")
    assert waker.only().push == ADDRESS
    assert [one.push for one in waker.registrar.sleepers("101", NOW)] == [ADDRESS]


def test_who_wants_to_be_woken_to_refresh_is_told_when(waker: Desk) -> None:
    answer = waker.send(register(f"{PHONE};+sip.pnsreg"))
    assert answer.headers.all("Feature-Caps") == ['*;+sip.pns="fcm";+sip.pnsreg="120"']


def test_a_phone_that_asks_is_told_all(waker: Desk) -> None:
    answer = waker.send(register("<sip:101@10.0.0.5:5062;pn-provider>"))
    assert answer.headers.all("Feature-Caps") == ['*;+sip.pns="apns"', '*;+sip.pns="fcm"']
    assert waker.registrar.sleepers("101", NOW) == []


def test_another_service_is_refused_and_nothing_changes(waker: Desk) -> None:
    waker.send(register(PHONE))
    other = PHONE.replace("fcm", "other")
    answer = waker.send(register(PHONE, other, cseq=2))
    assert (answer.status, answer.reason) == (555, "Push Notification Service Not Supported")
    assert waker.only().cseq == 1


def test_an_office_that_wakes_nobody_registers_all_the_same(desk: Desk) -> None:
    answer = desk.send(register(PHONE))
    assert answer.status == 200 and not answer.headers.all("Feature-Caps")
    assert desk.registrar.sleepers("101", NOW) == []


def test_who_can_be_woken_may_register_for_days(waker: Desk) -> None:
    waker.send(register(PHONE, Expires="9999999"))
    assert waker.only().expires == NOW + LONGEST
    waker.send(register("<sip:101@10.0.0.5:5070>", Expires="9999999", call_id="c2"))
    assert min(one.expires for one in waker.registrar.bindings(NOW)) == NOW + 3600


def test_the_same_device_at_another_address_is_one(waker: Desk) -> None:
    waker.send(register(PHONE))
    waker.send(register(MOVED, call_id="c2"), TCP)
    assert waker.contacts() == [MOVED[1:-1]]
    assert len(waker.registrar.bindings(NOW)) == 1


def test_a_sleeper_is_there_and_makes_no_room(waker: Desk) -> None:
    waker.send(register(f"{PHONE};{UUID}"), TCP)
    waker.dead.add(TCP)
    waker.registrar.flow_lost(TCP)
    assert waker.contacts() == [] and waker.registrar.is_there("101", NOW)
    for number in range(waker.config.contacts):
        answer = waker.send(register(f"<sip:101@10.0.0.6:{6000 + number}>", call_id=f"d{number}"))
    assert answer.status == 403, "the sleeper is not one that is gone"
    assert len(waker.registrar.sleepers("101", NOW)) == 1
    assert not waker.registrar.is_there("102", NOW)
    waker.now += LONGEST + 1
    assert not waker.registrar.is_there("101", waker.now)


def test_only_the_device_that_is_meant(waker: Desk) -> None:
    waker.send(register(f"{PHONE};{UUID}"), UDP)
    instance = UUID.split('"')[1]
    assert waker.registrar.sleepers("101", NOW, instance)
    assert not waker.registrar.sleepers("101", NOW, "<urn:uuid:another>")
