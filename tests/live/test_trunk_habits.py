"""What providers do inside calls, by SIPp: another codec, refreshes, reasons, death; a digest."""

import hashlib
import re
import time
from pathlib import Path

from tests.live import sipp
from tests.live.office_files import SHORT
from tests.live.office_under_test import OfficeUnderTest
from tests.live.ports import free_port
from tests.live.test_trunk_causes import ACCOUNT, SECOND_HOST, first, refusal, two_trunks

CLIENT = "+48600100200"
TO_MULAW = (("RTP/AVP 8 101", "RTP/AVP 0 101"), ("rtpmap:8 PCMA", "rtpmap:0 PCMU"))


def client(office: OfficeUnderTest, folder: Path, steps: str) -> sipp.Sipp:
    """A call in from the provider; `steps`: after its ACK, up to its BYE."""
    begin = sipp.request("INVITE", 1, sipp.description()) + sipp.progress()
    begin += sipp.response(200, rrs="true") + sipp.in_dialog("ACK", 1) + sipp.pause(300)
    scenario = begin + steps + sipp.pause(300) + sipp.in_dialog("BYE", 9) + sipp.response(200)
    place = office.trunk_place.split(":")
    return sipp.Sipp(
        scenario, office.address, folder, host=place[0], port=office.trunk_port,
        number=CLIENT, target=SHORT,
    )  # fmt: skip


def served(office: OfficeUnderTest, provider: sipp.Sipp) -> None:
    """Piotr answers, and the scenario runs to its end."""
    with provider:
        office.phone("102").incoming().answer().wait_answered()
        provider.wait()


def last_answer(messages: str, method: str) -> str:
    """Our last 200 to a request of this method."""
    parts = re.split(r"\n-{20,}[^\n]*\n", messages)
    found = [one for one in parts if "SIP/2.0 200" in one and f" {method}" in one]
    return found[-1]


def test_a_provider_changes_the_codec(office: OfficeUnderTest, tmp_path: Path) -> None:
    body = sipp.description()
    for old, new in TO_MULAW:
        assert old in body
        body = body.replace(old, new)
    steps = sipp.in_dialog("INVITE", 2, body) + sipp.response(100, optional="true")
    steps += sipp.response(200) + sipp.in_dialog("ACK", 2)
    provider = client(office, tmp_path / "sipp", steps)
    served(office, provider)
    assert "RTP/AVP 0 " in last_answer(provider.messages, "INVITE")
    assert office.wait_row(number=CLIENT, result="talked")


def test_a_provider_refreshes_the_session(office: OfficeUnderTest, tmp_path: Path) -> None:
    """By UPDATE without a body, and by a re-INVITE."""
    timer = "Max-Forwards: 70\nSupported: timer\nSession-Expires: 90;refresher=uac"
    update = sipp.in_dialog("UPDATE", 2).replace("Max-Forwards: 70", timer)
    again = sipp.in_dialog("INVITE", 3, sipp.description()).replace("Max-Forwards: 70", timer)
    steps = update + sipp.response(200) + again + sipp.response(100, optional="true")
    provider = client(
        office, tmp_path / "sipp", steps + sipp.response(200) + sipp.in_dialog("ACK", 3)
    )
    served(office, provider)
    for method in ("UPDATE", "INVITE"):
        assert "Session-Expires: 90;refresher=uac" in last_answer(provider.messages, method)


def test_a_bye_that_says_why(office: OfficeUnderTest, tmp_path: Path) -> None:
    """The reason stands in the history."""
    provider = client(office, tmp_path / "sipp", "")
    file = tmp_path / "sipp" / "scenario.xml"
    assert file.exists()
    provider.process.end(1.0)
    why = 'Max-Forwards: 70\nReason: Q.850;cause=31;text="Normal, unspecified"'
    begin, bye = file.read_text().rsplit("Max-Forwards: 70", 1)
    steps = begin.split("<scenario", 1)[1].split(">", 1)[1] + why + bye
    steps = steps.rsplit("</scenario>", 1)[0]
    place = office.trunk_place.split(":")[0]
    provider = sipp.Sipp(
        steps, office.address, tmp_path / "again", host=place, port=office.trunk_port,
        number=CLIENT, target=SHORT,
    )  # fmt: skip
    served(office, provider)
    row = office.wait_row(number=CLIENT, result="talked")
    assert "Normal, unspecified" in row["reason"]


def test_a_provider_who_dies_in_a_call(office: OfficeUnderTest, tmp_path: Path) -> None:
    """He answers nothing any more; whoever hangs up is free, and the call has its line."""
    place = office.trunk_place.split(":")[0]
    scenario = sipp.answering()
    far = sipp.Sipp(scenario, office.address, tmp_path / "far", host=place, port=office.trunk_port)
    with far:
        call = office.phone("101").dial("600100200")
        call.wait_answered()
        time.sleep(0.3)
        far.process.kill()
        call.hang_up()
    row = office.wait_row(direction="out", result="talked")
    assert row["handled_by"] == "101"


def test_a_challenge_with_sha_512_256(office: OfficeUnderTest, tmp_path: Path) -> None:
    """RFC 8760; the answer is computed here by other means."""
    ask = 'WWW-Authenticate: Digest realm="op", nonce="n1", algorithm=SHA-512-256, qop="auth"'
    steps = refusal("401 Unauthorized", ask) + sipp.answering()
    with (
        two_trunks(office, ACCOUNT, free_port(SECOND_HOST)),
        first(office, tmp_path / "first", steps) as provider,
    ):
        call = office.phone("101").dial("600100200")
        call.wait_answered()
        call.hang_up()
        provider.wait()
        lines = provider.messages.splitlines()
    line = next(one for one in lines if re.match("Authorization: .*SHA-512-256", one))
    said = dict(re.findall(r'(\w+)="?([^",]+)"?', line))
    digest = lambda text: hashlib.new("sha512_256", text.encode()).hexdigest()  # noqa: E731
    inner = ":".join(("n1", said["nc"], said["cnonce"], "auth", digest(f"INVITE:{said['uri']}")))
    assert said["response"] == digest(f"{digest('u48:op:tajne')}:{inner}")
