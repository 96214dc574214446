"""Those who answer for the office, with phones we did not write: a supervisor beside an agent, a
team's mailbox by its PIN, and a queue that a kill -9 does not confuse.
"""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.helpers import audio
from tests.live.mailserver import MailServer
from tests.live.office_files import AGENT, CALLER, LEAVE_MESSAGE, MAILBOX, MAIN, SHORT, SINGLE
from tests.live.office_under_test import OfficeUnderTest
from tests.live.phone_call import PhoneCall
from tests.live.process import until
from tests.live.shared_office import BuildOffice

CLIENT, PROMISED, CUT_OFF, LATER = (f"+4860010020{n}" for n in range(4))
SUPERVISOR = 1500  # what he says
TALK = 1.0
PIN = "4711"

_OFFICE = """\
office: {name: Kancelaria, country: PL, language: pl, number: "+48 22 123 45 67", safe: message}
people:
  101: {name: Anna Zielińska, voicemail: office}
  102: {name: Piotr Wójcik, voicemail: office}
  110: {name: mec. Jan Nowak}
  111: {name: mec. Ewa Kowalska, privileged: true}
  120: {name: Marta Lis}
secrets: secrets.yaml
prompts: prompts
pauses: {1: obiad}
callbacks: {talk: 1s}
queues:
  desk: {number: 300, agents: [101, 102], how: round_robin, music: calm, longest_wait: 5m,
         wrap_up: 5m, supervisors: [120]}
  front: {number: 302, agents: [101], music: calm, longest_wait: 5m, supervisors: [120]}
  vip: {number: 301, agents: [111], music: calm, longest_wait: 5m, supervisors: [120]}
mailboxes:
  office: {number: 330, pin: "PIN", name: Sekretariat, greeting: leave_message,
           mail: [biuro@kancelaria.example]}
trunks:
  operator: {server: "TRUNK", watch: none, numbers: ["+48 22 123 45 67", "+48 22 123 45 68",
             "+48 22 123 45 69", "+48 22 123 45 70"]}
numbers:
  "+48 22 123 45 67": desk
  "+48 22 123 45 68": vip
  "+48 22 123 45 69": message
  "+48 22 123 45 70": front
routes:
  desk: {queue: desk, callback_key: 2, too_long: message, full: message, no_agents: message}
  front: {queue: front, too_long: message, full: message, no_agents: message}
  vip: {queue: vip, too_long: message, full: message, no_agents: message}
  message: {voicemail: office}
"""


class AgentsOffice(OfficeUnderTest):
    """The office of this file."""

    def __init__(self, folder: Path, mail: MailServer | None = None) -> None:
        super().__init__(folder, mail)
        text = _OFFICE.replace("TRUNK", self.trunk_place).replace("PIN", PIN)
        self.office_file.write_text(text, encoding="utf-8")

    def queue(self, key: str = "desk") -> dict[str, Any]:
        found = json.loads(self.command("queues", "--json"))
        return dict(next(one for one in found if one["queue"] == key))

    def state(self, extension: str) -> str:
        (found,) = [a for a in self.queue()["agents"] if a["extension"] == extension]
        return str(found["state"])


@pytest.fixture(scope="module")
def build_office() -> BuildOffice:
    return AgentsOffice


def talks(office: OfficeUnderTest, agent: str, number: str = MAIN) -> tuple[PhoneCall, PhoneCall]:
    """A client and an agent, who hear each other."""
    phone = office.phone(agent)
    client = office.provider().dial(number, number=CLIENT)
    rung = phone.incoming(30).answer().wait_answered()
    rung.say(AGENT)
    client.wait_answered().say(CALLER)
    client.wait_heard(AGENT, TALK)
    rung.wait_heard(CALLER, TALK)
    return client, rung


@pytest.mark.parametrize("kind", ["baresip", "linphone"])
def test_a_supervisor_listens_whispers_and_joins(office: AgentsOffice, kind: str) -> None:
    client, agent = talks(office, "101", SHORT)
    marta = office.softphone(kind, "120", say=SUPERVISOR)
    marta.dial("*34101")
    marta.wait_established()
    for said in (CALLER, AGENT):
        marta.wait_heard(said, TALK)
    for ear in (client, agent):
        assert ear.heard.seconds(SUPERVISOR) == 0, "nobody hears who listens"
    marta.press("5")
    agent.wait_heard(SUPERVISOR, TALK)
    assert client.heard.seconds(SUPERVISOR) == 0, "the client does not hear a whisper"
    marta.press("6")
    client.wait_heard(SUPERVISOR, TALK)
    agent.wait_heard(CALLER, TALK)
    client.hang_up()
    agent.wait_over()
    marta.wait_closed()
    row = office.wait_row(number=CLIENT, result="talked")
    story = office.story(row["id"])["events"]
    modes = [e["data"]["how"] for e in story if e["kind"] == "supervision.started"]
    assert modes == ["listen", "whisper", "barge"]
    assert [e["data"]["by"] for e in story if e["kind"] == "supervision.ended"] == ["120"]


