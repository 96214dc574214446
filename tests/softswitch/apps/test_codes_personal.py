"""Star codes at a phone: what they set, what is said, and that it is set before it is said."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from softswitch.apps import codes_personal, commanded, confirm
from softswitch.control import ControlError
from softswitch.office.codes import SHOWN_SETTINGS, Setting
from softswitch.office.prompts import PromptLibrary
from softswitch.office.speech import until_prompts
from softswitch.store.fold import Result
from softswitch.store.standing import StandingRecord
from softswitch.wiring import Server
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess


@pytest.fixture
def heard(office: OfficeInProcess, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The prompts that were said, by their names."""
    names: list[str] = []
    ask = type(office.server.desk).prompt_files

    def note(desk: Any, wanted: list[str], language: str) -> list[str]:
        files = ask(desk, wanted, language)
        names.extend(wanted)
        assert len(files) == len(wanted), "each has its sound"
        return [str(Path(one)) for one in files]

    monkeypatch.setattr(type(office.server.desk), "prompt_files", note)
    return names


@pytest.fixture(autouse=True)
def nothing_is_set(office: OfficeInProcess) -> Iterator[None]:
    yield

    def clear(server: Server) -> None:
        server.desk.standing._records.clear()
        server.desk.standing.tick()

    office.ask(clear)


@pytest.mark.parametrize("language", ["pl", "en"])
def test_every_word_is_shipped(language: str) -> None:
    names = {f"{one}_on" for one in SHOWN_SETTINGS} | {*codes_personal._WRONG.values()}
    names |= {"dnd_off", "forward_off", "absent_off", "absent_deputy", confirm.QUESTION}
    names |= {"call_waiting_on", "call_waiting_off"}
    for day in range(366):
        until = datetime(2028, 1, 1) + timedelta(days=day, hours=day % 24, minutes=day % 60)
        names |= set(until_prompts(until, until - timedelta(days=2), language))
    assert PromptLibrary((), language).missing(names) == []


def state(office: OfficeInProcess, setting: Setting) -> StandingRecord | None:
    return office.ask(lambda server: server.desk.standing.active("101", setting))


async def dial(line: Line, digits: str) -> None:
    """Dial a code as 101, listen to the end, until the switch hangs up."""
    phone = await line.phone("101")
    out = await (await phone.dial(digits)).answered()
    await out.over()
    await line.office.calm()


async def test_do_not_disturb(line: Line, office: OfficeInProcess, heard: list[str]) -> None:
    await dial(line, "*26")
    assert state(office, Setting.DND) is not None
    assert heard == ["dnd_on"]
    row = await office.row()
    assert (row.result, row.called) == (Result.SERVICE, "*26")
    await dial(line, "*%2326")  # `*#26`, its hash as a URI writes it
    assert state(office, Setting.DND) is not None
    await dial(line, "%2326%23")
    assert state(office, Setting.DND) is None
    assert heard == ["dnd_on", "dnd_on", "dnd_off"]


async def test_until_a_time(line: Line, office: OfficeInProcess, heard: list[str]) -> None:
    zone = office.server.desk.office.office.zone
    soon = (datetime.now(zone) + timedelta(hours=2)).replace(second=0, microsecond=0)
    await dial(line, f"*26*{soon:%H%M}")
    record = state(office, Setting.DND)
    assert record is not None
    assert record.until == soon
    assert heard[:3] == ["dnd_on", "until", "time_at"]
    heard.clear()
    later = (datetime.now(zone) + timedelta(days=40)).replace(hour=17, minute=0)
    await dial(line, f"*26*{later:%d%m}1700")
    assert heard[:2] == ["dnd_on", "until"]
    assert f"month_{later.month}" in heard
    assert heard[-2:] == ["time_at", "time_17"]


@pytest.mark.parametrize(
    ("digits", "target", "seconds"),
    [
        ("*21*600100200%23", "+48600100200", None),
        ("*21*102", "102", None),
        ("*21*300", "300", None),
    ],
)
async def test_forward(
    line: Line,
    office: OfficeInProcess,
    heard: list[str],
    digits: str,
    target: str,
    seconds: float | None,
) -> None:
    await dial(line, digits)
    record = state(office, Setting.FORWARD_ALL)
    assert record is not None
    assert (record.target, record.seconds) == (target, seconds)
    spoken = "600100200" if target.startswith("+") else target
    assert heard == ["forward_all_on", *(f"number_{digit}" for digit in spoken)]


