"""An INVITE with Replaces takes the place of a leg in a talk (RFC 3891)."""

import pytest

from softswitch.store.fold import Result
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess
from tests.helpers.office_people import names
from tests.softswitch.calls.test_talk import connected


@pytest.mark.parametrize("side", ["caller", "callee"])
async def test_a_phone_takes_the_place_of_a_leg(
    line: Line, office: OfficeInProcess, side: str
) -> None:
    anna, piotr, ewa = [await line.phone(one) for one in ("101", "102", "104")]
    out, inward = await connected(anna, piotr)
    old, stays = (out, inward) if side == "caller" else (inward, out)
    new = await (await ewa.dial("102", None, ("Replaces", names(old)))).answered()
    assert "Transferred" in (await old.over()).get("Reason")
    assert office.left()["calls"] == 1
    busy = office.ask(lambda server: sorted(server.desk.exchange.people.busy()))
    assert busy == sorted([stays.phone.user, "104"])
    assert (await new.hold()).status == 200
    await office.until(lambda: stays.phone.rtp > 5, "music for the other side")
    stays.bye()
    await new.over()
    row = await office.row()
    assert row.result is Result.TALKED


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("", 400),
        ("a", 400),
        ("a;to-tag=b;from-tag=c", 481),
        ("{};early-only", 486),
        ("{}, {}", 481),
    ],
)
async def test_a_replaces_that_names_nothing(
    line: Line, office: OfficeInProcess, value: str, status: int
) -> None:
    anna, piotr, ewa = [await line.phone(one) for one in ("101", "102", "104")]
    out, inward = await connected(anna, piotr)
    header = ("Replaces", value.format(names(out), names(out)))
    await (await ewa.dial("102", None, header)).status(status, 400)
    out.bye()
    await inward.over()
