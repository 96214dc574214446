"""The parking section: how slots are written, and what collides with them."""

import pytest

from softswitch.office.directory import colleagues, is_slot
from softswitch.office.findings import OfficeErrors
from softswitch.office.loader import parse_office
from softswitch.office.models import Office
from softswitch.office.ringing import Ringing, RingsFor

BASE = """\
office: {name: Kancelaria, safe: 101}
people:
  101: {name: Anna}
  705: {name: Piotr}
  720: {name: Ewa}
groups: {payroll: {ring: [101, 720]}}
numbers: {"200": payroll}
"""


def office(extra: str = "") -> Office:
    return parse_office(BASE + extra).office


def complaint(extra: str) -> str:
    with pytest.raises(OfficeErrors) as caught:
        office(extra)
    [finding] = caught.value.findings
    return str(finding)


def test_the_usual_slots_leave_out_what_is_used_otherwise() -> None:
    assert is_slot(office(), "701") and is_slot(office(), "708")
    assert not is_slot(office(), "705") and not is_slot(office(), "709")
    assert not is_slot(office("parking: {return_after: 1m}"), "705")
    early = 'hours: {all: "24/7"}\nswitches: {early: {number: 703, closes: all}}'
    assert not is_slot(office(early), "703") and is_slot(office(early), "702")
    assert not is_slot(office("conferences: {room: {number: 703}}"), "703")


@pytest.mark.parametrize(
    ("written", "slots"),
    [
        ("711", ("711",)),
        ("711-713", ("711", "712", "713")),
        ("[711, 713-714]", ("711", "713", "714")),
        ('"007-009"', ("007", "008", "009")),
        ('"711 - 712, 720000"', ("711", "712", "720000")),
    ],
)
def test_how_slots_are_written(written: str, slots: tuple[str, ...]) -> None:
    parking = office(f"parking: {{slots: {written}}}").parking
    assert parking is not None and parking.slots == slots


def test_none_takes_the_parking_away() -> None:
    for word in ("none", "no", "off"):
        assert office(f"parking: {word}").parking is None
    assert not is_slot(office("parking: none"), "701")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{slots: 701-708}", "8:18: error: the internal number 705 belongs to Piotr already"),
        ("{slots: [200]}", "the internal number 200 belongs to numbers already"),
        ("{slots: 112}", "would hide a number that must be reachable"),
        ("{slots: 708-701}", "`708-701` is no range of internal numbers"),
        ("{slots: 71-711}", "is no range of internal numbers"),
        ("{slots: 7}", "is no range of internal numbers"),
        ("{slots: 711-9999999}", "is no range of internal numbers"),
        ("{slots: 7100-7999}", "Take at most 100"),
        ("{slots: []}", "there are 0 slots"),
        ("{slots: [711, 711]}", "the slot 711 stands there twice"),
        ("{slots: 711, return_after: 1s}", "return_after"),
        ("{slots: {a: 1}}", "slots"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(written: str, said: str) -> None:
    assert said in complaint(f"parking: {written}")


def test_colleagues_share_a_group_or_queue() -> None:
    assert colleagues(office(), "101") == {"101", "720"}
    assert colleagues(office(), "705") == set()


def test_how_a_phone_is_told_what_rings() -> None:
    ringing = Ringing.model_validate({"queue": "Bellcore-dr5", "return": "none"})
    assert ringing.alert(RingsFor.QUEUE) == "<http://127.0.0.1/Bellcore-dr5>"
    assert ringing.alert(RingsFor.RETURN) is None
    assert "alert-internal" in str(ringing.alert(RingsFor.INTERNAL))
    assert "Alert-Info" in complaint('ringing: {external: "a\\nVia: x"}')
