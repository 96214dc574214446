"""Text messages (RFC 3428) between baresip and linphone: both ways, while away, over a restart."""

from tests.live.baresip import Baresip
from tests.live.office_under_test import OfficeUnderTest
from tests.live.process import until

TEXT = "Prosze o akta sprawy"


def got(phone: Baresip, text: str) -> bool:
    """baresip prints what it is written, and repeats it in its trace."""
    return f"\r\n\r\n{text}" in phone.process.log.read_bytes().decode("utf-8", "replace")


def write(phone: Baresip, text: str) -> None:
    """To the one contact of its book."""
    phone.command("contact_next")
    phone.command("message", text)


def test_both_ways_between_two_clients(office: OfficeUnderTest) -> None:
    anna = office.linphone("101")
    book = (f'"Anna" <sip:101@{office.address[0]}:{office.address[1]}>',)
    piotr = office.baresip("102", contacts=book)
    anna.write("102", TEXT)
    until(lambda: got(piotr, TEXT), "baresip has it")
    assert "Anna" in piotr.trace()
    write(piotr, "Zaraz przyniosę")
    told = anna.wait(r"Message received from (.*): ")[0]
    assert "102" in told
    anna.wait("Zaraz przynios")
    until(lambda: '"status": 200' in office.log, "both were delivered at once")
    assert '"status": 202' not in office.log
    assert "Zaraz" not in office.log
    assert TEXT not in office.log, "what people write is not logged"
    assert office.calls() == [], "a text is no call"


def test_who_is_away_gets_it_when_he_is_back(own_office: OfficeUnderTest) -> None:
    """Kept over a SIGKILL of the switch, brought once, in order; both clients on both ends."""
    office = own_office
    anna = office.linphone("101")
    for number in range(3):
        anna.write("102", f"{TEXT} {number}")
    until(lambda: office.log.count('"status": 202') == 3, "they are kept")
    anna.close()
    office.kill()
    office.start()
    book = (f'"Anna" <sip:101@{office.address[0]}:{office.address[1]}>',)
    piotr = office.baresip("102", contacts=book)
    until(lambda: got(piotr, f"{TEXT} 2"), "the last one came")
    seen = piotr.process.text
    places = [seen.index(f"{TEXT} {number}") for number in range(3)]
    assert places == sorted(places)
    assert seen.count("\nMESSAGE sip:") == 3
    write(piotr, "Dziekuje")
    until(lambda: office.log.count('"status": 202') == 4, "it is kept for linphone")
    again = office.linphone("101")
    again.wait(r"Message received from .*102")
    again.wait("Dziekuje")
    until(lambda: office.log.count('"how": "taken"') == 4, "nothing waits any more")
