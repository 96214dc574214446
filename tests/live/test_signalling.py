"""PRACK, UPDATE, offers and session timers with SIPp and linphone (RFC 3262, 3311, 3264, 4028).

A refresh that comes in its time: JsSIP's, in `test_websocket`.
"""

import time
from pathlib import Path

import pytest

from tests.live import sipp
from tests.live.office_files import AGENT, CALLER, MAIN, MUSIC, SHORT
from tests.live.office_under_test import TRUNK_HOST, OfficeUnderTest
from tests.live.process import until

CLIENT, OUTSIDE = "+48600100200", "600100200"
# What SIPp keeps of a message for later ones.
KEEP = '<ereg regexp="{text}" search_in="hdr" header="{header}:" check_it="true" assign_to="{to}"/>'
INVITED = ("Via", "From", "To", "CSeq")


def keep(step: str, **kept: tuple[str, str]) -> str:
    """A <recv> that remembers: variable = (header, regular expression)."""
    actions = "".join(KEEP.format(text=t, header=h, to=to) for to, (h, t) in kept.items())
    return step.strip().removesuffix("/>") + f"><action>{actions}</action></recv>\n"


def inside(method: str, cseq: int, *headers: str, body: str = "") -> str:
    """A request of the dialog, with headers of its own."""
    plain = sipp.in_dialog(method, cseq, body)
    return plain.replace("Max-Forwards: 70", "\n".join(("Max-Forwards: 70", *headers)), 1)


def invited() -> str:
    """An INVITE comes; its answers will not be to the last message."""
    kept = {name.lower(): (name, ".*") for name in INVITED}
    return keep(sipp.expect("INVITE", rrs="true"), **kept)


def answer(status: str, *headers: str, body: str = "") -> str:
    """A response to the INVITE that came before."""
    copied = [f"{name}: [${name.lower()}]" for name in INVITED]
    copied[2] += ";tag=[pid]u[call_number]"
    contact = "Contact: <sip:[number]@[local_ip]:[local_port]>"
    lines = [*copied, "[last_Call-ID:]", contact, *headers]
    return sipp.send(f"SIP/2.0 {status}", lines, body, retransmit=status.startswith("2"))


def trunk_call(office: OfficeUnderTest, folder: Path, scenario: str) -> sipp.Sipp:
    """SIPp is a client behind the provider."""
    return sipp.Sipp(
        scenario, office.address, folder, host=TRUNK_HOST, port=office.trunk_port,
        number=CLIENT, target=SHORT,
    )  # fmt: skip


def provider(office: OfficeUnderTest, folder: Path, scenario: str) -> sipp.Sipp:
    """SIPp is the provider that we call."""
    return sipp.Sipp(
        scenario, office.address, folder, host=TRUNK_HOST, port=office.trunk_port, number=OUTSIDE
    )


def test_a_caller_requires_100rel(office: OfficeUnderTest, tmp_path: Path) -> None:
    """The 180 is reliable, its PRACK answered; a PRACK of something else gets 481."""
    steps = sipp.request("INVITE", 1, sipp.description(), ("Require: 100rel",))
    steps += sipp.response(100, optional="true")
    steps += keep(sipp.response(180, rrs="true"), rseq=("RSeq", "[0-9]+"))
    steps += inside("PRACK", 2, "RAck: 1 7 INVITE") + sipp.response(481)
    steps += inside("PRACK", 3, "RAck: [$rseq] 1 INVITE") + sipp.response(200)
    steps += sipp.response(200, rrs="true") + sipp.in_dialog("ACK", 1) + sipp.pause(500)
    steps += sipp.in_dialog("BYE", 4) + sipp.response(200)
    piotr = office.phone("102")
    with trunk_call(office, tmp_path / "sipp", steps) as client:
        ringing = piotr.incoming()
        ringing.ring()
        until(lambda: client.messages.count("CSeq: 3 PRACK") == 2, "the PRACK and its 200")
        ringing.answer().wait_answered()
        assert ringing.wait_over().ended_by == "bye"
        client.wait()
    assert office.wait_row(number=CLIENT, result="talked")


