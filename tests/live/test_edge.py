"""Kamailio before two hundred phones: one address for the switch, in no `SOFTSWITCH_SPARED`.

Each of SIPp's phones has an address of its own. What the guard held back of theirs is nothing; a
scanner behind the same proxy is dropped, and nobody else.
"""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from softswitch.guard.scanners import NAMES
from softswitch.sip.auth import ha1
from tests.live import sipp
from tests.live.kamailio import Kamailio
from tests.live.mailserver import MailServer
from tests.live.office_files import PASSWORD, REALM
from tests.live.office_under_test import OfficeUnderTest
from tests.live.ports import free_port
from tests.live.process import until
from tests.live.shared_office import BuildOffice
from tests.live.test_hostile import figure, flood

EDGE_HOST, BAD_HOST = "127.0.0.6", "127.0.0.9"
PEOPLE = range(500, 700)
ECHO = "600"
CALLS_A_SECOND, CALLS = 50, 200
AT_ONCE = 40


@pytest.fixture(scope="module")
def build_office() -> BuildOffice:
    return office_of_two_hundred


class LargeOffice(OfficeUnderTest):
    rtp_ports = 600  # a closed port drains for three seconds


def office_of_two_hundred(folder: Path, mail: MailServer) -> OfficeUnderTest:
    office = LargeOffice(folder, mail)
    people = "".join(f"  {one}: {{name: Osoba {one}}}\n" for one in PEOPLE)
    text = office.office_file.read_text("utf-8").replace("people:\n", "people:\n" + people, 1)
    office.office_file.write_text(text, "utf-8")
    lines = []
    for one in map(str, PEOPLE):
        hashes = [f'  {name}: "{ha1(one, REALM, PASSWORD.format(one), name)}"'
                  for name in ("MD5", "SHA-256")]  # fmt: skip
        lines += [f'"{one}":', *hashes]
    with (office.office_file.parent / "secrets.yaml").open("a") as secrets:
        secrets.write("\n".join(lines) + "\n")
    return office


@pytest.fixture
def edge(office: OfficeUnderTest, tmp_path: Path) -> Iterator[Kamailio]:
    with Kamailio(tmp_path, switch_udp=office.udp_port, host=EDGE_HOST) as proxy:
        yield proxy


def phones(folder: Path) -> Path:
    """SIPp's table: an address, a name and what it answers a challenge with."""
    path = folder / "phones.csv"
    with path.open("w", newline="") as file:
        file.write("SEQUENTIAL\n")
        table = csv.writer(file, delimiter=";", lineterminator="\n")
        for number, one in enumerate(PEOPLE):
            credentials = f"[authentication username={one} password={PASSWORD.format(one)}]"
            table.writerow([f"127.0.1.{number + 1}", one, credentials])
    return path


def as_each(steps: str, port: str) -> str:
    """By the phone of the line of the table. (Of its first call SIPp does not know the port.)"""
    own = {"[authentication]": "[field2]", "[number]": "[field1]", "[local_ip]": "[field0]"}
    for usual, instead in {**own, "[local_port]": port}.items():
        steps = steps.replace(usual, instead)
    return steps


def calling() -> str:
    """A call to the echo, with credentials, for a moment."""
    agent = "User-Agent: SIPp"
    invite = sipp.request("INVITE", 1, sipp.description(), (agent,))
    ack = invite.partition("<![CDATA[")[2].partition("Content-Type")[0].replace("INVITE", "ACK")
    ack = ack.replace("[remote_port]>", "[remote_port]>[peer_tag_param]").strip().splitlines()
    steps = invite + sipp.response(100, optional="true") + sipp.response(401, auth="true")
    steps += sipp.send(ack[0], ["[last_Via:]", *ack[2:]], retransmit=False)
    steps += sipp.request("INVITE", 2, sipp.description(), (agent, "[authentication]"))
    steps += sipp.progress() + sipp.response(200, rrs="true") + sipp.in_dialog("ACK", 2)
    return steps + sipp.pause(200) + sipp.in_dialog("BYE", 3) + sipp.response(200)


def two_hundred(
    edge: Kamailio, steps: str, folder: Path, port: str, calls: int, *extra: str
) -> sipp.Sipp:
    folder.mkdir(parents=True)
    table = ("-inf", str(phones(folder)), "-ip_field", "0", "-max_socket", "1000", "-p", port)
    return sipp.Sipp(
        as_each(steps, port), edge.address, folder, target=ECHO, transport="ui", calls=calls,
        timeout=90, extra=(*table, *extra),
    )  # fmt: skip


def call_at(office: OfficeUnderTest, edge: Kamailio, folder: Path, port: str) -> None:
    """Fifty calls a second, all of them answered. A machine that others use may be late: then
    new work is shed, which is no matter of the proxy, and they call again."""
    pace = ("-r", str(CALLS_A_SECOND), "-l", str(AT_ONCE))
    signed = ("-auth_uri", f"{ECHO}@{EDGE_HOST}:{edge.port}")
    for again in range(4):
        before = figure(office, "defended", "shed")
        place = folder / str(again)
        with two_hundred(edge, calling(), place, port, CALLS, *pace, *signed) as running:
            if running.process.wait(running.timeout + 10) == 0:
                return
            assert figure(office, "defended", "shed") > before, running.errors[-4000:]
    pytest.fail("late all the time")


def held_back(office: OfficeUnderTest) -> dict[str, float]:
    """What the guard did not read at once, or never."""
    found = {what: figure(office, "dropped", what) for what in ("flood", "stale", "crowded")}
    return {**found, "restless": figure(office, "defended", "restless")}


def test_all_register_and_call_through_one_address(
    office: OfficeUnderTest, edge: Kamailio, tmp_path: Path
) -> None:
    port = str(free_port())
    with two_hundred(
        edge, sipp.registering(), tmp_path / "register", port, len(PEOPLE), "-r", "200"
    ) as registering:
        registering.wait()
    call_at(office, edge, tmp_path / "call", port)
    assert not any(held_back(office).values()), held_back(office)
    assert "sends too much" not in office.log and "a source is dropped" not in office.log
    bad = sipp.Sipp(flood(), edge.address, tmp_path / "bad", host=BAD_HOST, calls=3_000,
                    timeout=60, extra=("-r", "100", "-l", "3000", "-nd"))  # fmt: skip
    with bad:
        until(lambda: "a source is dropped" in office.log, "the scanner is found")
        call_at(office, edge, tmp_path / "again", port)
        assert bad.process.is_alive, bad.errors
    lines = [json.loads(line) for line in office.log.splitlines() if "source is dropped" in line]
    assert [line["address"] for line in lines] == [f"{BAD_HOST} by {EDGE_HOST}"]
    challenged = set(re.findall(r"^SIP/2\.0 401.*?^Call-ID: (\S+)", bad.messages, re.M | re.S))
    assert NAMES <= len(challenged) < 2 * NAMES, "as many as of any stranger"
    assert "sends too much" not in office.log
