"""Kill -9 of everything while clients are in every phase of a recorded call: it rings, they talk,
one is on hold, one is being transferred.

After the restart each has his row, which says that it was cut off, and stands on the callback list;
what was said is listed, and is heard up to the last second.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.live.mailserver import MailServer
from tests.live.office_files import AGENT, CALLER, MAIN, MUSIC, SHORT
from tests.live.office_under_test import OfficeUnderTest
from tests.live.phone_call import PhoneCall
from tests.live.process import until
from tests.live.rtp_peer import ScriptedPhone
from tests.live.shared_office import BuildOffice
from tests.live.test_recording import NOTICE, POLICIES, all_finished, exported, hears
from tests.live.test_recording import office_that_records as usual

TALK = 1.5
LOST = 1.3
"""Seconds of a recording that a kill may cost, and what a tone's beginning takes to be known."""
NUMBERS = {
    "101": MAIN, "110": "+48221234568", "120": "+48221234569", "102": SHORT,
}  # fmt: skip

LINE = """\
  line_PERSON: {ring: PERSON, for: 60s, no_answer: message, busy: message, unreachable: message,
                declined: message}
"""
POLICY = """\
  - {number: "NUMBER", purpose: ustalenia, keep: 90d, notice: notice_recorded, hear: [110]}
"""
REST = """\
  reception: {queue: reception, too_long: message, full: message, no_agents: message}
  message: {voicemail: office}
"""


@pytest.fixture(scope="module")
def build_office() -> BuildOffice:
    return office_of_lines


def office_of_lines(folder: Path, mail: MailServer) -> OfficeUnderTest:
    """Each number rings one person, and what is said on it is recorded."""
    office = usual(folder, mail)
    text = office.office_file.read_text("utf-8").replace(POLICIES, "")
    head = text.partition("numbers:\n  ")[0]
    entries = "".join(f'  "{number}": line_{person}\n' for person, number in NUMBERS.items())
    routes = "".join(LINE.replace("PERSON", person) for person in NUMBERS)
    policies = "".join(POLICY.replace("NUMBER", number) for number in NUMBERS.values())
    text = f"{head}numbers:\n{entries}routes:\n{routes}{REST}recording:\n{policies}"
    office.office_file.write_text(text, "utf-8")
    return office


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody who calls a person's number."""

    number: str
    call: PhoneCall
    agent: PhoneCall


def begin(office: OfficeUnderTest, provider: ScriptedPhone, person: str, number: str) -> Client:
    """It rings at the person's phone; he has been told that it is recorded."""
    phone = office.phone(person)
    call = provider.dial(NUMBERS[person], number=number)
    call.wait_heard(NOTICE, 0.3)
    agent = phone.incoming()
    agent.ring()
    return Client(number, call, agent)


def talk(client: Client) -> Client:
    client.agent.answer().wait_answered().say(AGENT)
    client.call.wait_answered().say(CALLER)
    client.call.wait_heard(AGENT, TALK)
    client.agent.wait_heard(CALLER, TALK)
    return client


def test_everything_is_killed_in_every_phase(own_office: OfficeUnderTest, tmp_path: Path) -> None:
    office, provider = own_office, own_office.provider()
    rings = begin(office, provider, "101", "+48600100201")
    talks = talk(begin(office, provider, "110", "+48600100202"))
    held = talk(begin(office, provider, "120", "+48600100203"))
    moved = talk(begin(office, provider, "102", "+48600100204"))
    until(lambda: len(_recordings(office)) == 3, "three are recorded")
    held.agent.hold()
    held.call.wait_heard(MUSIC, TALK)
    ewa = office.phone("111")
    moved.agent.refer(f"<sip:111@{office.address[0]}:{office.address[1]}>")
    ewa.incoming().ring()
    talks.call.wait_more(AGENT, TALK)
    talks.agent.wait_more(CALLER, TALK)
    spoken = {one.number: one.call.heard.seconds(AGENT) for one in (talks, held, moved)}
    until(lambda: len(office.calls()) == 4, "their rows, or their events, are written")
    office.kill()
    office.start()
    rows = {row["number"]: row for row in office.calls()}
    clients = (rings, talks, held, moved)
    assert set(rows) == {one.number for one in clients}
    assert {row["result"] for row in rows.values()} == {"interrupted"}, rows
    _are_called_back(office, clients)
    recorded = {one["number"]: one for one in all_finished(office, 3)}
    for number, seconds in spoken.items():
        found = recorded[number]
        assert found["how"] == "interrupted" and rows[number]["recording"] == found["id"]
        left, right = exported(office, found["id"], tmp_path / f"{number}.wav")
        assert hears(left, CALLER) > seconds - LOST and hears(right, AGENT) > seconds - LOST
        assert max(hears(left, NOTICE), hears(right, MUSIC)) < 0.1
    again = talk(begin(office, provider, "110", "+48600100205"))
    again.call.hang_up()
    again.agent.wait_over()
    assert office.wait_row(number=again.number, result="talked")["recording"]


def _recordings(office: OfficeUnderTest) -> list[object]:
    found: list[object] = json.loads(office.command("recordings", "--json"))
    return found


def _are_called_back(office: OfficeUnderTest, clients: tuple[Client, ...]) -> None:
    """Each is on the list, those who had talked as well, and the sums agree."""
    listed = {one["number"] for one in json.loads(office.command("callbacks", "--json"))}
    assert listed == {one.number for one in clients}
    office.command("callbacks", "--check", "--days", "1")
