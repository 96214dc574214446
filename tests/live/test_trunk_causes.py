"""Providers that refuse, redirect, ring late and die: SIPp as two IP trunks, one after another."""

import itertools
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.live import sipp
from tests.live.office_under_test import TRUNK_HOST, OfficeUnderTest
from tests.live.ports import free_port
from tests.live.process import until
from tests.live.test_signalling import answer, invited

SECOND_HOST = "127.0.0.3"
OUTSIDE = "600100200"
ANNOUNCEMENT = 1000  # Hz
ACCOUNT = "username: u48, password: tajne, format: national, calls: 3, "


_numbers = itertools.count(1)


@contextmanager
def two_trunks(office: OfficeUnderTest, first: str = "", second_port: int = 0) -> Iterator[None]:
    """For one test, which finds them new: their names are. `first`: more of its entry."""
    number = next(_numbers)
    text = office.office_file.read_text()
    place = f'operator: {{server: "{office.trunk_place}", watch: none,'
    assert place in text
    second = (
        f'\n  reserve{number}: {{server: "{SECOND_HOST}:{second_port}", watch: none, '
        'format: "0048"}\n'
    )
    text = text.replace(place, place.replace(":", f"{number}:", 1) + first)
    with office.changed(text.replace("\nnumbers:", f"{second}\nnumbers:", 1)):
        yield


def first(office: OfficeUnderTest, folder: Path, scenario: str) -> sipp.Sipp:
    return sipp.Sipp(scenario, office.address, folder, host=TRUNK_HOST, port=office.trunk_port)


def second(office: OfficeUnderTest, folder: Path, port: int) -> sipp.Sipp:
    return sipp.Sipp(sipp.answering(), office.address, folder, host=SECOND_HOST, port=port)


def talk(office: OfficeUnderTest, seconds: float = 0.3, timeout: float = 20.0) -> None:
    call = office.phone("101").dial(OUTSIDE)
    call.wait_answered(timeout=timeout)
    time.sleep(seconds)
    call.hang_up()


def refusal(status: str, *headers: str) -> str:
    """With header lines of its own."""
    answer = sipp.reply(status)
    lines = "\n".join(("[last_Call-ID:]", *headers))
    return sipp.expect("INVITE") + answer.replace("[last_Call-ID:]", lines) + sipp.expect("ACK")


def challenge(status: str, header: str, nonce: str) -> str:
    value = f'{header}: Digest realm="op", nonce="{nonce}", algorithm=MD5, qop="auth"'
    return refusal(status, value)


SIGNED = (
    '<recv request="{}" rrs="true"><action><ereg regexp="Digest username=.u48.*nonce=.{}" '
    'search_in="hdr" header="{}:" check_it="true" assign_to="{}"/></action></recv>\n'
    '<nop><action><log message="[${}]"/></action></nop>\n'
)


def signed(method: str, nonce: str, header: str, name: str) -> str:
    return SIGNED.format(method, nonce, header, name, name)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        ("503 Service Unavailable", ("Retry-After: 30",)),
        ("403 Forbidden", ()),
        ("500 Server Internal Error", ('Reason: Q.850;cause=34;text="No circuit"',)),
        ("480 Temporarily Unavailable", ("Reason: Q.850;cause=38",)),
        ("302 Moved Temporarily", ()),
        ("407 Proxy Authentication Required", ('Proxy-Authenticate: Digest realm="o", nonce="n"',)),
    ],
)
def test_the_next_trunk_takes_the_call(
    office: OfficeUnderTest, tmp_path: Path, status: str, headers: tuple[str, ...]
) -> None:
    """The 302 names a number elsewhere, at our cost: not followed."""
    port = free_port(SECOND_HOST)
    with two_trunks(office, second_port=port):
        scenario = refusal(status, *headers)
        if status.startswith("302"):
            own = "Contact: <sip:[number]@[local_ip]:[local_port];transport=[transport]>"
            scenario = scenario.replace(own, "Contact: <sip:+18095550100@198.51.100.1>")
        with (
            first(office, tmp_path / "first", scenario) as refuses,
            second(office, tmp_path / "second", port) as takes,
        ):
            talk(office)
            refuses.wait()
            takes.wait()
            assert "INVITE sip:0048600100200@" in takes.messages
        assert office.wait_row(result="talked", direction="out")


