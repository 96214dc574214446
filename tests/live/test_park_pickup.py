"""Parking and pick-up with phones that we did not write: who hears whom, by frequency; the lamp."""

import time
from pathlib import Path

import pytest

from tests.live import sipp
from tests.live.office_files import AGENT, CALLER, MUSIC, PASSWORD, SHORT
from tests.live.office_under_test import HOST, OfficeUnderTest
from tests.live.phone_call import PhoneCall
from tests.live.process import until
from tests.live.test_lamps import Watcher

TALK = 1.0
PARKER = 1500
CLIENT = "600100200"


def parked_client(office: OfficeUnderTest, slot: str, kind: str = "baresip") -> PhoneCall:
    """A client whom 102 answers and parks; he hears the music of the slot."""
    jan = office.softphone(kind, "102", say=PARKER)
    client = office.provider().dial(SHORT, number=f"+48{CLIENT}")
    jan.wait_incoming()
    jan.answer()
    client.wait_answered().say(CALLER)
    client.wait_heard(PARKER, TALK)
    jan.transfer(slot)
    jan.wait_closed()
    client.wait_heard(MUSIC, TALK)
    return client


def ringing_client(office: OfficeUnderTest) -> tuple[PhoneCall, PhoneCall]:
    """A client who hears ringing, and the call at 102's phone."""
    anna = office.phone("102")
    client = office.provider().dial(SHORT, number=f"+48{CLIENT}")
    rung = anna.incoming()
    rung.ring()
    client.wait_status(180)
    return client, rung


@pytest.mark.parametrize(("parks", "fetches"), [("baresip", "linphone"), ("linphone", "baresip")])
def test_one_parks_and_another_one_fetches(
    office: OfficeUnderTest, parks: str, fetches: str
) -> None:
    lamp = Watcher("120", office.address)
    with lamp:
        lamp.register()
        assert lamp.subscribe("701").status == 200
        client = parked_client(office, "701", parks)
        lamp.wait_states([], ["confirmed"])
        ewa = office.softphone(fetches, "111", say=AGENT)
        ewa.dial("701")
        ewa.wait_established()
        client.wait_heard(AGENT, TALK)
        lamp.wait_states([], ["confirmed"], ["terminated"])
        lamp.check_order()
        until(lambda: CLIENT in ewa.messages, "the phone is told who it is")
        ewa.wait_heard(CALLER, TALK)
        ewa.hang_up()
        assert client.wait_over().ended_by == "bye"
        ewa.wait_closed()
    row = office.wait_row(result="talked", direction="in")
    assert row["handled_by"] == "111"
    kinds = office.events(str(row["id"]))
    assert kinds.index("park.started") < kinds.index("park.ended") < kinds.index("call.ended")


def test_a_scripted_phone_hears_the_parked_one_too(office: OfficeUnderTest) -> None:
    client = parked_client(office, "*7")
    ewa = office.phone("111").dial("701")
    ewa.wait_answered().say(AGENT)
    ewa.wait_heard(CALLER, TALK)
    client.wait_heard(AGENT, TALK)
    client.hang_up()
    assert ewa.wait_over().ended_by == "bye"


@pytest.mark.parametrize(
    ("kind", "who", "code"),
    [("baresip", "111", "*8102"), ("linphone", "111", "*8102"), ("linphone", "101", "*8")],
)
def test_it_picks_up(office: OfficeUnderTest, kind: str, who: str, code: str) -> None:
    """What rings at a colleague; and, without a number, at whoever shares a queue."""
    client, rung = ringing_client(office)
    ewa = office.softphone(kind, who, say=AGENT)
    ewa.dial(code)
    ewa.wait_established()
    assert rung.wait_over().ended_by == "cancel"
    client.wait_answered().say(CALLER)
    client.wait_heard(AGENT, TALK)
    ewa.wait_heard(CALLER, TALK)
    client.hang_up()
    ewa.wait_closed()
    row = office.wait_row(result="talked", direction="in")
    assert (row["handled_by"], row["ended_by"]) == (who, "caller")
    assert "pickup" in office.events(str(row["id"]))


@pytest.mark.parametrize("kind", ["baresip", "linphone"])
def test_it_picks_up_what_rings_for_a_group(office: OfficeUnderTest, kind: str) -> None:
    anna, rung = office.phone("101"), office.phone("102")
    call = anna.dial("320")
    rung.incoming().ring()
    call.wait_status(180)
    ewa = office.softphone(kind, "111", say=AGENT)
    ewa.dial("*8320")
    ewa.wait_established()
    call.wait_answered().say(CALLER)
    call.wait_heard(AGENT, TALK)
    ewa.wait_heard(CALLER, TALK)
    ewa.hang_up()
    call.wait_over()
    ewa.wait_closed()
    assert office.wait_row(number="101", result="talked")["handled_by"] == "111"


