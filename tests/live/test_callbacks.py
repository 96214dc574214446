"""Nobody is forgotten: a client who gave up is on the list over a kill -9, and is called back.

The phone that calls back is a baresip, the commands are the real ones.
"""

import json
import time
from typing import Any

from tests.live.office_files import AGENT, CALLER, MAIN
from tests.live.office_under_test import OfficeUnderTest
from tests.live.process import until

CLIENT = "+48600100200"
# A talk so long closes an item (`callbacks: talk`), and a little more.
REAL_TALK = 11.0


def waiting(office: OfficeUnderTest) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(office.command("callbacks", "--json"))
    return found


def test_who_gave_up_is_called_back_from_a_baresip(own_office: OfficeUnderTest) -> None:
    office = own_office
    provider = office.provider()
    for _ in range(2):
        call = provider.dial(MAIN, number=CLIENT)
        call.wait_answered()
        call.hang_up()
        office.wait_row(number=CLIENT, result="abandoned")
    until(lambda: [one["attempts"] for one in waiting(office)] == [2], "both calls are one item")
    office.kill()
    office.start()
    (item,) = waiting(office)
    assert (item["number"], item["attempts"]) == (CLIENT, 2)
    assert CLIENT in office.command("callbacks")
    agent = office.baresip("102", say=AGENT)
    agent.dial("*55")
    back = provider.incoming().answer().wait_answered()
    back.say(CALLER)
    agent.wait_established()
    back.wait_heard(AGENT)
    time.sleep(REAL_TALK)
    agent.hang_up()
    until(lambda: not waiting(office), "the talk closes the item")
    (done,) = json.loads(office.command("callbacks", "--all", "--json"))
    assert (done["reason"], done["closed_by"]) == ("talked", "102")
    office.wait_row(direction="out", called=CLIENT, result="talked")
    assert "2 inbound = 0 talked + 0 to be called back + 2 called back" in " ".join(
        office.command("callbacks", "--check", "--days", "1").split()
    )
