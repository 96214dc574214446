"""`softswitch trunks --test`: Kamailio brings our own call back, SIPp refuses it or is silent."""

import json
import threading
from pathlib import Path
from typing import Any

from softswitch.commands.trunk_words import lines_of
from tests.live.mailserver import MailServer
from tests.live.office_files import SHORT
from tests.live.office_under_test import OfficeUnderTest
from tests.live.provider import Provider
from tests.live.test_trunk_registration import account, wait_for


def report_of(office: OfficeUnderTest, *words: str, status: int) -> tuple[str, dict[str, Any]]:
    """What is printed, and the same as JSON. `words`: of the second test, the one with a call."""
    report = json.loads(
        office.command("trunks", "--test", "operator", *words, "--json", status=status)
    )
    return "\n".join(lines_of(report)), report


def test_a_call_to_ourselves_tells_what_the_provider_shows(
    tmp_path: Path, mail_server: MailServer
) -> None:
    """Over Kamailio, which challenges it and leads it to our contact: the number stands in To."""
    with Provider(tmp_path) as provider, account(tmp_path, mail_server, provider) as office:
        wait_for(office, "registered")
        text, report = report_of(office, "--call", "22 123 45 70", status=0)
        assert report["alive"] and report["state"] == "registered"
        assert "kamailio" in report["agent"].lower()
        assert (report["call_status"], report["codec"], report["ptime"]) == (200, "PCMA", 20)
        assert report["keys"] == [True, True], "keys pressed on each side are heard on the other"
        shown = report["shown"]
        assert shown["called"]["to"] == SHORT and shown["called"]["request-uri"] != SHORT
        assert "+48221234567" in shown["identity"]["P-Asserted-Identity"]
        assert [one["what"] for one in report["advice"]] == ["caller_shown"]
        assert "operator pokazuje nasz numer (w: From, P-Asserted-Identity)" in text
        assert not office.calls(), "it is no client's call"


def test_the_wrong_place_for_the_number_is_told(tmp_path: Path, mail_server: MailServer) -> None:
    with (
        Provider(tmp_path) as provider,
        account(tmp_path, mail_server, provider, more="codecs: [PCMU], ") as office,
    ):
        file = office.office_file
        file.write_text(file.read_text().replace("did: to", "did: request-uri"))
        office.stop()
        office.start()
        wait_for(office, "registered")
        text, report = report_of(office, "--call", SHORT, status=0)
        assert {"what": "did", "value": "to"} in report["advice"]
        assert "wpisz `did: to`" in text
        assert report["codec"] == "PCMU"


def test_a_refusal_is_told_with_what_to_try(office: OfficeUnderTest) -> None:
    """And a provider who is not there at all."""
    provider = office.provider()
    refusing = threading.Thread(target=lambda: provider.incoming(30.0).refuse(403))
    refusing.start()
    _, report = report_of(office, "--call", SHORT, status=1)
    refusing.join()
    assert report["call_status"] == 403
    assert report["advice"] == [{"what": "forbidden", "value": "plus"}]
    office.put_phones_down()
    text, silent = report_of(office, status=1)
    assert not silent["alive"] and silent["status"] is None
    assert "Operator nie odpowiada na OPTIONS" in text


def test_only_numbers_of_ours_are_called(office: OfficeUnderTest) -> None:
    for words, said in (
        (["--test", "nobody"], "there is no trunk nobody: operator"),
        (["--test", "operator", "--call", "600100200"], "is no number of a trunk of ours"),
    ):
        told = office.command("trunks", *words, status=1)
        assert said in told.replace("\n", " "), told