@pytest.mark.parametrize(
    ("status", "seen"),
    [("484 Address Incomplete", 484), ("486 Busy Here", 486), ("404 Not Found", 404)],
)
def test_what_is_said_of_the_number_stands(
    office: OfficeUnderTest, tmp_path: Path, status: str, seen: int
) -> None:
    """Nobody listens at the second trunk, and nobody is asked there."""
    with two_trunks(office, second_port=free_port(SECOND_HOST)):
        with first(office, tmp_path / "first", sipp.refusing(status)) as refuses:
            assert office.phone("101").dial(OUTSIDE).wait_status(seen) == seen
            refuses.wait()
        row = office.wait_row(direction="out")
        assert office.events(row["id"]).count("ring.started") == 1


def test_each_request_is_challenged(office: OfficeUnderTest, tmp_path: Path) -> None:
    """401 for the INVITE, then 407 of another realm; the ACK is signed, the BYE is asked anew."""
    steps = challenge("401 Unauthorized", "WWW-Authenticate", "n1")
    steps += signed("INVITE", "n1", "Authorization", "first")
    steps += sipp.reply("180 Ringing") + sipp.reply("200 OK", sipp.description())
    steps += signed("ACK", "n1", "Authorization", "ack")
    steps += signed("BYE", "n1", "Authorization", "bye")
    stale = 'WWW-Authenticate: Digest realm="op", nonce="n2", qop="auth", stale=true'
    steps += sipp.reply("401 Unauthorized", has_tag=False).replace(
        "[last_Call-ID:]", f"[last_Call-ID:]\n{stale}"
    )
    steps += signed("BYE", "n2", "Authorization", "again") + sipp.reply("200 OK", has_tag=False)
    with two_trunks(office, ACCOUNT + "ptime: 40, ", free_port(SECOND_HOST)):
        with first(office, tmp_path / "first", steps) as provider:
            talk(office)
            provider.wait()
            assert f"INVITE sip:{OUTSIDE}@" in provider.messages  # national digits
            assert "a=ptime:40" in provider.messages
        assert office.wait_row(result="talked", direction="out")


def test_a_prack_is_challenged(office: OfficeUnderTest, tmp_path: Path) -> None:
    """Signed with what the INVITE taught us, and again with the new nonce."""
    steps = challenge("401 Unauthorized", "WWW-Authenticate", "n1") + invited()
    steps += answer("183 Progress", "Require: 100rel", "RSeq: 7", body=sipp.description())
    steps += signed("PRACK", "n1", "Authorization", "first")
    steps += sipp.reply("401 Unauthorized", has_tag=False).replace(
        "[last_Call-ID:]",
        '[last_Call-ID:]\nWWW-Authenticate: Digest realm="op", nonce="n2", qop="auth"',
    )
    steps += signed("PRACK", "n2", "Authorization", "again")
    steps += sipp.reply("200 OK", has_tag=False) + sipp.pause(300) + answer("200 OK")
    steps += sipp.expect("ACK") + sipp.expect("BYE", timeout="60000")
    steps += sipp.reply("200 OK", has_tag=False)
    with two_trunks(office, ACCOUNT, free_port(SECOND_HOST)):
        with first(office, tmp_path / "first", steps) as provider:
            talk(office)
            provider.wait()
            assert provider.messages.count("RAck: 7 ") == 2
        assert office.wait_row(result="talked", direction="out")


def test_a_wrong_password_for_a_call_is_no_loop(office: OfficeUnderTest, tmp_path: Path) -> None:
    port = free_port(SECOND_HOST)
    steps = challenge("407 Proxy Authentication Required", "Proxy-Authenticate", "n1")
    steps += challenge("407 Proxy Authentication Required", "Proxy-Authenticate", "n2")
    with (
        two_trunks(office, ACCOUNT, port),
        first(office, tmp_path / "first", steps) as refuses,
        second(office, tmp_path / "second", port) as takes,
    ):
        talk(office)
        refuses.wait()
        takes.wait()
        assert refuses.messages.count("INVITE sip:") == 2