def test_a_provider_answers_reliably(office: OfficeUnderTest, tmp_path: Path) -> None:
    """Early sound in a reliable 183: our PRACK, then the 200 without a description."""
    steps = invited()
    steps += answer("183 Progress", "Require: 100rel", "RSeq: 4711", body=sipp.description())
    steps += keep(sipp.expect("PRACK"), rack=("RAck", "4711 [0-9]+ INVITE"))
    steps += '<nop><action><log message="[$rack]"/></action></nop>\n'
    steps += sipp.reply("200 OK", has_tag=False) + sipp.pause(300)
    steps += answer("200 OK") + sipp.expect("ACK")
    steps += sipp.expect("BYE", timeout="60000") + sipp.reply("200 OK", has_tag=False)
    anna = office.phone("101")
    with provider(office, tmp_path / "sipp", steps) as far:
        call = anna.dial(OUTSIDE)
        call.wait_status(183)
        call.wait_answered().hang_up()
        far.wait()
    assert office.wait_row(result="talked", direction="out")


def test_an_update_holds_and_takes_back(office: OfficeUnderTest, tmp_path: Path) -> None:
    steps = sipp.request("INVITE", 1, sipp.description()) + sipp.progress()
    steps += sipp.response(200, rrs="true") + sipp.in_dialog("ACK", 1)
    steps += inside("UPDATE", 2, body=sipp.description(direction="sendonly"))
    steps += sipp.response(200) + sipp.pause(500)
    steps += inside("UPDATE", 3, body=sipp.description().replace("o=- 1 1", "o=- 1 2"))
    steps += sipp.response(200) + inside("UPDATE", 4) + sipp.response(200)
    steps += sipp.in_dialog("BYE", 5) + sipp.response(200)
    piotr = office.phone("102")
    with trunk_call(office, tmp_path / "sipp", steps) as client:
        ringing = piotr.incoming()
        ringing.answer().wait_answered()
        ringing.wait_over()
        client.wait()
    row = office.wait_row(number=CLIENT, result="talked")
    kinds = office.events(row["id"])
    assert [kind for kind in kinds if kind in ("hold", "resume")] == ["hold", "resume"]


HELD = sipp.description(direction="sendonly"), sipp.description(direction="inactive")
HELD += (sipp.description().replace("[media_ip]", "0.0.0.0"),)  # as RFC 2543 had it


def test_hold_in_its_three_forms(office: OfficeUnderTest, tmp_path: Path) -> None:
    """Whoever is held hears music each time, and the caller again in between."""
    talk, back = sipp.talk_file(office.folder, CALLER), sipp.description("rtpstream_audio_port")
    steps = sipp.request("INVITE", 1, back) + sipp.progress()
    steps += sipp.response(200, rrs="true") + sipp.in_dialog("ACK", 1) + sipp.play(talk)
    for number, held in enumerate(HELD):
        hold = held.replace("auto_media_port", "rtpstream_audio_port")
        for cseq, body in ((2 + 2 * number, hold), (3 + 2 * number, back)):
            steps += sipp.pause(1000)
            steps += sipp.in_dialog("INVITE", cseq, body.replace("o=- 1 1", f"o=- 1 {cseq}"))
            steps += sipp.response(100, optional="true") + sipp.response(200, rrs="true")
            steps += sipp.in_dialog("ACK", cseq)
    steps += sipp.pause(1000) + sipp.in_dialog("BYE", 9) + sipp.response(200)
    piotr = office.phone("102")
    with trunk_call(office, tmp_path / "sipp", steps) as client:
        ringing = piotr.incoming()
        ringing.answer().wait_answered().say(AGENT)
        ringing.wait_over(timeout=30.0)
        client.wait()
    heard = ringing.heard
    assert heard.seconds(MUSIC) >= 3 * 0.7, heard.seconds(MUSIC)
    assert heard.seconds(CALLER) >= 3 * 0.7, heard.seconds(CALLER)
    row = office.wait_row(number=CLIENT, result="talked")
    assert office.events(row["id"]).count("hold") == 3


def test_a_late_offer(office: OfficeUnderTest, tmp_path: Path) -> None:
    """An INVITE without a description: ours is in the 200, SIPp's in its ACK (RFC 3264 4)."""
    talk = sipp.talk_file(office.folder, CALLER)
    steps = sipp.request("INVITE", 1) + sipp.progress()
    steps += keep(sipp.response(200, rrs="true"), what=("Content-Type", "application/sdp"))
    steps += '<nop><action><log message="[$what]"/></action></nop>\n'
    answer_of_his = sipp.description("rtpstream_audio_port")
    steps += sipp.in_dialog("ACK", 1, answer_of_his) + sipp.play(talk)
    steps += sipp.pause(2000) + sipp.in_dialog("BYE", 2) + sipp.response(200)
    piotr = office.phone("102")
    with trunk_call(office, tmp_path / "sipp", steps) as client:
        ringing = piotr.incoming()
        ringing.answer().wait_answered()
        ringing.wait_heard(CALLER, 0.8)
        ringing.wait_over()
        client.wait()
    assert office.wait_row(number=CLIENT, result="talked")


