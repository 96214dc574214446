"""The ladder of a call tells the truth: SIPp's own message trace says the same, message by message.

SIPp writes what it sent and received; the switch wrote what it received and sent.
"""

import json
import re
from pathlib import Path
from typing import Any

from tests.live import sipp
from tests.live.commands import run_command
from tests.live.office_files import MAIN, SHORT
from tests.live.office_under_test import TRUNK_HOST, OfficeUnderTest
from tests.live.process import until

CLIENT = "+48600100200"
# `UDP message sent (600 bytes):` and `UDP message received [415] bytes :`, then an empty line.
_MESSAGE = re.compile(
    r"^UDP message (sent|received) [(\[]\d+[)\]]? ?bytes\)? ?:\s*\n\s*\n(\S[^\r\n]*)", re.MULTILINE
)


def by_sipp(messages: str) -> dict[bool, list[str]]:
    """First lines in order; True: the switch sent them."""
    told: dict[bool, list[str]] = {True: [], False: []}
    for way, first in _MESSAGE.findall(messages):
        told[way == "received"].append(first.strip())
    return told


def by_us(ladder: dict[str, Any], participant: int) -> dict[bool, list[str]]:
    """The same of one participant; a repeated message counts as often as it passed."""
    told: dict[bool, list[str]] = {True: [], False: []}
    for one in ladder["messages"]:
        if one["participant"] == participant:
            told[one["from_switch"]] += [one["first_line"]] * one["count"]
    return told


def ask(office: OfficeUnderTest, *words: str) -> str:
    done = run_command(["call", *words, "--data", str(office.data)], {})
    return done.output if done.code == 0 else ""


def ladder_of(office: OfficeUnderTest, call: str, messages: int) -> dict[str, Any]:
    """The ladder, once it has so many messages: they are written each second."""
    found: dict[str, Any] = {}

    def is_there() -> bool:
        text = ask(office, call, "--sip", "--json")
        found.update(json.loads(text) if text else {"messages": []})
        return sum(int(one["count"]) for one in found["messages"]) >= messages

    until(is_there, "the messages of the call", 20.0)
    return found


def settings(office: OfficeUnderTest, target: str) -> dict[str, Any]:
    return {
        "host": TRUNK_HOST,
        "port": office.trunk_port,
        "number": CLIENT,
        "target": target,
    }


def test_sipp_calls_and_hangs_up(office: OfficeUnderTest, tmp_path: Path) -> None:
    scenario = sipp.outgoing_call(milliseconds=1500)
    place = settings(office, MAIN)
    with sipp.Sipp(scenario, office.address, tmp_path / "sipp", **place) as client:
        client.wait()
        call = office.wait_row(number=CLIENT)["id"]
        theirs = by_sipp(client.messages)
    assert len(theirs[True]) >= 3 and len(theirs[False]) == 3
    ladder = ladder_of(office, call, len(theirs[True]) + len(theirs[False]))
    assert by_us(ladder, 0) == theirs
    assert [one["number"] for one in ladder["participants"]] == [CLIENT]
    assert ladder["participants"][0]["trunk"]


def test_sipp_gives_up_while_baresip_rings(office: OfficeUnderTest, tmp_path: Path) -> None:
    phone = office.baresip("102")
    scenario = sipp.cancelled_call(500)
    place = settings(office, SHORT)
    with sipp.Sipp(scenario, office.address, tmp_path / "sipp", **place) as client:
        client.wait()
        call = office.wait_row(number=CLIENT)["id"]
        theirs = by_sipp(client.messages)
    phone.wait_closed()
    expected = len(theirs[True]) + len(theirs[False])
    ladder = ladder_of(office, call, expected + 6)
    assert by_us(ladder, 0) == theirs
    assert [one["number"] for one in ladder["participants"]] == [CLIENT, "102"]
    phone_side = by_us(ladder, 1)
    ours = [line.split()[0] for line in phone_side[True]]
    assert ours[0] == "INVITE" and ours[-2:] == ["CANCEL", "ACK"]
    assert any(line.startswith("SIP/2.0 487") for line in phone_side[False])
    assert "baresip" in ladder["participants"][1]["device"]
    picture = tmp_path / "ladder.svg"
    assert ask(office, call, "--svg", str(picture))
    assert "CANCEL" in picture.read_text()


def test_a_provider_that_fails_is_named_with_the_cure(
    office: OfficeUnderTest, tmp_path: Path
) -> None:
    scenario = sipp.refusing("503 Service Unavailable")
    place = settings(office, "provider")
    with sipp.Sipp(scenario, office.address, tmp_path / "sipp", **place) as far:
        assert office.phone("101").dial("600100200").wait_final() >= 500
        far.wait()
        call = office.wait_row(number="101")["id"]
        theirs = by_sipp(far.messages)
    ladder = ladder_of(office, call, len(theirs[True]) + len(theirs[False]) + 6)
    assert by_us(ladder, 1) == theirs
    assert ladder["participants"][1]["trunk"]
    told = json.loads(ask(office, call, "--json"))
    assert [(one["code"], one["certainty"]) for one in told["verdicts"]] == [
        ("trunk_fault", "sure")
    ]
    assert "503" in ask(office, call, "--language", "pl")