def test_a_scripted_phone_picks_up_and_both_are_heard(office: OfficeUnderTest) -> None:
    client, rung = ringing_client(office)
    ewa = office.phone("111").dial("*8102")
    ewa.wait_answered().say(AGENT)
    client.wait_answered().say(CALLER)
    ewa.wait_heard(CALLER, TALK)
    client.wait_heard(AGENT, TALK)
    assert rung.wait_over().ended_by == "cancel"
    ewa.hang_up()
    client.wait_over()


def taking(talk: Path, target: str) -> str:
    """An INVITE with credentials, sound once it is answered, and the other side's BYE."""
    first, second = _invite(target, 1), _invite(target, 2, "[authentication]")
    steps = first + sipp.response(100, optional="true") + sipp.response(401, auth="true")
    steps += _ack(target, 1, "[last_To:]") + second
    steps += sipp.progress() + sipp.response(200, rrs="true") + sipp.in_dialog("ACK", 2)
    steps += sipp.play(talk)
    return steps + sipp.expect("BYE", timeout="60000") + sipp.reply("200 OK", has_tag=False)


def _invite(target: str, cseq: int, *extra: str) -> str:
    headers = _headers(f"To: <sip:{target}@[remote_ip]:[remote_port]>", cseq, "INVITE")
    start = f"INVITE sip:{target}@[remote_ip]:[remote_port] SIP/2.0"
    return sipp.send(start, [*headers, *extra], sipp.description("rtpstream_audio_port"))


def _ack(target: str, cseq: int, to: str) -> str:
    start = f"ACK sip:{target}@[remote_ip]:[remote_port] SIP/2.0"
    return sipp.send(start, _headers(to, cseq, "ACK"), retransmit=False)


def _headers(to: str, cseq: int, method: str) -> list[str]:
    return [
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport",
        "From: <sip:[number]@[local_ip]:[local_port]>;tag=[pid]t[call_number]",
        to,
        "Call-ID: [call_id]",
        f"CSeq: {cseq} {method}",
        "Contact: <sip:[number]@[local_ip]:[local_port];transport=[transport]>",
        "User-Agent: SIPp",
        "Max-Forwards: 70",
    ]


@pytest.mark.parametrize("what", ["701", "*8102"])
def test_sipp_takes_the_call(office: OfficeUnderTest, what: str) -> None:
    client = parked_client(office, "701") if what == "701" else ringing_client(office)[0]
    talk = sipp.talk_file(office.folder, AGENT)
    place = (office.address[0], office.udp_port)
    with sipp.Sipp(
        taking(talk, what),
        place,
        office.folder / f"taking-{what[-3:]}",
        number="120",
        target=what,
        extra=("-au", "120", "-ap", PASSWORD.format("120"), "-auth_uri", f"{what}@{HOST}"),
    ) as phone:
        client.wait_answered()
        client.wait_heard(AGENT, TALK)
        client.hang_up()
        phone.wait()
        assert CLIENT in phone.messages
    assert office.wait_row(result="talked", direction="in")["handled_by"] == "120"


def test_the_lamp_of_a_slot_is_dark_after_a_restart(own_office: OfficeUnderTest) -> None:
    office = own_office
    with Watcher("120", office.address) as lamp:
        lamp.register()
        lamp.subscribe("701")
        client = parked_client(office, "701")
        lamp.wait_states([], ["confirmed"])
        time.sleep(1.0)  # the store writes within a second
        office.kill()
        office.start()
        lamp.wait_states([], ["confirmed"], [])
        lamp.check_order()
        client.hang_up()


@pytest.mark.parametrize("kind", ["baresip", "linphone"])
def test_it_answers_the_intercom(office: OfficeUnderTest, kind: str) -> None:
    """Debian's baresip knows no such header and its linphone leaves it to its user, so they answer
    everything; that it came is seen."""
    auto = {"account": ";answermode=auto"} if kind == "baresip" else {"auto_answer": True}
    jan = office.softphone(kind, "110", say=AGENT, **auto)
    anna = office.phone("101").dial("*5110")
    anna.wait_answered().say(CALLER)
    anna.wait_heard(AGENT, TALK)
    said = jan.messages
    assert "answer-after=0" in said and "Interkom: Anna" in said
    anna.hang_up()
    jan.wait_closed()
