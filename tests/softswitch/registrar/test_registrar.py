"""REGISTER by REGISTER: what is kept, for how long, by which way it is reached."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from softswitch.registrar.registrar import Registrar
from softswitch.sip.flow import Flow, Transport
from softswitch.sip.headers import NameAddr
from softswitch.sip.message import Request
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


def test_a_phone_registers(desk: Desk) -> None:
    response = desk.send(register(PHONE, Expires="600", User_Agent="Yealink SIP-T46S"))
    assert response.status == 200
    assert response.headers.all("Contact") == ["<sip:101@10.0.0.5:5062>;expires=600"]
    assert response.headers.get("Date") == "Sun, 15 Jun 2025 15:06:40 GMT"
    kept = desk.only()
    assert (kept.extension, str(kept.contact), kept.flow) == ("101", "sip:101@10.0.0.5:5062", UDP)
    assert (kept.path, kept.instance, kept.reg_id, kept.q) == ((), None, None, 1.0)
    assert (kept.expires, kept.registered) == (NOW + 600, NOW)
    assert (kept.call_id, kept.cseq, kept.user_agent) == ("c1", 1, "Yealink SIP-T46S")
    assert desk.store.load() == [desk.only()]
    assert desk.registrar.lookup("102", NOW) == []


def test_a_question_changes_nothing(desk: Desk) -> None:
    desk.send(register(PHONE))
    desk.now += 100
    response = desk.send(register(cseq=2))
    assert response.headers.all("Contact") == ["<sip:101@10.0.0.5:5062>;expires=3500"]
    assert desk.only().cseq == 1


@pytest.mark.parametrize(
    ("contact", "header", "granted"),
    [
        (f"{PHONE};expires=120", "600", 120),
        (PHONE, "600", 600),
        (PHONE, None, 3600),
        (f"{PHONE};expires=junk", "600", 3600),
        (f"{PHONE};expires=99999999999999", None, 3600),
        (f"{PHONE};expires=86400", None, 3600),
        (f"{PHONE};expires=60", None, 60),
    ],
)
def test_lifetimes(desk: Desk, contact: str, header: str | None, granted: int) -> None:
    request = register(contact)
    if header is not None:
        request.headers.add("Expires", header)
    desk.send(request)
    assert desk.only().expires == NOW + granted


@pytest.mark.parametrize("seconds", [1, 59])
def test_too_short_a_life_is_423(desk: Desk, seconds: int) -> None:
    response = desk.send(register(f"{PHONE};expires={seconds}"))
    assert response.status == 423
    assert response.headers.get("Min-Expires") == "60"
    assert desk.contacts() == []


def test_a_refresh_prolongs_and_keeps_the_first_time(desk: Desk) -> None:
    desk.send(register(PHONE))
    desk.now += 1800
    moved = replace(UDP, remote=("198.51.100.7", 41_000))
    desk.send(register(PHONE, cseq=2), moved)
    binding = desk.only()
    assert (binding.expires, binding.registered) == (desk.now + 3600, NOW)
    assert binding.flow == moved
    assert desk.store.load() == [binding]


def test_expiry(desk: Desk) -> None:
    desk.send(register(PHONE, Expires="100"))
    desk.now += 99.5
    assert desk.contacts() == ["sip:101@10.0.0.5:5062"]
    assert desk.registrar.expire(desk.now) == []
    desk.now += 0.5
    assert desk.contacts() == []
    assert desk.registrar.bindings(desk.now) == []
    (gone,) = desk.registrar.expire(desk.now)
    assert gone.extension == "101"
    assert desk.registrar.dump() == {"bindings": 0, "devices": 0}
    assert desk.store.load() == []


def test_removal_of_one(desk: Desk) -> None:
    desk.send(register(PHONE, "<sip:101@10.0.0.6>"))
    response = desk.send(register(f"{PHONE};expires=0", cseq=2))
    assert response.headers.all("Contact") == ["<sip:101@10.0.0.6>;expires=3600"]
    assert desk.send(register("<sip:nobody@10.0.0.9>;expires=0", cseq=3)).status == 200
    assert len(desk.store.load()) == 1


def test_removal_of_all(desk: Desk) -> None:
    desk.send(register(PHONE, "<sip:101@10.0.0.6>"))
    response = desk.send(register("*", cseq=2, Expires="0"))
    assert response.status == 200
    assert response.headers.all("Contact") == []
    assert desk.registrar.dump() == {"bindings": 0, "devices": 0}
    assert desk.store.load() == []


@pytest.mark.parametrize(
    "request_", [register("*"), register("*", Expires="60"), register("*", PHONE, Expires="0")]
)
def test_a_star_stands_alone(desk: Desk, request_: Request) -> None:
    desk.send(register(PHONE, call_id="before"))
    assert desk.send(request_).status == 400
    assert desk.contacts() == ["sip:101@10.0.0.5:5062"]


@pytest.mark.parametrize("contact", [PHONE, f"{PHONE};expires=0", "*"])
@pytest.mark.parametrize(("cseq", "status"), [(4, 500), (5, 500), (6, 200)])
def test_order_inside_one_call_id(desk: Desk, contact: str, cseq: int, status: int) -> None:
    desk.send(register(PHONE, cseq=5))
    assert desk.send(register(contact, cseq=cseq, Expires="0")).status == status
    desk.send(register(PHONE, cseq=5, call_id="new"))
    assert desk.send(register(contact, cseq=1, call_id="newer", Expires="0")).status == 200


def test_a_request_that_fails_at_its_second_contact_changed_nothing(desk: Desk) -> None:
    desk.send(register(PHONE, cseq=5))
    response = desk.send(register("<sip:101@10.0.0.6>", PHONE, cseq=4))
    assert response.status == 500
    assert desk.contacts() == ["sip:101@10.0.0.5:5062"]
    assert desk.send(register(PHONE, "<tel:+48221234567>", cseq=6)).status == 400
    assert desk.send(register(PHONE, "<sip:101@10.0.0.6>;expires=5", cseq=6)).status == 423
    assert desk.only().cseq == 5


def test_contacts_of_an_extension_are_bounded() -> None:
    desk = Desk(contacts=2)
    assert desk.send(register("<sip:a@h>", "<sip:b@h>", "<sip:c@h>")).status == 403
    assert desk.send(register("<sip:a@h>", "<sip:b@h>")).status == 200
    assert desk.send(register("<sip:c@h>", call_id="c2")).status == 403
    assert desk.send(register("<sip:b@h>;expires=0", "<sip:c@h>", cseq=2)).status == 200
    assert desk.contacts() == ["sip:a@h", "sip:c@h"]
    desk.now += 3600
    assert desk.send(register("<sip:d@h>", "<sip:e@h>", call_id="c3")).status == 200


def test_the_order_of_trying(desk: Desk) -> None:
    desk.send(register("<sip:low@h>;q=0.2", "<sip:plain@h>", "<sip:odd@h>;q=7"))
    desk.now += 1
    desk.send(register("<sip:late@h>;q=0.2", call_id="c2"))
    assert desk.contacts() == ["sip:plain@h", "sip:odd@h", "sip:late@h", "sip:low@h"]
    assert "<sip:low@h>;expires=3599;q=0.2" in desk.send(register(cseq=9)).headers.all("Contact")


# devices


def test_a_restarted_phone_replaces_its_stale_contact(desk: Desk) -> None:
    desk.send(register(f"{PHONE};{UUID}"))
    desk.send(register(f"<sip:101@10.0.0.5:6000>;{UUID}", call_id="after the restart"))
    assert desk.contacts() == ["sip:101@10.0.0.5:6000"]
    assert len(desk.store.load()) == 1
    assert UUID in desk.send(register(cseq=9)).headers.all("Contact")[0]


@pytest.mark.parametrize("is_new_first", [True, False])
def test_a_phone_that_moved_takes_its_old_address_back(desk: Desk, is_new_first: bool) -> None:
    desk.send(register(f"{PHONE};{UUID}"))
    contacts = [f"<sip:101@10.0.0.9>;{UUID}", f"{PHONE};expires=0;{UUID}"]
    desk.send(register(*(contacts if is_new_first else contacts[::-1]), cseq=2))
    assert desk.contacts() == ["sip:101@10.0.0.9"]
    desk.send(register(f"{PHONE};expires=0;{UUID}", cseq=3))
    assert desk.contacts() == ["sip:101@10.0.0.9"]
    assert len(desk.store.load()) == 1


def test_one_device_with_two_contacts_rings_once(desk: Desk) -> None:
    desk.send(register(f"{PHONE};{UUID}", f"<sip:101@10.0.0.6>;{UUID}"))
    assert desk.contacts() == ["sip:101@10.0.0.6"]


def test_a_flow_is_removed_by_its_number(desk: Desk) -> None:
    desk.send(register(f"{PHONE};{UUID};reg-id=1", Supported="outbound"))
    removal = f"<sip:101@10.0.0.9>;{UUID};reg-id=1;expires=0"
    desk.send(register(removal, cseq=2, Supported="outbound"))
    assert desk.contacts() == []


def test_two_phones_with_the_same_private_address_are_two(desk: Desk) -> None:
    desk.send(register(f"{PHONE};{UUID}"))
    desk.send(register(f"{PHONE};{OTHER_UUID}", call_id="c2"), TCP)
    assert len(desk.contacts()) == 2
    assert len(desk.store.load()) == 2


@pytest.mark.parametrize("reg_id", ["0", "x", "99999999999", "-1", ""])
def test_a_bad_reg_id_is_none(desk: Desk, reg_id: str) -> None:
    desk.send(register(f"{PHONE};{UUID};reg-id={reg_id}", Supported="outbound"))
    assert desk.only().reg_id is None


def test_a_reg_id_without_device_says_nothing(desk: Desk) -> None:
    desk.send(register(f"{PHONE};reg-id=1", Supported="outbound"))
    assert desk.only().reg_id is None


# path


def test_path_is_kept_and_told_to_those_who_know_it(desk: Desk) -> None:
    path = ["<sip:edge1.example;lr>", "<sip:edge2.example;lr>"]
    response = desk.send(register(PHONE, Path=path, Supported=["outbound", "PATH"]))
    assert desk.only().path == tuple(path)
    assert response.headers.all("Path") == path
    response = desk.send(register("<sip:b@h>", Path=path, call_id="c2"))
    assert response.headers.all("Path") == []
    assert desk.registrar.lookup("101", NOW)[-1].path == tuple(path), "else nobody reaches it"


def test_a_path_without_end(desk: Desk) -> None:
    path = [f"<sip:edge{n}.example;lr>" for n in range(9)]
    assert desk.send(register(PHONE, Path=path, Supported="path")).status == 400


# ways


def test_a_dead_connection_is_no_way(desk: Desk) -> None:
    desk.send(register(PHONE), TCP)
    assert desk.contacts() == ["sip:101@10.0.0.5:5062"]
    desk.dead.add(TCP)
    assert desk.contacts() == []
    assert len(desk.registrar.bindings(NOW)) == 1


@pytest.mark.parametrize(("contact", "port"), [("198.51.100.7", 5060), ("198.51.100.7:5088", 5088)])
def test_a_phone_at_its_own_address_is_dialled(desk: Desk, contact: str, port: int) -> None:
    desk.send(register(f"<sip:101@{contact};transport=tcp>"), TCP)
    desk.dead.add(TCP)
    assert desk.only().flow == Flow(Transport.TCP, TCP.local, ("198.51.100.7", port), None)


@pytest.mark.parametrize("path", ["<sip:edge;lr>", "<sip:203.0.113.9;lr>", "nonsense<"])
def test_a_proxy_elsewhere_is_not_dialled(desk: Desk, path: str) -> None:
    desk.send(register("<sip:101@198.51.100.7>", Path=path, Supported="path"), TCP)
    desk.dead.add(TCP)
    assert desk.contacts() == []


def test_a_proxy_at_its_own_address_is_dialled(desk: Desk) -> None:
    path = f"<sip:edge@{TCP.remote[0]}:5070;lr>, <sip:inner;lr>"
    desk.send(register("<sip:101@10.1.1.1>", Path=path), TCP)
    desk.dead.add(TCP)
    assert desk.only().flow == Flow(Transport.TCP, TCP.local, (TCP.remote[0], 5070), None)


def test_no_gruu_behind_a_proxy(desk: Desk) -> None:
    """A request to one must come to us; a proxy by our Route would look for the way itself."""
    device = f'{PHONE};+sip.instance="<urn:uuid:1>"'
    response = desk.send(register(device, Path="<sip:edge;lr>", Supported="gruu, path"))
    assert "gruu" not in (response.headers.get("Contact") or "")


def test_a_restart_keeps_phones_on_udp(desk: Desk) -> None:
    desk.send(register(PHONE), UDP)
    desk.send(register("<sip:101@10.0.0.6>", call_id="c2"), TCP)
    desk.send(register("<sip:101@10.0.0.7>", call_id="c3", Expires="60"), UDP)
    desk.now += 61
    after = Registrar(desk.store, desk.config)
    assert after.restore(desk.now) == 2
    (reachable,) = after.lookup("101", desk.now)
    assert reachable.flow == UDP
    assert {one.flow.connection for one in after.bindings(desk.now)} == {None}
    assert len(desk.store.load()) == 2
    # And when it comes back by a new connection, it is there again.
    after.register(register("<sip:101@10.0.0.6>", call_id="c9"), "101", TCP, desk.now)
    assert len(after.lookup("101", desk.now)) == 2


# bad input


@pytest.mark.parametrize(
    "contact",
    [
        "<sip:>",
        "<http://x/>",
        "sip:x@y@z;<",
        f"<sip:{'a' * 2000}@h>",
        '"a<sip:a@h>',
    ],
)
def test_contacts_that_cannot_be_called(desk: Desk, contact: str) -> None:
    assert desk.send(register(contact)).status == 400
    assert desk.registrar.dump() == {"bindings": 0, "devices": 0}


def test_texts_are_bounded_and_stay_on_their_line(desk: Desk) -> None:
    long = "x" * 5000
    response = desk.send(register(f'{PHONE};+sip.instance="{long}\\""', User_Agent=long))
    assert response.status == 200
    binding = desk.only()
    assert binding.user_agent is not None
    assert binding.instance is not None
    assert len(binding.user_agent) == 200
    assert len(binding.instance) == 1024
    line = desk.send(register(cseq=2)).headers.all("Contact")[0]
    assert NameAddr.parse(line).param("+sip.instance") == binding.instance


CONTACT = st.one_of(
    st.sampled_from([PHONE, f"{PHONE};{UUID}", "*", f"<sip:b@h>;{OTHER_UUID};reg-id=1"]),
    st.builds(
        "<sip:{}@h>;expires={}".format, st.sampled_from("abc"), st.sampled_from([0, 30, 60, 9999])
    ),
    st.text(st.characters(blacklist_categories=("Cc", "Cs")), max_size=30),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(CONTACT, max_size=4), st.integers(1, 4), st.sampled_from("ab"), st.booleans()
        ),
        max_size=8,
    )
)
def test_any_history_keeps_table_and_store_alike(
    history: list[tuple[list[str], int, str, bool]],
) -> None:
    desk = Desk(contacts=3)
    for contacts, cseq, call_id, is_removal in history:
        fields = {"Expires": "0"} if is_removal else {}
        response = desk.send(register(*contacts, cseq=cseq, call_id=call_id, **fields))
        assert response.status in (200, 400, 403, 414, 423, 500)
        known = desk.registrar.bindings(desk.now)
        assert len(known) <= 3
        assert sorted(map(str, known)) == sorted(map(str, desk.store.load()))
        desk.now += 50
        desk.registrar.expire(desk.now)