def test_a_session_timer_that_is_too_brief(office: OfficeUnderTest, tmp_path: Path) -> None:
    """422 with Min-SE, then what it asks for is agreed on."""
    timer = ("Supported: timer", "Session-Expires: 60")
    steps = sipp.request("INVITE", 1, sipp.description(), timer)
    steps += sipp.response(100, optional="true")
    steps += keep(sipp.response(422), least=("Min-SE", "90"))
    steps += '<nop><action><log message="[$least]"/></action></nop>\n'
    steps += sipp.send(
        "ACK sip:[target]@[remote_ip]:[remote_port] SIP/2.0",
        ["[last_Via:]", "[last_From:]", "[last_To:]", "[last_Call-ID:]", "CSeq: 1 ACK"],
        retransmit=False,
    )
    longer = ("Supported: timer", "Session-Expires: 90;refresher=uac", "Min-SE: 90")
    steps += sipp.request("INVITE", 2, sipp.description(), longer) + sipp.progress()
    said = ("Session-Expires", "90;refresher=uac")
    steps += keep(sipp.response(200, rrs="true"), agreed=said)
    steps += '<nop><action><log message="[$agreed]"/></action></nop>\n'
    steps += sipp.in_dialog("ACK", 2) + sipp.pause(300)
    steps += inside("UPDATE", 3, "Supported: timer", "Session-Expires: 90;refresher=uac")
    steps += sipp.response(200) + sipp.in_dialog("BYE", 4) + sipp.response(200)
    piotr = office.phone("102")
    with trunk_call(office, tmp_path / "sipp", steps) as client:
        ringing = piotr.incoming()
        ringing.answer().wait_answered()
        ringing.wait_over()
        client.wait()
    assert office.wait_row(number=CLIENT, result="talked")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/dtmf-relay", "Signal=2\nDuration=160"),
        ("application/dtmf", "2"),
        ("application/vnd.nortelnetworks.digits", "p=Digit-Collection\nd=2"),
    ],
)
def test_a_key_by_info(office: OfficeUnderTest, tmp_path: Path, kind: str, body: str) -> None:
    """SIPp presses 2 in the menu, in each of the bodies that phones use."""
    steps = sipp.request("INVITE", 1, sipp.description()) + sipp.progress()
    steps += sipp.response(200, rrs="true") + sipp.in_dialog("ACK", 1) + sipp.pause(3500)
    steps += sipp.in_dialog("INFO", 2, body).replace("application/sdp", kind) + sipp.response(200)
    steps += sipp.expect("BYE", timeout="60000") + sipp.reply("200 OK", has_tag=False)
    ewa = office.phone("111")
    with sipp.Sipp(
        steps, office.address, tmp_path / "sipp", host=TRUNK_HOST, port=office.trunk_port,
        number=CLIENT, target=MAIN,
    ) as client:  # fmt: skip
        call = ewa.incoming().answer().wait_answered()
        time.sleep(0.5)  # they talk
        call.hang_up()
        client.wait()
    assert office.wait_row(number=CLIENT, result="talked")["queue"] == "single"


RELIABLY = "100rel_support_level=2"  # to linphone: it requires it of its own 180
TIMED = ("session_expires_enabled=1", "session_expires_value=120", "session_expires_min_value=90")


@pytest.mark.parametrize("calls", [True, False], ids=["calls", "is called"])
def test_linphone_takes_part_in_prack_and_timer(office: OfficeUnderTest, calls: bool) -> None:
    """It acknowledges our early sound, and we its 180; both agree on the timer that it wishes."""
    anna = office.linphone("101", say=CALLER, sip=(RELIABLY, *TIMED))
    if calls:
        provider = office.provider()
        anna.dial(OUTSIDE)
        call = provider.incoming()
        call.progress()
        until(lambda: "RAck: " in anna.messages, "its PRACK")
        call.answer()
    else:
        call = office.phone("102").dial("101")
        anna.wait_incoming()
        call.wait_status(180)
        until(lambda: "RAck: " in anna.messages, "our PRACK")
        anna.answer()
    call.wait_answered().say(AGENT)
    anna.wait_established()
    call.wait_heard(CALLER, 0.8)
    anna.hang_up()
    call.wait_over()
    anna.wait_closed()
    assert "Session-Expires: 120;refresher=" in anna.messages
    assert office.wait_row(result="talked")
