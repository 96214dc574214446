"""Three in a conference, one of them a baresip: each hears the two others and not himself."""

from tests.helpers import audio
from tests.live.office_files import AGENT, CALLER
from tests.live.office_under_test import OfficeUnderTest

TALK = 1.0
THIRD = 1500


def test_three_hear_each_other(office: OfficeUnderTest) -> None:
    anna = office.baresip("101", say=THIRD)
    anna.dial("350")
    anna.wait_established()
    piotr = office.phone("102").dial("350").wait_answered()
    piotr.say(AGENT)
    piotr.wait_heard(THIRD, TALK)
    ewa = office.phone("111").dial("350").wait_answered()
    ewa.say(CALLER)
    for call, others in ((piotr, (THIRD, CALLER)), (ewa, (THIRD, AGENT))):
        for one in others:
            call.wait_heard(one, TALK)
    said = {piotr: AGENT, ewa: CALLER}
    for call, own in said.items():
        assert call.heard.seconds(own) < 0.1, "nobody hears himself"
    for one in (AGENT, CALLER):
        anna.wait_heard(one, TALK)
    ewa.hang_up()
    piotr.hang_up()
    anna.hang_up()
    assert audio.seconds_of(anna.heard(), THIRD) < 0.1
    row = office.wait_row(number="101", called="350")
    assert (row["result"], row["handled_by"]) == ("talked", "board")
