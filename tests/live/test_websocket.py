"""A browser's phone, JsSIP, over WebSocket with and without TLS (RFC 7118)."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.live.jssip_phone import BROWSERS_SOUND, JsSip, plain_sound
from tests.live.mailserver import MailServer
from tests.live.office_files import AGENT, CALLER, MUSIC, PASSWORD
from tests.live.office_under_test import HOST, OfficeUnderTest
from tests.live.phone_call import PhoneCall
from tests.live.ports import free_block, free_port
from tests.live.process import until
from tests.live.rtp_peer import ScriptedPhone
from tests.live.shared_office import BuildOffice

PAGE = "https://office.example"
LAMP = "application/dialog-info+xml"
TALK = 0.8
TAGS = ("local-tag", "remote-tag")


@pytest.fixture(scope="module")
def build_office() -> BuildOffice:
    return office_for_browsers


def office_for_browsers(folder: Path, mail: MailServer) -> OfficeUnderTest:
    office = OfficeUnderTest(folder, mail)
    office.environment.update(
        SOFTSWITCH_SIP_WS_PORT=str(free_port()),
        SOFTSWITCH_SIP_WSS_PORT=str(free_port()),
        SOFTSWITCH_SIP_WS_ORIGINS=f"{PAGE}, https://other.example",
        SOFTSWITCH_SIP_KEEPALIVE="2",
    )
    return office


class WebOffice:
    """An office that listens for browsers, and their pages."""

    def __init__(self, office: OfficeUnderTest, folder: Path, modules: Path) -> None:
        self.office = office
        self._modules, self._folder = modules, folder
        self.pages: list[JsSip] = []

    def page(
        self,
        extension: str,
        scheme: str = "ws",
        sdp: str = BROWSERS_SOUND,
        origin: str | None = PAGE,
        password: str | None = None,
        haste: int = 0,
    ) -> JsSip:
        made = JsSip(
            self._modules,
            extension,
            self.address(scheme),
            self._folder,
            password=password or PASSWORD.format(extension),
            domain=f"{HOST}:{self.office.udp_port}",
            sdp=sdp,
            origin=origin,
            haste=haste,
            authority=self.office.certificates.authority if scheme == "wss" else None,
        )
        self.pages.append(made)
        return made

    def address(self, scheme: str) -> str:
        port = self.office.environment[f"SOFTSWITCH_SIP_{scheme.upper()}_PORT"]
        return f"{scheme}://{HOST}:{port}/"

    def uri(self, extension: str) -> str:
        return f"sip:{extension}@{HOST}:{self.office.udp_port}"


@contextmanager
def closing_pages(web: WebOffice) -> Iterator[WebOffice]:
    try:
        yield web
    finally:
        for page in web.pages:
            page.close()


@pytest.fixture
def web(office: OfficeUnderTest, tmp_path: Path, modules: Path) -> Iterator[WebOffice]:
    with closing_pages(WebOffice(office, tmp_path, modules)) as made:
        yield made


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_it_registers_is_asked_and_leaves(web: WebOffice, scheme: str) -> None:
    page = web.page("101", scheme)
    answer = page.register()
    assert answer["flowTimer"] == "120"
    assert "pub-gruu=" in answer["contact"]
    assert "temp-gruu=" in answer["contact"]

    def measured() -> bool:
        return [
            (phone["latency"] is not None, phone["transport"], phone["away"])
            for phone in web.office.phones()
        ] == [(True, scheme, False)]

    until(measured, "it has answered OPTIONS")
    before = web.office.phones()[0]["cseq"]
    page.do("register")
    until(lambda: web.office.phones()[0]["cseq"] > before, "it has registered again")
    page.do("unregister")
    page.wait("unregistered")
    until(lambda: web.office.phones() == [], "it is registered no more")


def test_a_wrong_password(web: WebOffice) -> None:
    page = web.page("101", password="something else")
    page.do("start")
    page.wait("connected")
    page.do("register")
    assert page.wait("registrationFailed")["status"] == 401


@pytest.mark.parametrize(("origin", "is_welcome"), [("https://evil.example", False), (None, True)])
def test_pages_of_others(web: WebOffice, origin: str | None, is_welcome: bool) -> None:
    page = web.page("101", origin=origin)
    page.do("start")
    if is_welcome:
        page.wait("connected")
    else:
        assert page.wait("refused")["status"] == 403
        assert not page.has_seen("connected")


def test_it_asks_writes_and_watches(web: WebOffice) -> None:
    page, other = web.page("101"), web.page("102", "wss")
    page.register()
    other.register()
    page.do("options", target=web.uri("102"))
    assert page.wait("options")["status"] == 200
    page.do("message", target=web.uri("102"), text="Zażółć gęślą jaźń")
    assert page.wait("sent")["status"] in (200, 202)
    assert other.wait("message") == {"type": "message", "from": "101", "text": "Zażółć gęślą jaźń"}
    page.do("subscribe", target=web.uri("120"), event="dialog", accept=LAMP)
    assert 'state="full"' in page.wait("notify")["body"]
    caller, called = web.office.phone("120"), web.office.phone("110")
    call = caller.dial("110")
    called.incoming().answer().wait_answered()
    page.wait("notify", fits=lambda event: "confirmed" in event["body"])
    call.wait_answered().hang_up()
    page.wait("notify", fits=lambda event: "confirmed" not in event["body"])
    page.do("unsubscribe")
    page.wait("unsubscribed")


def test_a_browsers_sound_is_refused_in_words(web: WebOffice) -> None:
    page = web.page("101", "wss")
    page.register()
    page.do("call", target=web.uri("102"))
    failed = page.wait("failed")
    assert failed["status"] == 488
    assert "302" in failed["warning"]
    assert "of a browser" in failed["warning"]


def test_it_is_called_and_refuses(web: WebOffice) -> None:
    page = web.page("101")
    page.register()
    caller = web.office.phone("102")
    call = caller.dial("101")
    assert page.wait("ringing")["from"] == "102"
    call.wait_status(180)
    page.do("reject", status=486)
    call.wait_status(486)
    page.wait("failed")


def test_it_calls_is_called_and_talks(web: WebOffice) -> None:
    """With a description that no browser would give: everything but the sound is JsSIP's own."""
    page = web.page("101", "wss", sdp=plain_sound(free_block(2)))
    page.register()
    desk = web.office.phone("102")
    page.do("call", target=web.uri("102"))
    call = desk.incoming()
    call.ring()
    assert page.wait("progress")["status"] in (180, 183)
    call.answer().wait_answered()
    page.wait("confirmed")
    page.do("hangUp")
    call.wait_over()

    back = desk.dial("101")
    page.wait("ringing")
    page.do("answer")
    back.wait_answered()
    page.wait("confirmed")
    back.hang_up()
    assert page.wait("ended")["by"] == "remote"