def test_no_right_opens_a_privileged_talk(office: AgentsOffice) -> None:
    client, agent = talks(office, "111", SINGLE)
    marta = office.baresip("120", say=SUPERVISOR)
    for code in ("*34111", "*35111", "*36111"):
        marta.dial(code)
        assert "403" in str(marta.wait_closed())
    stranger = office.phone("102").dial("*34111")
    assert stranger.wait_final() == 403
    agent.wait_heard(CALLER, 2 * TALK)
    client.hang_up()
    agent.wait_over()
    for ear in (client, agent):
        assert ear.heard.seconds(SUPERVISOR) == 0
    row = office.wait_row(number=CLIENT, result="talked")
    kinds = office.events(row["id"])
    assert kinds.count("supervision.refused") == 3 and "supervision.started" not in kinds


def leave_message(office: AgentsOffice) -> None:
    """Of somebody who hides his number, which is soon told."""
    call = office.provider().dial(MAILBOX, number="anonymous")
    call.wait_answered().say(CALLER)
    call.wait_heard(LEAVE_MESSAGE, 0.5)
    time.sleep(5.0)  # the tone; then he speaks
    call.hang_up()
    office.wait_row(number=None, result="message")


def longest(samples: np.ndarray, frequency: int) -> float:
    """A voice has each frequency for a moment; only the message has it for longer."""
    return max((span.seconds for span in audio.spans_of(samples, frequency)), default=0.0)


def test_a_team_s_mailbox_by_its_pin(office: AgentsOffice) -> None:
    leave_message(office)
    phone = office.baresip("101", say=AGENT)
    phone.dial("*97*330")
    phone.wait_established()
    time.sleep(1.0)
    phone.press("0815")  # somebody else's birthday
    time.sleep(1.0)
    phone.press(PIN)
    time.sleep(13.0)  # how many there are, who called and when; then the message
    phone.press("6")
    until(lambda: not messages(office), "it is done for all of the team")
    phone.hang_up()
    assert longest(phone.heard(), CALLER) > 1.0, "he has heard it"
    (done,) = messages(office, "--all")[:1]
    assert done["handled_by"] == "101" and done["heard_by"] == "101"
    office.command("messages", "open", done["id"])
    until(lambda: [one["id"] for one in messages(office)] == [done["id"]], "it is open again")
    office.command("messages", "done", done["id"])


def messages(office: AgentsOffice, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(office.command("messages", "--json", *words))
    return found


def test_without_the_pin_nothing_is_heard(office: AgentsOffice) -> None:
    leave_message(office)
    piotr, jan = office.linphone("102"), office.baresip("110")
    piotr.dial("*97*330")
    piotr.wait_established()
    for guess in ("0000", "1111", "2222"):
        time.sleep(1.0)
        piotr.press(guess)
    piotr.wait_closed()
    jan.dial("*97*330")  # it is no mailbox of his, whatever he knows
    jan.wait_established()
    jan.press(PIN)
    jan.wait_closed()
    for phone in (piotr, jan):
        assert longest(phone.heard(), CALLER) < 1.0
    (one,) = messages(office)
    assert one["heard_at"] is None
    office.command("messages", "done", one["id"])


def test_a_kill_confuses_no_queue(own_office: AgentsOffice) -> None:
    """The promised place, whose turn it is, the pause, the wrap-up and the figures are there again;
    who waited on the phone is on the callback list."""
    office = own_office
    client, agent = talks(office, "101")
    piotr, provider = office.phone("102"), client.phone
    office.command("pause", "102", "--reason", "1")
    client.hang_up()
    agent.wait_over()
    until(lambda: office.state("101") == "wrap_up", "Anna writes it down")
    goes = provider.dial(MAIN, number=PROMISED).wait_answered()
    until(lambda: office.queue()["waiting"] == 1, "he waits")
    goes.press("2")
    goes.wait_over()
    until(lambda: office.queue()["promised"] == 1, "his place is kept")
    provider.dial(MAIN, number=CUT_OFF).wait_answered()
    until(lambda: office.queue()["waiting"] == 1, "somebody waits behind him")
    time.sleep(1.5)  # no event older than a second is lost
    office.kill()
    office.start()
    found = office.queue()
    assert (found["promised"], found["waiting"]) == (1, 0)
    day = {how: found["today"].get(how, 0) for how in ("answered", "called_back", "interrupted")}
    assert day == {"answered": 1, "called_back": 1, "interrupted": 1}
    assert (office.state("101"), office.state("102")) == ("wrap_up", "paused")
    owed = {one["number"] for one in json.loads(office.command("callbacks", "--json"))}
    assert owed == {PROMISED, CUT_OFF}
    later = provider.dial(MAIN, number=LATER).wait_answered()
    until(lambda: office.queue()["waiting"] == 1, "he waits behind the promised one")
    office.command("pause", "102", "--off")
    rung = piotr.incoming(30).answer().wait_answered()
    back = provider.incoming(30).answer().wait_answered()
    rung.say(AGENT)
    back.say(CALLER)
    back.wait_heard(AGENT, 2 * TALK)
    rung.wait_heard(CALLER, TALK)
    assert not later.is_over
    back.hang_up()
    rung.wait_over()
    office.wait_row(direction="out", called=PROMISED, result="talked")
    until(lambda: office.queue()["today"]["returned"] == 1, "the promise is kept")
    until(lambda: office.state("102") == "wrap_up", "Piotr writes it down")
    later.hang_up()
