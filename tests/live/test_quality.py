"""How good calls sounded: phones that report, and one whose packets get lost on the way.

linphone and baresip say by RTCP what they miss. (linphone offers extended reports, and is answered,
but sends none of its own.)
"""

import time

from tests.live.office_files import AGENT, CALLER
from tests.live.office_under_test import OfficeUnderTest

# Two of the engine's looks, and a report of each phone between them.
TALK = 11.0
GOOD, BAD = 4.2, 3.1


def every_fourth_is_lost(number: int, packet: bytes) -> list[bytes]:
    return [] if number % 4 == 3 else [packet]


def test_good_and_bad_calls_have_their_figures(office: OfficeUnderTest) -> None:
    anna = office.linphone("101", say=CALLER)
    piotr = office.baresip("102", say=AGENT, account=";answermode=auto")
    ewa = office.phone("111", mangle=every_fourth_is_lost)
    anna.dial("102")
    anna.wait_established()
    piotr.wait_established()
    echo = ewa.dial("600").wait_answered()
    echo.say(CALLER)
    time.sleep(TALK)
    echo.hang_up()
    anna.hang_up()
    piotr.wait_closed()

    row = office.wait_row(result="talked", number="101")
    story = office.story(row["id"])
    assert len(story["sound"]) == 2
    for leg in story["sound"]:
        assert leg["mos_in"] > GOOD and leg["mos_out"] > GOOD, leg
        assert len(leg["timeline"]["in"]) >= 2
    assert story["verdicts"] == []

    bad = office.story(office.wait_row(number="111")["id"])
    (leg,) = bad["sound"]
    assert leg["mos_in"] < BAD and leg["mos_out"] is None, "a scripted phone reports nothing"
    assert {"poor_from", "loss_from"} <= {one["code"] for one in bad["verdicts"]}
