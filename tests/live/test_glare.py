"""Two re-INVITEs that meet (RFC 3261 14.1, 14.2): each side refuses the other's with 491, and tries
again after its pause. linphone over TCP and JsSIP over WebSocket; SIPp does it in
`test_second_clients`, baresip in `test_our_address_moves`.

The switch runs in this process, so that a test can have it ask at the right moment. What it asks
for is what it asks for when its address moved.
"""

import contextlib
import os
import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import soundfile

from softswitch.calls.outgoing import OutgoingLeg
from softswitch.wiring import Server
from tests.helpers import audio
from tests.helpers.office_in_process import PASSWORD, OfficeInProcess
from tests.live.held_line import HOST, HeldLine
from tests.live.jssip_phone import JsSip, plain_sound
from tests.live.linphone import Linphone
from tests.live.office_files import AGENT, CALLER, MUSIC
from tests.live.phone_call import PhoneCall
from tests.live.ports import free_block, free_port
from tests.live.process import until
from tests.live.rtp_peer import ScriptedPhone

PAGE = "https://office.example"
TALK = 0.8
TRIES = 20


class Office(OfficeInProcess):
    """Its music is heard."""

    def _write(self) -> None:
        super()._write()
        music = self.folder / "prompts" / "music" / "calm.wav"
        soundfile.write(music, audio.tone(MUSIC, 5.0), audio.RATE)


@pytest.fixture(scope="module")
def glare_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    ports = {"sip_tcp_port": free_port(), "sip_ws_port": free_port()}
    folder = tmp_path_factory.mktemp("glare")
    with Office(folder, **ports, sip_ws_origins=PAGE) as office:
        yield office


@pytest.fixture
def caller(glare_office: Office) -> Iterator[ScriptedPhone]:
    with ScriptedPhone("101", glare_office.address, PASSWORD.format("101")) as phone:
        phone.register()
        yield phone


def called(server: Server) -> OutgoingLeg:
    """The leg to the phone that was called."""
    owners = server.desk.exchange.dispatcher._owners.values()
    (leg,) = {one for one in owners if isinstance(one, OutgoingLeg)}
    return leg


def wait_idle(office: Office) -> None:
    """Nothing that we asked for waits for its answer."""

    def is_idle(server: Server) -> bool:
        offering = called(server).offering
        return offering._sent is None and not offering._wishes

    until(lambda: office.ask(is_idle), "nothing is open")


def ask_anew(office: Office) -> None:
    assert office.ask(lambda server: called(server).readdress())


def answered(call: PhoneCall) -> None:
    call.wait_answered().say(CALLER)


def refusals(phone: Linphone) -> tuple[int, int]:
    """How many re-INVITEs were refused with 491: its own, and ours."""
    answers = re.findall(r"^SIP/2\.0 491 [\s\S]*?^\s*$", phone.messages, re.M)
    own = sum("Server: softswitch" in one for one in answers)
    return own, len(answers) - own


def meet_linphone(office: Office, phone: Linphone) -> bool:
    """It is stopped while ours comes to it, with the command to hold in front of that. Which of
    both it sees first when it goes on is chance: whether they met."""
    wait_idle(office)
    before = refusals(phone)
    pipe = phone.process.child.stdin
    assert pipe is not None
    os.kill(phone.process.pid, signal.SIGSTOP)
    pipe.write(b"pause\n")
    pipe.flush()
    ask_anew(office)
    os.kill(phone.process.pid, signal.SIGCONT)
    wait_idle(office)
    return all(now > then for now, then in zip(refusals(phone), before, strict=True))


def test_linphone(glare_office: Office, caller: ScriptedPhone, tmp_path: Path) -> None:
    server = f"{HOST}:{glare_office.address[1]}"
    with Linphone("102", server, tmp_path, password=PASSWORD.format("102"), say=AGENT) as phone:
        phone.wait_registered()
        call = caller.dial("102")
        phone.wait_incoming()
        phone.answer()
        answered(call)
        phone.wait_established()
        call.wait_heard(AGENT, TALK)
        for _ in range(TRIES):
            if meet_linphone(glare_office, phone):
                break
            with contextlib.suppress(TimeoutError):  # it may have been too busy with ours to hold
                phone.wait("is now paused", 5.0)
                phone.resume()
            call.wait_more(AGENT, TALK)
        else:
            pytest.fail("they never met")
        # Ours was asked again and is agreed on; its own linphone gives up, and its console has no
        # current call then that could be held.
        call.wait_more(AGENT, TALK)
        phone.wait_heard(CALLER, TALK)
        call.hang_up()
        phone.wait_closed()


def meet_jssip(office: Office, line: HeldLine, page: JsSip) -> None:
    """What we say is held up until both have asked."""
    wait_idle(office)
    line.hold()
    ask_anew(office)
    until(lambda: b"INVITE sip:" in line.held, "ours is on its way")
    page.do("hold")
    until(lambda: b"SIP/2.0 491" in line.held, "we refuse its own")
    before = len(line.told)
    line.release()
    page.wait("response", fits=lambda event: event["status"] == 491)
    until(lambda: line.told.count(b"INVITE sip:", before) >= 2, "ours again", 30.0)


def test_jssip(glare_office: Office, caller: ScriptedPhone, modules: Path, tmp_path: Path) -> None:
    ws = glare_office.settings.sip_ws_port
    with ExitStack() as stack:
        line = stack.enter_context(HeldLine((HOST, ws or 0)))
        page = JsSip(
            modules, "103", f"ws://{HOST}:{line.port}/", tmp_path, password=PASSWORD.format("103"),
            domain=f"{HOST}:{glare_office.address[1]}", sdp=plain_sound(free_block(2)), origin=PAGE,
        )  # fmt: skip
        stack.enter_context(page)
        page.register()
        call = caller.dial("103")
        page.wait("ringing")
        page.do("answer")
        answered(call)
        page.wait("confirmed")
        meet_jssip(glare_office, line, page)
        page.wait("held")
        call.wait_heard(MUSIC, TALK)
        page.do("resume")
        page.wait("resumed")
        call.hang_up()
        page.wait("ended")