def test_it_watches_presence_and_its_mailbox(web: WebOffice) -> None:
    page = web.page("110")
    page.register()
    page.do("subscribe", target=web.uri("102"), event="presence", accept="application/pidf+xml")
    page.wait("notify", fits=lambda event: "<basic>closed<" in event["body"])
    web.office.phone("102")
    page.wait("notify", fits=lambda event: "<basic>open<" in event["body"])
    page.do("unsubscribe")
    page.wait("unsubscribed")
    summary = "application/simple-message-summary"
    page.do("subscribe", target=web.uri("110"), event="message-summary", accept=summary)
    page.wait("notify", fits=lambda event: "Messages-Waiting: no" in event["body"])
    call = web.office.phone("101").dial("110")
    page.wait("ringing")
    page.do("reject", status=486)
    call.wait_answered()
    time.sleep(0.5)
    call.press("1")  # skips the greeting, to the tone
    time.sleep(1.0)
    call.say(CALLER)
    time.sleep(2.5)
    call.hang_up()
    page.wait("notify", fits=lambda event: "Voice-Message: 1/0" in event["body"])


def test_it_picks_up_by_its_lamp(web: WebOffice) -> None:
    """What the lamp of 102 told it goes into a Replaces (RFC 3891), as a lamp's key does it."""
    page = web.page("101", sdp=plain_sound(free_block(2)))
    page.register()
    caller, called = web.office.phone("111"), web.office.phone("102")
    page.do("subscribe", target=web.uri("102"), event="dialog", accept=LAMP)
    call = caller.dial("102")
    rung = called.incoming()
    rung.ring()
    told = page.wait("notify", fits=lambda event: "early" in event["body"])["body"]
    named = {one: re.findall(f'{one}="([^"]*)"', told)[0] for one in ("call-id", *TAGS)}
    replaces = f"{named['call-id']};to-tag={named[TAGS[0]]};from-tag={named[TAGS[1]]}"
    page.do("call", target=web.uri("102"), headers=[f"Replaces: {replaces}"])
    page.wait("confirmed")
    assert rung.wait_over().ended_by == "cancel"
    call.wait_answered().hang_up()
    page.wait("ended")
    row = web.office.wait_row(number="111", result="talked")
    assert row["handled_by"] == "101"
    assert "pickup" in web.office.events(row["id"])


