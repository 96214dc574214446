"""What people set for themselves, with phones that we did not write and the real commands.

Prompts of the office under test are tones; those of star codes are here the shipped ones, so that
speech is told from silence by its energy.
"""

import json

import numpy as np
import pytest

from tests.live.office_files import AGENT, CALLER
from tests.live.office_under_test import OfficeUnderTest
from tests.live.process import until
from tests.live.rtp_peer import ScriptedPhone

MOBILE = "+48600100200"
# Speech is louder than this, the noise of a quiet line softer (16-bit samples).
SPEECH_RMS = 300.0


def people(office: OfficeUnderTest) -> dict[str, dict[str, object]]:
    return {one["extension"]: one for one in json.loads(office.command("people", "--json"))}


def speech_seconds(heard: np.ndarray) -> float:
    """So many seconds of it are louder than a quiet line."""
    samples = np.asarray(heard, np.float64)
    if np.abs(samples).max(initial=0.0) <= 1.0:
        samples = samples * 32768
    frames = samples[: samples.size // 160 * 160].reshape(-1, 160)
    return float((np.sqrt((frames**2).mean(axis=1)) > SPEECH_RMS).sum()) * 0.02


@pytest.mark.parametrize("kind", ["baresip", "linphone"])
def test_do_not_disturb_by_code(own_office: OfficeUnderTest, kind: str) -> None:
    """It hears that it is on; another call finds it busy; a restart changes nothing."""
    office = own_office
    piotr = office.softphone(kind, "102", say=AGENT)
    anna = office.phone("101")
    piotr.dial("*26")
    piotr.wait_established()
    piotr.wait_closed(timeout=30.0)
    assert speech_seconds(piotr.heard()) > 0.8
    assert anna.dial("102").wait_final() == 486
    office.wait_row(number="101", result="busy")
    office.kill()
    office.start()
    assert people(office)["102"]["dnd"] == {"until": None}
    assert office.phone("101").dial("102").wait_final() == 486
    assert "nothing is set" in office.command("dnd", "102", "off")


@pytest.mark.parametrize("kind", ["baresip", "linphone"])
def test_forward_by_code_to_a_colleague(office: OfficeUnderTest, kind: str) -> None:
    piotr = office.softphone(kind, "102", say=AGENT)
    piotr.dial("*21*111")
    piotr.wait_established()
    piotr.wait_closed(timeout=30.0)
    assert speech_seconds(piotr.heard()) > 2.0, "the number is said"
    ewa = office.phone("111")
    call = office.phone("101").dial("102")
    answered = ewa.incoming().answer().wait_answered()
    answered.say(AGENT)
    call.wait_answered().say(CALLER)
    call.wait_heard(AGENT, 1.0)
    answered.wait_heard(CALLER, 1.0)
    call.hang_up()
    answered.wait_over()
    row = office.wait_row(number="101", result="talked")
    assert (row["handled_by"], row["forwarded"]) == ("111", "102 > 111")
    office.command("forward", "102", "--off")


@pytest.mark.parametrize("takes_it", [True, False])
def test_forward_to_a_mobile(office: OfficeUnderTest, takes_it: bool) -> None:
    """Only a human who presses one gets the caller, who learns nothing of the mobile."""
    office.command("forward", "102", "--all", "600 100 200", "--until", "2999-12-20")
    mobile, anna = office.provider(), office.phone("101")
    call = anna.dial("102")
    rung = mobile.incoming()
    assert rung.invite is not None
    assert "+48221234567" in rung.invite.get("From")
    rung.ring()
    call.wait_status(180)
    rung.answer().wait_answered().say(AGENT)
    if takes_it:
        until(lambda: speech_seconds(rung.heard.samples()) > 1.0, "the question is heard")
        rung.press("1")
        call.wait_answered().say(CALLER)
        call.wait_heard(AGENT, 1.0)
        rung.wait_heard(CALLER, 1.0)
        rung.hang_up()
        call.wait_over()
        assert office.wait_row(number="101", result="talked")["forwarded"] == "102 > 102 outside"
    else:
        assert call.wait_final(timeout=60.0) == 480
        rung.wait_over()
        office.wait_row(number="101", result="no_answer")
    assert MOBILE[3:] not in anna.trace_text(10_000)
    office.command("forward", "102", "--off")


def test_an_absence_by_command(office: OfficeUnderTest) -> None:
    assert "absent yes until 2999-12-20 00:00" in office.command(
        "absent", "110", "--until", "2999-12-20"
    )
    jan: ScriptedPhone = office.phone("110")
    call = office.phone("101").dial("110")
    call.wait_answered()  # nobody stands in, and he has a mailbox
    call.hang_up()
    assert not jan.calls, "his phone stays silent"
    assert "absent" not in office.command("absent", "110", "--off")
