"""A stolen password, played by SIPp: hundreds of calls to dear numbers with 102's credentials.

The provider is SIPp too. The thief's spend stays under the limit, his calls abroad are stopped, the
office is told by mail; the honest colleague calls abroad all the while, and 102 himself at home.
"""

import time
from pathlib import Path
from typing import Any

import pytest

from softswitch.control import ask
from tests.live import office_files, sipp
from tests.live.mailserver import MailServer
from tests.live.office_under_test import TRUNK_HOST, OfficeUnderTest
from tests.live.process import until

ABROAD, DEAR, MONEY = "+4930123456", "+881612345678", 13
CALLS = 24
RULES = f"""
alarms: [admin@kancelaria.example]
outgoing:
  countries: [DE]
  person: {{money: {MONEY}, at_once: 6}}
  office: {{money: 100}}
  tariff: {{home: 0.05, abroad: 2.00}}
  sudden: {{calls: 1000, within: 10m}}
"""


def office_with(folder: Path, mail: MailServer, rules: str) -> OfficeUnderTest:
    office = OfficeUnderTest(folder / "office", mail)
    office.office_file.write_text(office.office_file.read_text() + rules)
    return office


def thief(milliseconds: int) -> str:
    """INVITE, its 401, INVITE with the password; a talk, or whatever the switch makes of it."""
    steps = sipp.request("INVITE", 1, sipp.description(), ("User-Agent: SIPp",))
    steps += sipp.response(100, optional="true") + sipp.response(401, auth="true")
    ack = "ACK sip:[target]@[remote_ip]:[remote_port] SIP/2.0"
    headers = ["[last_Via:]", "[last_From:]", "[last_To:]", "Call-ID: [call_id]", "CSeq: 1 ACK"]
    steps += sipp.send(ack, [*headers, "Max-Forwards: 70"], retransmit=False)
    steps += sipp.request("INVITE", 2, sipp.description(), ("User-Agent: SIPp", "[authentication]"))
    steps += sipp.response(100, optional="true") + sipp.response(180, optional="true")
    steps += sipp.response(183, optional="true")
    steps += '<recv response="403" optional="true" next="2"/>\n'
    steps += sipp.response(200, rrs="true") + sipp.in_dialog("ACK", 2)
    steps += f'<recv request="BYE" timeout="{milliseconds}" ontimeout="1"/>\n'
    steps += sipp.reply("200 OK", has_tag=False) + '<nop next="3"/>\n<label id="1"/>\n'
    steps += sipp.in_dialog("BYE", 3) + sipp.response(200) + '<nop next="3"/>\n'
    headers[4] = "CSeq: 2 ACK"
    refused = sipp.send(ack, [*headers, "Max-Forwards: 70"], retransmit=False)
    return f'{steps}<label id="2"/>\n{refused}<label id="3"/>\n'


def attack(office: OfficeUnderTest, folder: Path, target: str, calls: int) -> sipp.Sipp:
    place = f"{target}@{office.address[0]}:{office.address[1]}"  # the digest's URI, else the host's
    extra = (
        "-auth_uri",
        place,
        "-au",
        "102",
        "-ap",
        office_files.PASSWORD.format("102"),
        "-r",
        "10",
        "-l",
        "20",
    )
    return sipp.Sipp(
        thief(1500), office.address, folder, number="102", target=target, calls=calls, extra=extra,
        timeout=90,
    )  # fmt: skip


def provider(office: OfficeUnderTest, folder: Path) -> sipp.Sipp:
    """Answers whatever comes, and is ended by the test."""
    return sipp.Sipp(
        sipp.answering(ring_milliseconds=50), office.address, folder,
        host=TRUNK_HOST, port=office.trunk_port, calls=1000, timeout=120,
    )  # fmt: skip


def limits(office: OfficeUnderTest) -> dict[str, Any]:
    found: dict[str, Any] = office._ask("limits")
    return found


def of(office: OfficeUnderTest, extension: str) -> dict[str, Any]:
    return next(one for one in limits(office)["people"] if one["extension"] == extension)


def test_the_spend_stays_under_the_limit_and_nobody_else_is_locked_out(
    tmp_path: Path, mail_server: MailServer
) -> None:
    with office_with(tmp_path, mail_server, RULES) as office:
        with provider(office, tmp_path / "provider"):
            honest = office.phone("101")
            with attack(office, tmp_path / "thief", ABROAD, CALLS) as stolen:
                time.sleep(2.0)
                call = honest.dial(ABROAD).wait_answered()
                call.hang_up()
                stolen.wait()
            used = of(office, "102")
            assert 2 * 2.00 <= used["money"] <= MONEY, used
            refused = {one["why"] for one in limits(office)["refused"]}
            assert refused <= {"money", "at_once"} and refused
            assert of(office, "101")["money"] == 2.00
            honest.dial(ABROAD).wait_answered().hang_up()
            office.phone("102").dial("600100200").wait_answered().hang_up()
            office.stop()
            office.start()
            assert of(office, "102")["money"] == pytest.approx(used["money"] + 0.05)
            assert office.phone("102").dial(ABROAD).wait_status(403) == 403
        until(lambda: len(mail_server.mails) >= 1, "the office is told", 10.0)
        assert "102 Piotr" in mail_server.mails[0].subject


def test_a_closed_destination_stops_the_thief_alone(
    tmp_path: Path, mail_server: MailServer
) -> None:
    """Satellite numbers are closed: the eighth try stops 102, and every call is told in words."""
    rules = RULES.replace("sudden: {calls: 1000, within: 10m}", "")
    with office_with(tmp_path, mail_server, rules) as office:
        with attack(office, tmp_path / "thief", DEAR, 12) as stolen:
            stolen.wait()
        assert of(office, "102")["is_stopped"]
        assert of(office, "102")["money"] == 0
        rows = [row for row in office.calls() if row["called"] == DEAR]
        assert len(rows) == 12 and {row["result"] for row in rows} == {"refused"}
        with provider(office, tmp_path / "provider"):
            assert office.phone("102").dial(ABROAD).wait_status(403) == 403
            office.phone("101").dial(ABROAD).wait_answered().hang_up()
            ask(office.data, "limits release", extension="102")
            office.phone("102").dial(ABROAD).wait_answered().hang_up()