async def test_off_and_again_to_where_it_was(
    line: Line, office: OfficeInProcess, heard: list[str]
) -> None:
    for digits in ("*61*102*15", "%2361", "*61"):
        await dial(line, digits)
    record = state(office, Setting.FORWARD_NO_ANSWER)
    assert record is not None
    assert (record.target, record.seconds) == ("102", 15.0)
    assert heard.count("forward_off") == 1
    await dial(line, "*61**0800")
    record = state(office, Setting.FORWARD_NO_ANSWER)
    assert record is not None
    assert record.until is not None


@pytest.mark.parametrize(
    ("digits", "said"),
    [
        ("*21", "code_not_understood"),  # nothing to go back to
        ("*21*700123456", "forward_not_permitted"),
        ("*21*00442071838750", "forward_not_permitted"),
        ("*21*112", "forward_not_permitted"),
        ("*21*118913", "forward_not_permitted"),
        ("*21*101", "forward_not_permitted"),
        ("*21*600", "forward_not_permitted"),
        ("*21*7", "number_not_in_service"),
        ("*21*999999", "number_not_in_service"),
        ("*21*102*99", "code_not_understood"),
        ("*61*102*3", "code_not_understood"),
        ("*61*102*20*20", "code_not_understood"),
        ("*26*2500", "code_not_understood"),
        ("*26*1700*1800", "code_not_understood"),
        ("*22*1700", "code_not_understood"),
        ("*43*1", "code_not_understood"),
    ],
)
async def test_what_is_wrong_is_said(
    line: Line, office: OfficeInProcess, heard: list[str], digits: str, said: str
) -> None:
    await dial(line, digits)
    assert heard == [said]
    assert not office.server.desk.standing._records


async def test_absence_and_its_deputy(
    line: Line, office: OfficeInProcess, heard: list[str]
) -> None:
    await dial(line, "*22*0112")
    record = state(office, Setting.ABSENT)
    assert record is not None
    assert record.until is not None
    local = office.server.desk.local_time(record.until)
    assert (local.day, local.month, local.hour, local.minute) == (1, 12, 0, 0)
    assert heard[:2] == ["absent_on", "until"]
    await dial(line, "%2322")
    assert heard[-1] == "absent_off"


async def test_call_waiting(line: Line, office: OfficeInProcess, heard: list[str]) -> None:
    for digits in ("%2343", "*%2343", "*43"):
        await dial(line, digits)
    assert heard == ["call_waiting_off", "call_waiting_off", "call_waiting_on"]


async def test_a_code_of_nobody_is_not_found(line: Line, office: OfficeInProcess) -> None:
    await (await (await line.phone("101")).dial("*999")).status(404)


async def test_hanging_up_at_once_has_it_set(line: Line, office: OfficeInProcess) -> None:
    out = await (await (await line.phone("101")).dial("*26")).answered()
    out.bye()
    await office.calm()
    assert state(office, Setting.DND) is not None


async def test_what_a_command_asks(line: Line, office: OfficeInProcess) -> None:
    """`softswitch people` and its sisters, on the running switch."""
    await line.phone("101")

    def order(**what: object) -> dict[str, Any]:
        return office.ask(lambda server: commanded.order(server.desk, what))

    order(extension="101", setting="forward_no_answer", on=True, target="600 100 200", seconds=30)
    one = order(extension="101", setting="dnd", on=True, until="2999-12-20")
    assert one["dnd"] == {"until": "2999-12-20T00:00+01:00"}
    assert one["forwards"] == [
        {
            "setting": "forward_no_answer",
            "target": "101 outside …200",
            "seconds": 30.0,
            "until": None,
        }
    ]  # fmt: skip
    for wrong, why in (
        ({"extension": "999", "setting": "dnd", "on": True}, "no person 999"),
        ({"extension": "101", "setting": "sing", "on": True}, "not understood"),
        ({"extension": "101", "setting": "present", "on": True}, "not understood"),
        ({"extension": "101", "setting": "dnd", "on": True, "until": "1999-01-01"}, "to come"),
        ({"extension": "101", "setting": "dnd", "on": True, "target": "102"}, "not understood"),
        ({"extension": "101", "setting": "forward_all", "on": True, "target": "112"}, "112: calls"),
    ):
        with pytest.raises(ControlError, match=why):
            order(**wrong)
    everybody = office.ask(lambda server: commanded.people(server.desk))
    anna = next(one for one in everybody if one["extension"] == "101")
    assert (len(anna["devices"]), anna["calls"], anna["absent"]) == (1, 0, None)
