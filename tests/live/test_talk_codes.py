"""Codes of keys during a talk, pressed on foreign phones (RFC 4733): who hears whom afterwards."""

import pytest

from tests.live.baresip import Baresip
from tests.live.linphone import Linphone
from tests.live.office_files import AGENT, CALLER, MUSIC
from tests.live.office_under_test import OfficeUnderTest
from tests.live.phone_call import PhoneCall
from tests.live.process import until
from tests.live.rtp_peer import ScriptedPhone

TALK = 1.0
CONSULTANT = 1500
RINGING = 425


Scene = tuple[PhoneCall, Baresip | Linphone, ScriptedPhone]


def client_with(office: OfficeUnderTest, kind: str = "baresip") -> Scene:
    """A client talks with 102, who has no transfer key; 111 is there too."""
    provider = office.provider()
    jan = office.softphone(kind, "102", say=CONSULTANT)
    ewa = office.phone("111")
    client = provider.dial("+48221234570")
    jan.wait_incoming()
    jan.answer()
    client.wait_answered().say(CALLER)
    client.wait_heard(CONSULTANT, TALK)
    return client, jan, ewa


@pytest.mark.parametrize("kind", ["baresip", "linphone"])
def test_blind_by_code(office: OfficeUnderTest, kind: str) -> None:
    client, jan, ewa = client_with(office, kind)
    jan.press("*1111#")
    new = ewa.incoming()
    new.ring()
    client.wait_heard(RINGING, TALK)
    new.answer().wait_answered().say(AGENT)
    jan.wait_closed()
    client.wait_more(AGENT, TALK)
    new.wait_more(CALLER, TALK)
    client.hang_up()
    assert new.wait_over().ended_by == "bye"
    row = office.wait_row(result="talked", direction="in")
    assert (row["handled_by"], row["ended_by"]) == ("111", "caller")


@pytest.mark.parametrize("kind", ["baresip", "linphone"])
def test_attended_by_code(office: OfficeUnderTest, kind: str) -> None:
    client, jan, ewa = client_with(office, kind)
    jan.press("*2111#")
    asked = ewa.incoming()
    asked.ring()
    asked.answer().wait_answered().say(AGENT)
    client.wait_more(MUSIC, TALK)
    asked.wait_more(CONSULTANT, TALK)
    jan.press("*2")
    jan.wait_closed()
    client.wait_more(AGENT, TALK)
    asked.wait_more(CALLER, TALK)
    asked.hang_up()
    client.wait_over()
    row = office.wait_row(result="talked", direction="in")
    assert row["handled_by"] == "111"
    kinds = office.events(str(row["id"]))
    assert "consultation.ended" in kinds and kinds.count("transfer") == 1


def test_back_to_the_client(office: OfficeUnderTest) -> None:
    client, jan, ewa = client_with(office)
    jan.press("*2111#")
    asked = ewa.incoming()
    asked.answer().wait_answered().say(AGENT)
    asked.wait_more(CONSULTANT, TALK)
    jan.press("*0")
    assert asked.wait_over().ended_by == "bye"
    client.wait_more(CONSULTANT, TALK)
    client.hang_up()
    jan.wait_closed()
    assert office.wait_row(result="talked", direction="in")["handled_by"] == "102"


def test_keys_reach_a_menu_outside(office: OfficeUnderTest) -> None:
    """Nothing that is no complete code is kept back, and a code's keys pass too."""
    provider, anna = office.provider(), office.baresip("101", say=CALLER)
    anna.dial("601202303")
    bank = provider.incoming()
    bank.answer().wait_answered().say(AGENT)
    anna.wait_established()
    bank.wait_heard(CALLER, TALK)
    anna.press("12#*9")
    until(lambda: bank.heard.digits_text == "12#*9", "the bank hears them")
    bank.wait_more(CALLER, TALK)
    bank.hang_up()
    anna.wait_closed()