def test_a_redirection_at_the_provider_is_followed(office: OfficeUnderTest, tmp_path: Path) -> None:
    """To another number of his own server: the same call, and no second trunk."""
    steps = refusal("302 Moved Temporarily").replace(
        "<sip:[number]@[local_ip]:[local_port];transport=[transport]>",
        "<sip:4711@[local_ip]:[local_port]>",
    )
    steps += sipp.answering()
    with two_trunks(office, second_port=free_port(SECOND_HOST)):
        with first(office, tmp_path / "first", steps) as provider:
            talk(office)
            provider.wait()
            assert "INVITE sip:4711@" in provider.messages
        assert office.wait_row(result="talked", direction="out")


def test_early_sound_and_a_late_ringing(office: OfficeUnderTest, tmp_path: Path) -> None:
    """183 with an announcement, which the caller hears; late the 180, then the answer."""
    body = sipp.description("rtpstream_audio_port")
    steps = sipp.expect("INVITE", rrs="true") + sipp.reply("183 Progress", body)
    steps += sipp.play(sipp.talk_file(tmp_path, ANNOUNCEMENT)) + sipp.pause(1500)
    steps += sipp.reply("180 Ringing") + sipp.pause(500) + sipp.reply("200 OK", body)
    steps += (
        sipp.expect("ACK")
        + sipp.expect("BYE", timeout="60000")
        + sipp.reply("200 OK", has_tag=False)
    )
    with (
        two_trunks(office, second_port=free_port(SECOND_HOST)),
        first(office, tmp_path / "first", steps) as provider,
    ):
        call = office.phone("101").dial(OUTSIDE)
        call.wait_heard(ANNOUNCEMENT, 0.3)
        assert 183 in call.statuses and not call.is_answered
        call.wait_answered().hang_up()
        provider.wait()


def test_a_provider_that_rang_and_failed_is_not_rung_again(
    office: OfficeUnderTest, tmp_path: Path
) -> None:
    """A human heard it: no second trunk rings him once more."""
    steps = sipp.expect("INVITE") + sipp.reply("180 Ringing") + sipp.pause(500)
    steps += sipp.reply("503 Service Unavailable") + sipp.expect("ACK")
    with two_trunks(office, second_port=free_port(SECOND_HOST)):
        with first(office, tmp_path / "first", steps) as refuses:
            office.phone("101").dial(OUTSIDE).wait_status(502)
            refuses.wait()
        row = office.wait_row(direction="out")
        assert office.events(row["id"]).count("ring.started") == 1


def test_a_provider_who_died_in_silence(office: OfficeUnderTest, tmp_path: Path) -> None:
    """No sign of life for six seconds, not even a 100: the second trunk takes the call."""
    port = free_port(SECOND_HOST)
    with (
        two_trunks(office, second_port=port),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as grave,
    ):
        grave.bind((TRUNK_HOST, office.trunk_port))
        with second(office, tmp_path / "second", port) as takes:
            talk(office, timeout=12.0)
            takes.wait()


def test_a_full_trunk_refuses_and_is_passed_over(office: OfficeUnderTest, tmp_path: Path) -> None:
    """One channel: a second client gets 503, and a call out takes the other trunk."""
    port = free_port(SECOND_HOST)
    with two_trunks(office, " calls: 1,", port):
        provider = office.provider()
        inside = provider.dial("+48221234570", number="+48600100200")
        until(lambda: office.trunks()[0]["calls"] == 1, "the channel is taken")
        other = provider.dial("+48221234570", number="+48600100201")
        assert other.wait_final() == 503
        # Nobody saw him, and he is to be called back all the same.
        assert office.wait_row(number="+48600100201")["status"] == 503
        assert "+48600100201" in office.command("callbacks")
        with second(office, tmp_path / "second", port) as takes:
            talk(office)
            takes.wait()
        inside.hang_up()
        until(lambda: office.trunks()[0]["calls"] == 0, "the channel is free")
