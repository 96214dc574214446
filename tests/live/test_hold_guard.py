"""A client on hold is never forgotten, whatever phone holds him: baresip, linphone, Twinkle."""

from pathlib import Path

import pytest

from tests.live.baresip import Baresip
from tests.live.linphone import Linphone
from tests.live.mailserver import MailServer
from tests.live.office_files import CALLER, LEAVE_MESSAGE, MUSIC, SHORT
from tests.live.office_under_test import OfficeUnderTest
from tests.live.phone_call import PhoneCall
from tests.live.process import until
from tests.live.shared_office import BuildOffice

TALK = 0.8
HOLDER = 1500


class HastyOffice(OfficeUnderTest):
    """Its reminder comes after two seconds, its way back after eight."""

    def __init__(self, folder: Path, mail: MailServer | None = None) -> None:
        super().__init__(folder, mail)
        text = self.office_file.read_text().replace("safe: reception", "safe: message")
        self.office_file.write_text(f"{text}\nhold: {{remind: 2s, return: 8s}}\n")


@pytest.fixture(scope="module")
def build_office() -> BuildOffice:
    return HastyOffice


# He hears the mailbox's greeting, and hangs up in it or, on a slow machine, behind it.
LOST = ("abandoned", "message")


def held_by(jan: Baresip | Linphone, office: OfficeUnderTest) -> PhoneCall:
    """A client with whom 102 talks, and then puts him on hold."""
    client = office.provider().dial(SHORT, number="+48600100200")
    jan.wait_incoming()
    jan.answer()
    client.wait_answered().say(CALLER)
    client.wait_heard(HOLDER, TALK)
    jan.hold()
    client.wait_heard(MUSIC, TALK)
    return client


def test_the_holder_is_rung_and_has_him_again(office: OfficeUnderTest) -> None:
    jan = office.baresip("102", say=HOLDER)
    client = held_by(jan, office)
    jan.wait_incoming()
    assert "Zawieszony" in jan.messages
    before = client.heard.seconds(HOLDER)
    jan.answer()
    until(lambda: client.heard.seconds(HOLDER) >= before + TALK, "they talk again")
    client.hang_up()
    row = office.wait_row(result="talked", direction="in")
    assert row["handled_by"] == "102"
    assert "hold.reminded" in office.events(str(row["id"]))


def test_who_is_forgotten_comes_to_the_safe_place(office: OfficeUnderTest) -> None:
    """Of linphone: baresip takes its call back by itself when another one stops ringing.

    It would refuse a reminder from the client's own address, whom it holds already.
    """
    jan = office.linphone("102", say=HOLDER)
    client = held_by(jan, office)
    jan.wait_incoming()
    assert "Zawieszony: +48600100200" in jan.messages
    client.wait_heard(LEAVE_MESSAGE, TALK / 2)
    jan.wait_closed()
    client.hang_up()
    row = office.wait_row(direction="in")
    assert row["handled_by"] == "102"
    assert row["result"] in LOST, "nobody was there for him any more"
    assert "hold.returned" in office.events(str(row["id"]))


def test_who_is_forgotten_by_twinkle_comes_there_too(office: OfficeUnderTest) -> None:
    jan = office.twinkle("102")
    client = office.provider().dial(SHORT, number="+48600100200")
    jan.answer()
    client.wait_answered().say(CALLER)
    jan.wait("established")
    jan.hold()
    client.wait_heard(MUSIC, TALK)
    jan.wait("incoming call", 2)
    client.wait_heard(LEAVE_MESSAGE, TALK / 2)
    client.hang_up()
    row = office.wait_row(direction="in")
    assert row["handled_by"] == "102"
    assert row["result"] in LOST, "nobody was there for him any more"
    events = office.events(str(row["id"]))
    assert "hold.reminded" in events and "hold.returned" in events
