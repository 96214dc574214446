"""Notes about a call, asked of the running switch by the command's own door."""

import asyncio
import os
import pwd

import pytest

from softswitch.apps.notes import LONGEST
from softswitch.control import ControlError, ask
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess


async def test_a_note_is_an_event_of_its_call(line: Line, office: OfficeInProcess) -> None:
    data = office.folder / "data"
    what = {"call": "c1", "text": " oddzwonić\n w piątek "}
    await asyncio.to_thread(lambda: ask(data, "note", **what))
    (noted,) = office.story("c1")
    assert (noted.kind, dict(noted.data)) == (
        "call.noted",
        {"by": pwd.getpwuid(os.geteuid()).pw_name, "text": "oddzwonić w piątek"},
    )


@pytest.mark.parametrize(
    "what",
    [{"call": "c1", "text": " "}, {"text": "x"}, {"call": "c1", "text": "x" * (LONGEST + 1)}],
)
async def test_what_is_no_note_is_told(
    line: Line, office: OfficeInProcess, what: dict[str, str]
) -> None:
    with pytest.raises(ControlError, match="a note has"):
        await asyncio.to_thread(lambda: ask(office.folder / "data", "note", **what))
