"""Transfers with two foreign phones: who hears whom afterwards, by frequency, both ways."""

from tests.live.hearing import wait_talk
from tests.live.office_files import AGENT, CALLER
from tests.live.office_under_test import OfficeUnderTest
from tests.live.process import until
from tests.live.test_linphone import AUTO

CONSULTANT = 1500


def test_linphone_transfers_blind(office: OfficeUnderTest) -> None:
    """baresip calls linphone, which sends it on to another baresip."""
    jan = office.linphone("110", say=CONSULTANT)
    anna = office.baresip("101", say=CALLER)
    piotr = office.baresip("102", say=AGENT, account=AUTO)
    anna.dial("110")
    jan.wait_incoming()
    jan.answer()
    anna.wait_established()
    wait_talk(jan, CONSULTANT, anna, CALLER)
    jan.transfer("102")
    piotr.wait_established()
    jan.wait_closed()
    wait_talk(anna, CALLER, piotr, AGENT)
    anna.hang_up()
    anna.wait_closed()
    piotr.wait_closed()
    assert office.wait_row(number="101", result="talked")["handled_by"] == "102"


def test_linphone_is_transferred_by_baresip(office: OfficeUnderTest) -> None:
    """To baresip's colleague; and there is no re-INVITE that linphone could get wrong."""
    jan = office.linphone("110", say=CALLER)
    anna = office.baresip("101", say=CONSULTANT, account=AUTO)
    piotr = office.baresip("102", say=AGENT, account=AUTO)
    jan.dial("101")
    jan.wait_established()
    anna.wait_established()
    wait_talk(jan, CALLER, anna, CONSULTANT)
    anna.command("transfer", f"sip:102@{office.address[0]}:{office.address[1]}")
    piotr.wait_established()
    anna.wait_closed()
    wait_talk(jan, CALLER, piotr, AGENT)
    jan.hang_up()
    jan.wait_closed()
    piotr.wait_closed()
    assert office.wait_row(number="110", result="talked")["handled_by"] == "102"


def test_linphone_consults_and_transfers(office: OfficeUnderTest) -> None:
    """Attended: it holds one baresip, asks the other one, and joins them (Replaces)."""
    jan = office.linphone("110", say=CONSULTANT)
    anna = office.baresip("101", say=CALLER)
    piotr = office.baresip("102", say=AGENT, account=AUTO)
    anna.dial("110")
    jan.wait_incoming()
    jan.answer()
    anna.wait_established()
    jan.hold()
    jan.wait("is now paused")
    jan.dial("102")
    jan.wait(r"Call 2 with .* connected")
    piotr.wait_established()
    wait_talk(jan, CONSULTANT, piotr, AGENT)
    jan.transfer_to_call(1, 2)
    jan.wait_closed()
    jan.wait_closed()
    wait_talk(anna, CALLER, piotr, AGENT)
    anna.hang_up()
    anna.wait_closed()
    piotr.wait_closed()
    assert office.wait_row(number="101", result="talked")["handled_by"] == "102"


def test_a_busy_one_comes_back_to_linphone(office: OfficeUnderTest) -> None:
    jan = office.linphone("110", say=AGENT)
    anna = office.baresip("101", say=CALLER)
    ewa = office.phone("111")
    anna.dial("110")
    jan.wait_incoming()
    jan.answer()
    anna.wait_established()
    jan.transfer("111")
    ewa.incoming().refuse(486)
    # It is told by NOTIFY, keeps its call, and the caller is with it again.
    until(lambda: "SIP/2.0 486" in jan.trace(None), "the bad news")
    wait_talk(anna, CALLER, jan, AGENT)
    anna.hang_up()
    anna.wait_closed()
    jan.wait_closed()
    assert office.wait_row(number="101", result="talked")["handled_by"] == "110"