def test_its_session_timer(web: WebOffice) -> None:
    """JsSIP asks for 90 seconds and refreshes at half of them, by UPDATE (RFC 4028 10)."""
    page = web.page("101", sdp=plain_sound(free_block(2)), haste=10)
    page.register()
    desk = web.office.phone("102")
    page.do("call", target=web.uri("102"))
    call = desk.incoming()
    call.answer().wait_answered()
    page.wait("confirmed")
    sent = page.wait("request", fits=lambda event: event["method"] == "UPDATE", timeout=15.0)
    assert "Session-Expires: 90;refresher=uac" in sent["text"]
    time.sleep(1.0)  # ten of its seconds: whoever dislikes an answer has hung up
    assert not page.has_seen("ended")
    call.hang_up()
    page.wait("ended")


def holding(web: WebOffice, scheme: str) -> tuple[JsSip, PhoneCall, ScriptedPhone]:
    """110's page has answered 101 and holds him; 111 is there too."""
    page = web.page("110", scheme, sdp=plain_sound(free_block(2)))
    page.register()
    ewa, anna = web.office.phone("111"), web.office.phone("101")
    call = anna.dial("110")
    page.wait("ringing")
    page.do("answer")
    call.wait_answered().say(CALLER)
    page.wait("confirmed")
    page.do("hold")
    page.wait("held")
    return page, call, ewa


def test_it_transfers_blind_and_holds(web: WebOffice) -> None:
    """Who hears whom afterwards is heard by the two others, by frequency."""
    page, call, ewa = holding(web, "wss")
    call.wait_heard(MUSIC, TALK)
    page.do("resume")
    page.wait("resumed")
    page.do("update")
    assert page.wait("updated")["status"] == 200
    page.do("refer", target=web.uri("111"))
    new = ewa.incoming()
    new.ring()
    new.answer().wait_answered().say(AGENT)
    assert page.wait("referDone")["status"] == 200
    assert page.wait("ended")["by"] == "remote"
    call.wait_heard(AGENT, TALK)
    new.wait_heard(CALLER, TALK)
    call.hang_up()
    new.wait_over()
    assert web.office.wait_row(number="101", result="talked")["handled_by"] == "111"


def test_it_consults_and_joins(web: WebOffice) -> None:
    """Attended, by a REFER with Replaces."""
    page, call, ewa = holding(web, "ws")
    page.do("call", target=web.uri("111"))
    asked = ewa.incoming()
    asked.answer().wait_answered().say(AGENT)
    page.wait("confirmed")
    page.do("refer", index=0, target=web.uri("111"), joins=1)
    assert page.wait("referDone")["status"] == 200
    call.wait_heard(AGENT, TALK)
    asked.wait_heard(CALLER, TALK)
    asked.hang_up()
    call.wait_over()
    assert web.office.wait_row(number="101", result="talked")["handled_by"] == "111"


def test_the_other_device_answers(web: WebOffice) -> None:
    """No missed call: JsSIP says of the CANCEL that another device took it."""
    page = web.page("101", "wss")
    page.register()
    desk = web.office.phone("101")
    call = web.office.phone("102").dial("101")
    page.wait("ringing")
    desk.incoming().answer().wait_answered()
    call.wait_answered()
    cancelled = page.wait("failed")
    assert (cancelled["by"], cancelled["cause"]) == ("remote", "Canceled")
    assert "cause=200" in cancelled["reason"]
    call.hang_up()


def test_a_page_that_is_closed_is_away_at_once(web: WebOffice) -> None:
    page = web.page("101")
    page.register()
    page.process.kill()
    until(lambda: all(one["away"] for one in web.office.phones()), "it is away")
    call = web.office.phone("102").dial("101")
    call.wait_status(480)


def test_its_connection_breaks_and_it_comes_back(web: WebOffice) -> None:
    page = web.page("101")
    page.register()
    page.do("drop")
    page.wait("disconnected")
    page.wait("connected")
    page.wait("registered")
    until(lambda: [one["away"] for one in phones_of(web, "101")] == [False], "it is back, once")
    call = web.office.phone("102").dial("101")
    page.wait("ringing")
    call.hang_up()
    page.wait("failed")


def phones_of(web: WebOffice, extension: str) -> list[dict[str, object]]:
    return [one for one in web.office.phones() if one["extension"] == extension]


def test_crlf_keeps_alive(web: WebOffice) -> None:
    """A keep-alive of RFC 5626 in a frame of its own harms nothing, and its pong neither."""
    page = web.page("101")
    page.register()
    for _ in range(3):
        page.do("crlf")
    time.sleep(0.3)
    page.do("options", target=web.uri("102"))
    assert page.wait("options")["status"] == 200
