"""Transfers between phones that we did not write: who hears whom afterwards, by frequency."""

from urllib.parse import quote

from tests.live.office_files import AGENT, CALLER
from tests.live.office_under_test import OfficeUnderTest
from tests.live.phone_call import PhoneCall

TALK = 1.0
CONSULTANT = 1500


def kinds(office: OfficeUnderTest, row: dict[str, object]) -> list[str]:
    return office.events(str(row["id"]))


def test_baresip_transfers_its_caller(office: OfficeUnderTest) -> None:
    """The caller, a client from outside, hears ringing and then the new one; nobody re-INVITEs."""
    provider = office.provider()
    jan = office.baresip("102", say=CONSULTANT)
    ewa = office.phone("111")
    client = provider.dial("+48221234570")
    jan.wait_incoming()
    jan.answer()
    client.wait_answered().say(CALLER)
    client.wait_heard(CONSULTANT, TALK)
    jan.command("transfer", f"sip:111@{office.address[0]}:{office.address[1]}")
    new = ewa.incoming()
    assert new.invite and "provider" in new.invite.get("From")
    new.ring()
    client.wait_heard(425, TALK)
    new.answer().wait_answered().say(AGENT)
    jan.wait_closed()
    client.wait_heard(AGENT, TALK)
    new.wait_heard(CALLER, TALK)
    client.hang_up()
    assert new.wait_over().ended_by == "bye"
    row = office.wait_row(result="talked", direction="in")
    assert (row["handled_by"], row["ended_by"]) == ("111", "caller")
    assert kinds(office, row).count("transfer") == 1


def test_baresip_transfers_whom_it_called(office: OfficeUnderTest) -> None:
    anna = office.baresip("101", say=CONSULTANT)
    piotr, ewa = office.phone("102"), office.phone("111")
    anna.dial("102")
    called = piotr.incoming()
    called.answer().wait_answered().say(CALLER)
    called.wait_heard(CONSULTANT, TALK)
    anna.wait_established()
    anna.command("transfer", f"sip:111@{office.address[0]}:{office.address[1]}")
    new = ewa.incoming()
    new.ring()
    new.answer().wait_answered().say(AGENT)
    anna.wait_closed()
    called.wait_heard(AGENT, TALK)
    new.wait_heard(CALLER, TALK)
    new.hang_up()
    called.wait_over()
    assert office.wait_row(number="101", result="talked")["handled_by"] == "111"


def test_a_busy_one_comes_back_to_baresip(office: OfficeUnderTest) -> None:
    jan = office.baresip("110", say=AGENT)
    anna, ewa = office.phone("101"), office.phone("111")
    call = anna.dial("110")
    jan.wait_incoming()
    jan.answer()
    call.wait_answered().say(CALLER)
    jan.wait_established()
    jan.command("transfer", f"sip:111@{office.address[0]}:{office.address[1]}")
    ewa.incoming().refuse(486)
    jan.wait_event("TRANSFER_FAILED")
    # baresip hangs up on the bad news; the caller is not lost, and it rings again.
    jan.wait_incoming()
    assert "Powr" in jan.trace()
    jan.answer()
    call.wait_more(AGENT, TALK)
    call.hang_up()
    jan.wait_closed()
    assert office.wait_row(number="101", result="talked")["handled_by"] == "110"


def test_attended_between_two_baresips(office: OfficeUnderTest) -> None:
    """110 holds both and joins them; the two foreign phones notice nothing but the sound."""
    anna = office.baresip("101", say=CALLER)
    piotr = office.baresip("102", say=AGENT, account=";answermode=auto")
    jan = office.phone("110")
    anna.dial("110")
    first = jan.incoming()
    first.answer().wait_answered().say(CONSULTANT)
    first.wait_heard(CALLER, TALK)
    first.hold()
    second = jan.dial("102")
    second.wait_answered().say(CONSULTANT)
    second.wait_heard(AGENT, TALK)
    uri = f"sip:102@{office.address[0]}?Replaces={quote(_names(second), safe='')}"
    first.refer(f"<{uri}>")
    assert first.wait_over().ended_by == "bye"
    assert second.wait_over().ended_by == "bye"
    for phone, tone in ((anna, AGENT), (piotr, CALLER)):
        phone.wait_more(tone, TALK)
    anna.hang_up()
    anna.wait_closed()
    piotr.wait_closed()
    assert office.wait_row(number="101", result="talked")["handled_by"] == "102"
    assert office.wait_row(number="110", result="talked")["handled_by"] == "102"


def _names(call: PhoneCall) -> str:
    """The Replaces value of a call that the phone placed."""
    assert call.final
    to_tag = call.final.get("To").partition("tag=")[2]
    return f"{call.call_id};to-tag={to_tag};from-tag={call.local_tag}"
