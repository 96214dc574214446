"""112 dialled on baresip and linphone, over trunks of SIPp of which the first is dead.

The office is told by text (linphone shows it) and by mail; phones of another place show that
place's number. One office for the file.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import sipp
from tests.live.baresip import Baresip
from tests.live.linphone import Linphone
from tests.live.mailserver import MailServer
from tests.live.office_files import MAILBOX, SHORT
from tests.live.office_under_test import OfficeUnderTest
from tests.live.ports import free_port
from tests.live.process import until

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


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, mail: MailServer) -> Iterator[OfficeUnderTest]:
    """The first trunk owns the site's number, and nobody listens there."""
    office = OfficeUnderTest(tmp_path_factory.mktemp("house"), mail)
    text = office.office_file.read_text()
    reserve = f'\n  reserve: {{server: "{THIRD_HOST}:{PORT}", watch: none}}\n'
    text = text.replace("\nnumbers:", f"{reserve}\nnumbers:", 1)
    office.office_file.write_text(text + RULES)
    with office:
        yield office
        office.put_phones_down()


def help_line(office: OfficeUnderTest, folder: Path) -> sipp.Sipp:
    return sipp.Sipp(sipp.answering(), office.address, folder, host=THIRD_HOST, port=PORT)


def invitation(far: sipp.Sipp) -> str:
    """The INVITE as the provider got it."""
    return far.messages.split("INVITE sip:", 1)[1].split("\n\n", 1)[0]


@pytest.mark.parametrize("kind", ["baresip", "linphone"])
def test_help_is_reached_and_the_office_is_told(
    house: OfficeUnderTest, mail: MailServer, tmp_path: Path, kind: str
) -> None:
    """Locked office, dead first trunk: the second is called, and shows the site's number."""
    other = {"baresip": "linphone", "linphone": "baresip"}[kind]
    reception, anna = house.softphone(other, "102"), house.softphone(kind, "101")
    with help_line(house, tmp_path / "112") as far:
        anna.dial(f"sip:112@{house.address[0]}:{house.address[1]}" if kind == "baresip" else "112")
        anna.wait_established()
        notice(reception)
        anna.hang_up()
        far.wait()
        invite = invitation(far)
    assert invite.startswith("112@") and SHORT in invite.split("From:")[1].split("\n")[0]
    row = house.wait_row(called="112", result="talked")
    tried = [one["data"]["key"] for one in house.story(row["id"])["events"]
             if one["kind"] == "ring.started"]  # fmt: skip
    assert tried == ["operator", "reserve"]
    told = mail.wait(lambda one: "ALARM" in one.subject and "101 Anna" in one.subject, 20.0)
    assert told.recipients == (ADMIN,)
    assert "a call for help" in house.log
    house.put_phones_down()


def notice(reception: Baresip | Linphone) -> None:
    """What stands on its display."""
    words = "ALARM: 101 Anna Zieli"
    if isinstance(reception, Linphone):
        reception.wait(f"Message received from .*{words}")
    else:
        until(lambda: words.encode() in reception.process.log.read_bytes(), "baresip shows it")


def test_a_phone_of_another_place(house: OfficeUnderTest, mail: MailServer, tmp_path: Path) -> None:
    """The same person, by the address from which the phone speaks."""
    with (
        house.phone("101", host=KRAKOW_HOST) as phone,
        help_line(house, tmp_path / "far") as far,
    ):
        call = phone.dial("112")
        call.wait_answered()
        call.hang_up()
        far.wait()
        assert MAILBOX in invitation(far).split("From:")[1].split("\n")[0]
    mail.wait(lambda one: "Polna 3" in one.subject or "Polna 3" in one.text, 20.0)


def test_a_test_of_it_calls_nobody(house: OfficeUnderTest, mail: MailServer) -> None:
    with house.phone("111") as phone:
        call = phone.dial("*90112")
        call.wait_answered()
        call.wait_over(timeout=40.0)
    row = house.wait_row(called="*90112")
    ways = next(one for one in house.story(row["id"])["events"] if one["kind"] == "emergency.ways")
    assert ways["data"]["shown"] == {"operator": SHORT, "reserve": SHORT}
    mail.wait(lambda one: "Test" in one.subject or "test" in one.subject, 20.0)
