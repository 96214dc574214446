"""112 dialled on baresip and linphone, over trunks of SIPp of which the first is dead.

The office is told by text (linphone shows it), by a ring, a lamp and mail; phones of another place
show that place's number.
"""

from pathlib import Path

import pytest

from tests.helpers import audio
from tests.live import sipp
from tests.live.baresip import Baresip
from tests.live.linphone import Linphone
from tests.live.mailserver import MailServer
from tests.live.office_files import MAILBOX, PASSWORD, SHORT
from tests.live.office_under_test import OfficeUnderTest
from tests.live.ports import free_port
from tests.live.process import until
from tests.live.shared_office import BuildOffice
from tests.live.test_lamps import Watcher, lamp_of_sipp

THIRD_HOST, KRAKOW_HOST = "127.0.0.3", "127.0.0.5"
ADMIN = "admin@kancelaria.example"
RULES = f"""
alarms: [{ADMIN}]
emergency:
  number: "{SHORT}"
  tell: [102]
  places:
    krakow: {{networks: "{KRAKOW_HOST}", number: "{MAILBOX}", address: "ul. Polna 3, Kraków"}}
outgoing: {{locked: 24/7}}
"""
PORT = free_port(THIRD_HOST)
# What reception hears first, in the place of "Attention, an emergency call".
ALARM = 1234


class HelpOffice(OfficeUnderTest):
    """The first trunk owns the site's number, and nobody listens there."""

    def __init__(self, folder: Path, mail: MailServer | None = None) -> None:
        super().__init__(folder, mail)
        text = self.office_file.read_text(encoding="utf-8")
        reserve = f'\n  reserve: {{server: "{THIRD_HOST}:{PORT}", watch: none}}\n'
        text = text.replace("\nnumbers:", f"{reserve}\nnumbers:", 1)
        self.office_file.write_text(text + RULES, encoding="utf-8")
        prompts = self.office_file.parent / "prompts"
        audio.write_wav(prompts / "emergency_alarm.wav", audio.tone(ALARM, 1.0))


@pytest.fixture(scope="module")
def build_office() -> BuildOffice:
    return HelpOffice


def help_line(office: OfficeUnderTest, folder: Path) -> sipp.Sipp:
    return sipp.Sipp(sipp.answering(), office.address, folder, host=THIRD_HOST, port=PORT)


def invitation(far: sipp.Sipp) -> str:
    """The INVITE as the provider got it."""
    return far.messages.split("INVITE sip:", 1)[1].split("\n\n", 1)[0]


@pytest.mark.parametrize("kind", ["baresip", "linphone"])
def test_help_is_reached_and_the_office_is_told(
    office: OfficeUnderTest, tmp_path: Path, kind: str
) -> None:
    """Locked office, dead first trunk: the second is called, and shows the site's number. Reception
    is rung meanwhile, hears who called, and its lamp is lit until then.
    """
    other = {"baresip": "linphone", "linphone": "baresip"}[kind]
    reception, anna = office.softphone(other, "102"), office.softphone(kind, "101")
    with Watcher("111", office.address) as lamp, help_line(office, tmp_path / "112") as far:
        watch = lamp.subscribe("*91")
        lamp.wait_states([])
        anna.dial(
            f"sip:112@{office.address[0]}:{office.address[1]}" if kind == "baresip" else "112"
        )
        anna.wait_established()
        notice(reception)
        reception.wait_incoming()
        lamp.wait_states([], ["confirmed"])
        reception.answer()
        reception.wait_closed()  # it was said twice
        lamp.wait_states([], ["confirmed"], ["terminated"])
        lamp.refresh(watch, expires=0)
        anna.hang_up()
        far.wait()
        invite = invitation(far)
    assert invite.startswith("112@") and SHORT in invite.split("From:")[1].split("\n")[0]
    row = office.wait_row(called="112", result="talked")
    tried = [one["data"]["key"] for one in office.story(row["id"])["events"]
             if one["kind"] == "ring.started"]  # fmt: skip
    assert tried == ["operator", "reserve"]
    told = office.mailbox.wait(
        lambda one: "ALARM" in one.subject and "101 Anna" in one.subject, 20.0
    )
    assert told.recipients == (ADMIN,)
    assert "a call for help" in office.log
    assert "ALARM 112: 101 Anna" in reception.messages
    heard = reception.heard()
    assert audio.seconds_of(heard, ALARM) >= 1.5, audio.describe(heard, (ALARM,))


def notice(reception: Baresip | Linphone) -> None:
    """What stands on its display."""
    words = "ALARM: 101 Anna Zieli"
    if isinstance(reception, Linphone):
        reception.wait(f"Message received from .*{words}")
    else:
        until(lambda: words.encode() in reception.process.log.read_bytes(), "baresip shows it")


def test_a_phone_of_another_place(office: OfficeUnderTest, tmp_path: Path) -> None:
    """The same person, by the address from which the phone speaks."""
    with (
        office.phone("101", host=KRAKOW_HOST) as phone,
        help_line(office, tmp_path / "far") as far,
    ):
        call = phone.dial("112")
        call.wait_answered()
        call.hang_up()
        far.wait()
        assert MAILBOX in invitation(far).split("From:")[1].split("\n")[0]
    office.mailbox.wait(lambda one: "Polna 3" in one.subject or "Polna 3" in one.text, 20.0)


def test_a_test_of_it_calls_nobody(office: OfficeUnderTest) -> None:
    with office.phone("111") as phone:
        call = phone.dial("*90112")
        call.wait_answered()
        call.wait_over(timeout=40.0)
    row = office.wait_row(called="*90112")
    ways = next(one for one in office.story(row["id"])["events"] if one["kind"] == "emergency.ways")
    assert ways["data"]["shown"] == {"operator": SHORT, "reserve": SHORT}
    office.mailbox.wait(lambda one: "Test" in one.subject or "test" in one.subject, 20.0)


def test_an_alarm_outlives_a_kill(own_office: OfficeUnderTest, tmp_path: Path) -> None:
    """The lamp of a SIPp, which subscribed before, is lit again, reception's baresip rings again,
    and who dials the lamp's code hears who called and darkens it.
    """
    office, address = own_office, own_office.address
    anna, reception = office.phone("101"), office.baresip("102")
    lamp = sipp.Sipp(
        lamp_of_sipp("120", "*91", ("confirmed", "confirmed", "terminated"), jumps_after=1),
        address,
        tmp_path / "lamp",
        extra=(
            "-au",
            "120",
            "-ap",
            PASSWORD.format("120"),
            "-auth_uri",
            "*91@{}:{}".format(*address),
        ),
    )
    with lamp, help_line(office, tmp_path / "112"):
        until(lambda: "NOTIFY" in lamp.messages, "the first NOTIFY")
        anna.dial("112").wait_answered()
        reception.wait_incoming()
        until(lambda: lamp.messages.count(">confirmed<") == 1, "the lamp is lit")
        (row,) = office.calls()
        until(lambda: "emergency.called" in office.events(row["id"]), "it is on the disk")
        office.kill()
        office.start()
        reception.wait_incoming(60.0)
        until(lambda: lamp.messages.count(">confirmed<") == 2, "the lamp is lit again")
        noticing = office.phone("102").dial("*91")
        noticing.wait_answered()
        noticing.wait_heard(ALARM, 0.5)
        noticing.wait_over(timeout=40.0)
        lamp.wait()
    assert "emergency.acknowledged" in office.events(row["id"])
