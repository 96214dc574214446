"""Keys without telephone events: in the sound, or in a message of their own.

Made by sox (a provider, SIPp) and by Twinkle, which does either; what we make is read by
multimon-ng.
"""

import subprocess
from pathlib import Path

import pytest

from tests.helpers import audio
from tests.live import sipp
from tests.live.office_files import AGENT, CALLER, MAIN, SINGLE
from tests.live.office_under_test import TRUNK_HOST, OfficeUnderTest
from tests.live.process import until

CLIENT = "+48600100200"
TWO = ("697", "1336")
# Behind greeting and most of the menu.
BEFORE_KEY = "3"


def talk_with_key(folder: Path) -> Path:
    """Silence, 80 ms of key 2, silence; A-law bytes by sox."""
    path = folder / "key2.alaw"
    low, high = TWO
    make = ["synth", "0.08", "sine", low, "synth", "0.08", "sine", "mix", high, "gain", "-9"]
    argv = ["sox", "-n", "-r", "8000", "-c", "1", "-e", "a-law", "-t", "raw", str(path), *make]
    subprocess.run([*argv, "pad", BEFORE_KEY, "30"], check=True, timeout=30)
    return path


def read_by_multimon(samples: object, folder: Path) -> str:
    """The keys that multimon-ng finds in sound of 8 kHz."""
    path = audio.write_wav(folder / "tones.wav", samples)
    raw = ["sox", str(path), "-t", "raw", "-e", "signed", "-b", "16", "-r", "22050", "-"]
    sound = subprocess.run(raw, check=True, capture_output=True, timeout=30).stdout
    argv = ["multimon-ng", "-q", "-a", "DTMF", "-t", "raw", "-"]
    found = subprocess.run(argv, input=sound, check=True, capture_output=True, timeout=30)
    lines = found.stdout.decode().splitlines()
    return "".join(line[-1] for line in lines if line.startswith("DTMF: "))


def test_keys_in_the_sound_both_ways(office: OfficeUnderTest, tmp_path: Path) -> None:
    ewa = office.phone("111")
    scenario = sipp.outgoing_call(talk_with_key(tmp_path), milliseconds=6000, events=False)
    trunk = {"host": TRUNK_HOST, "port": office.trunk_port, "number": CLIENT, "target": MAIN}
    with sipp.Sipp(scenario, office.address, tmp_path / "sipp", **trunk) as client:
        ringing = ewa.incoming()  # key 2 leads to her, no key to somebody else
        ringing.answer().wait_answered().say(AGENT)
        client.wait()
    ringing.wait_over()
    row = office.wait_row(number=CLIENT, result="talked")
    keys = [e["data"] for e in office.story(row["id"])["events"] if e["kind"] == "menu.key"]
    assert [key["key"] for key in keys] == ["2"]

    call = office.provider(has_events=False).dial(SINGLE, number=CLIENT)
    answered = ewa.incoming()
    answered.answer().wait_answered().say(AGENT)
    call.wait_answered().say(CALLER)
    call.wait_heard(AGENT)
    answered.press("159#")
    until(lambda: read_by_multimon(call.heard.samples(), tmp_path) == "159#", "four keys")
    heard = call.heard.seconds(AGENT)
    call.wait_heard(AGENT, heard + 0.3)  # and the voice behind them
    answered.wait_heard(CALLER)
    assert answered.heard.digits_text == ""
    call.hang_up()
    answered.wait_over()


@pytest.mark.parametrize("way", ["inband", "info"])
def test_twinkle_leads_itself_through_the_menu(office: OfficeUnderTest, way: str) -> None:
    ewa = office.phone("111")
    jan = office.twinkle("110", keys=way)
    jan.dial(MAIN)
    jan.wait("answered")
    jan.press("2")
    ringing = ewa.incoming()  # key 2 leads to her, no key to somebody else
    ringing.answer().wait_answered().say(AGENT)
    (call,) = [one["id"] for one in office.calls() if one["number"] == "110"]
    # It has no sound card that could tell what it hears.
    until(lambda: "bridge.started" in str(office.story(call)["events"]), "they talk")
    jan.hang_up()
    ringing.wait_over()
    row = office.wait_row(number="110", result="talked")
    keys = [e["data"]["key"] for e in office.story(row["id"])["events"] if e["kind"] == "menu.key"]
    assert keys == ["2"]
    said = [one for one in jan.messages.split("\n") if one.startswith("INFO sip:")]
    assert bool(said) is (way == "info")
    assert ("application/dtmf-relay" in jan.messages) is (way == "info")
