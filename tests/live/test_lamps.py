"""Lamps: watchers that we did not write, and scripted ones, over calls, messages and a SIGKILL."""

import re
import time
from xml.etree import ElementTree

import pytest

from tests.live import sipp
from tests.live.office_files import AGENT, CALLER, PASSWORD, SINGLE
from tests.live.office_under_test import HOST, OfficeUnderTest
from tests.live.process import until
from tests.live.rtp_peer import Address, ScriptedPhone
from tests.live.sip_text import Message, parameter

CLIENT = "+48600100200"
INFO = "{urn:ietf:params:xml:ns:dialog-info}"


class Watcher(ScriptedPhone):
    """A phone with lamp keys: subscribes, answers every NOTIFY, keeps them all."""

    def __init__(self, user: str, server: Address) -> None:
        self.told: list[Message] = []
        super().__init__(user, server, PASSWORD.format(user))

    def _request_outside(self, request: Message, source: Address) -> None:
        if request.method == "NOTIFY":
            self.told.append(request)
        super()._request_outside(request, source)

    def subscribe(self, what: str, event: str = "dialog", expires: int = 600) -> Message:
        """SUBSCRIBE with credentials; its final response. A success has told the state as well: of
        what changes before that is answered, a lamp tells the latest alone."""
        uri = f"sip:{what}@{self.domain}"
        me = f"<sip:{self.user}@{self.domain}>"
        request = self.new_request("SUBSCRIBE", uri, me, f"<{uri}>")
        request.headers += [("Contact", self.contact), ("Event", event), ("Expires", str(expires))]
        before = len(self.told)
        response = self.request(request)
        if response.status == 200:
            until(lambda: len(self.told) > before, f"{self.user} is told of {what}")
        return response

    def refresh(self, first: Message, expires: int = 600) -> Message:
        """SUBSCRIBE again in the dialog that `first` opened, with a CSeq higher than the last."""
        target = re.findall("<(.*?)>", first.get("Contact"))[0]
        request = self.new_request("SUBSCRIBE", target, "", "", first.get("Call-ID"))
        same = {"From": first.get("From"), "To": first.get("To")}
        request.headers = [(name, same.get(name, value)) for name, value in request.headers]
        request.headers += [("Contact", self.contact), ("Event", "dialog")]
        request.headers.append(("Expires", str(expires)))
        return self.request(request)

    def states(self) -> list[list[str]]:
        """The dialogs' states in each NOTIFY."""
        roots = [ElementTree.fromstring(one.body) for one in self.told]
        return [[str(d.findtext(f"{INFO}state")) for d in root] for root in roots]

    def versions(self) -> list[int]:
        return [int(ElementTree.fromstring(one.body).attrib["version"]) for one in self.told]

    def wait_states(self, *wanted: list[str]) -> None:
        """Wait until the NOTIFYs have told exactly this, from the first one on."""
        until(
            lambda: self.states() == list(wanted),
            f"{wanted}; seen before {self.states()}\n{self.trace_text()}",
        )

    def check_order(self) -> None:
        """Versions and CSeq only ever rise, in one dialog."""
        for numbers in (self.versions(), [one.cseq for one in self.told]):
            assert numbers == sorted(set(numbers)), numbers
        assert len({dialog_of(one) for one in self.told}) == 1


def dialog_of(notify: Message) -> tuple[str, str, str]:
    tags = (parameter(notify.get(name), "tag") for name in ("From", "To"))
    return (notify.get("Call-ID"), *tags)


@pytest.fixture
def watchers(office: OfficeUnderTest) -> list[Watcher]:
    return three_watchers(office)


def three_watchers(office: OfficeUnderTest) -> list[Watcher]:
    """Phones of three people, all registered."""
    made = []
    for user in ("110", "111", "120"):
        watcher = Watcher(user, office.address)
        office._phones.enter_context(watcher)
        watcher.register()
        made.append(watcher)
    return made


def test_three_watchers_over_a_call(office: OfficeUnderTest, watchers: list[Watcher]) -> None:
    anna, piotr = office.phone("101"), office.phone("102")
    for watcher in watchers:
        response = watcher.subscribe("102")
        assert (response.status, response.get("Expires")) == (200, "600")
    caller = watchers[0]
    call = anna.dial("102")
    other = piotr.incoming()
    other.ring()
    for watcher in watchers:
        watcher.wait_states([], ["early"])
    other.answer().wait_answered()
    call.wait_answered()
    for watcher in watchers:
        watcher.wait_states([], ["early"], ["confirmed"])
    call.hang_up()
    for watcher in watchers:
        watcher.wait_states([], ["early"], ["confirmed"], ["terminated"])
        watcher.check_order()
        assert watcher.versions() == [0, 1, 2, 3]
    ringing = ElementTree.fromstring(caller.told[1].body)[0]
    assert ringing.attrib["direction"] == "recipient"
    assert ringing.find(f"{INFO}remote") is None
    assert ringing.attrib["call-id"] != call.call_id
    assert b"sip:101@" not in caller.told[1].body and b"Anna" not in caller.told[1].body


def test_hang_up_at_ringing_and_the_callers_own_lamp(
    office: OfficeUnderTest, watchers: list[Watcher]
) -> None:
    anna, piotr = office.phone("101"), office.phone("102")
    callers, callees, _ = watchers
    callers.subscribe("101")
    callees.subscribe("102")
    told: list[list[str]] = [[]]
    for _ in range(2):
        call = anna.dial("102")
        piotr.incoming().ring()
        call.wait_status(180)
        told.append(["early"])
        for watcher in (callers, callees):
            watcher.wait_states(*told)
        call.hang_up()
        call.wait_final()
        told.append(["terminated"])
        for watcher in (callers, callees):
            watcher.wait_states(*told)
    for watcher in (callers, callees):
        watcher.check_order()
    first = ElementTree.fromstring(callers.told[1].body)[0]
    assert first.attrib["direction"] == "initiator"


def test_two_calls_at_once(office: OfficeUnderTest, watchers: list[Watcher]) -> None:
    anna, piotr = office.phone("101"), office.phone("102")
    watcher = watchers[0]
    watcher.subscribe("102")
    call = anna.dial("102")
    other = piotr.incoming().answer().wait_answered()
    call.wait_answered()
    second = watchers[1].dial("102")
    waiting = piotr.incoming()
    waiting.ring()
    second.wait_status(180)
    until(lambda: sorted(watcher.states()[-1]) == ["confirmed", "early"], "two dialogs", 10)
    second.hang_up()
    until(lambda: sorted(watcher.states()[-1]) == ["confirmed", "terminated"], "one ended", 10)
    other.hang_up()
    call.wait_over()
    until(lambda: watcher.states()[-1] == ["terminated"], "both ended", 10)
    watcher.check_order()


def test_a_queue_with_somebody_waiting(office: OfficeUnderTest, watchers: list[Watcher]) -> None:
    agent = watchers[1]
    lamp, own = watchers[0], watchers[2]
    lamp.subscribe("310")
    own.subscribe("111")
    call = office.provider().dial(SINGLE, number=CLIENT)
    ringing = agent.incoming()
    ringing.ring()
    lamp.wait_states([], ["confirmed"])
    own.wait_states([], ["early"])
    ringing.answer().wait_answered()
    lamp.wait_states([], ["confirmed"], ["terminated"])
    own.wait_states([], ["early"], ["confirmed"])
    call.hang_up()
    own.wait_states([], ["early"], ["confirmed"], ["terminated"])
    for watcher in (lamp, own):
        watcher.check_order()


def test_subscriptions_go_on_over_sigkill(own_office: OfficeUnderTest) -> None:
    office, watchers = own_office, three_watchers(own_office)
    anna, piotr = office.phone("101"), office.phone("102")
    firsts = [watcher.subscribe("102") for watcher in watchers]
    call = anna.dial("102")
    other = piotr.incoming()
    for watcher in watchers:
        watcher.wait_states([], ["early"])
    other.answer().wait_answered()
    call.wait_answered()
    for watcher in watchers:
        watcher.wait_states([], ["early"], ["confirmed"])
    time.sleep(1.0)  # the store writes within a second
    office.kill()
    office.start()
    for watcher in watchers:  # the call is gone, and nobody subscribed anew
        watcher.wait_states([], ["early"], ["confirmed"], [])
    call.hang_up()
    other.hang_up()
    again = anna.dial("102")
    ringing = piotr.incoming(10)
    ringing.ring()
    for watcher in watchers:
        watcher.wait_states([], ["early"], ["confirmed"], [], ["early"])
    again.hang_up()
    for watcher, first in zip(watchers, firsts, strict=True):
        watcher.wait_states([], ["early"], ["confirmed"], [], ["early"], ["terminated"])
        assert watcher.refresh(first).status == 200
        until(lambda watcher=watcher: len(watcher.told) == 7, "the refresh is told", 10)
        assert watcher.refresh(first, expires=0).status == 200
        until(lambda watcher=watcher: len(watcher.told) == 8, "the end is told", 10)
        assert watcher.told[-1].get("Subscription-State") == "terminated;reason=timeout"
        watcher.check_order()
        assert watcher.refresh(first).status == 481


def test_strangers_and_bad_events(office: OfficeUnderTest, watchers: list[Watcher]) -> None:
    watcher = watchers[0]
    assert watcher.subscribe("102", "conference").status == 489
    assert watcher.subscribe("102", expires=5).status == 423
    assert watcher.subscribe("999").status == 404
    assert watcher.subscribe("111", "message-summary").status == 403
    stranger = Watcher("110", office.address)
    stranger.password = None
    with stranger:
        assert stranger.subscribe("102").status == 401
        stranger.password = "wrong"
        assert stranger.subscribe("102").status == 401
    assert watcher.told == []


def test_a_message_lights_the_lamp_of_baresip(office: OfficeUnderTest) -> None:
    anna = office.phone("101")
    phone = office.baresip("110", modules=("mwi",))
    # Its events are lost before its control connection is up: the trace has them all.
    until(lambda: "Messages-Waiting: no" in phone.process.text, "the first NOTIFY", 10)
    for number in (1, 2):
        call = anna.dial("110")
        phone.wait_incoming()
        phone.hang_up()  # busy: his mailbox answers
        call.wait_answered()
        time.sleep(0.5)
        call.press("1")  # skips the greeting, to the tone
        time.sleep(1.0)
        call.say(CALLER)
        time.sleep(2.5)
        call.hang_up()
        lamp = f"Messages-Waiting: yes\nMessage-Account: .*\nVoice-Message: {number}/0"
        until(lambda: re.search(lamp, phone.process.text.replace("\r", "")), lamp, 15)  # noqa: B023


@pytest.mark.parametrize("transport", ["udp", "tls"])
def test_baresip_sees_who_is_there(office: OfficeUnderTest, transport: str) -> None:
    port = {"udp": office.udp_port, "tls": office.tls_port}[transport]
    phone = office.baresip(
        "110",
        transport,
        applications=("presence",),
        contacts=(f'"Piotr" <sip:102@{HOST}:{port};transport={transport}>;presence=p2p',),
    )
    until(lambda: "Offline" in phone.command("contacts"), "Piotr has no phone", 15)
    office.phone("102")
    until(lambda: "Online" in phone.command("contacts"), "Piotr has a phone", 15)


PERSON = ("early", "confirmed", "terminated")
"""What the lamp of somebody tells who is rung, answers and hangs up, after that he is free."""


def lamp_of_sipp(
    user: str, what: str, states: tuple[str, ...] = PERSON, *, jumps_after: int | None = None
) -> str:
    """A dialog subscription whose NOTIFYs must say so, one after the other.

    `jumps_after`: behind this version a restart leaves some out.
    """
    first, second = _subscribe(user, what, 1), _subscribe(user, what, 2, "[authentication]")
    steps = first + sipp.response(401, auth="true") + second
    steps += sipp.response(200)
    for number, state in enumerate(("</dialog-info>", *(f">{one}<" for one in states))):
        jumps = jumps_after is not None and number > jumps_after
        steps += _notify("[0-9]+" if jumps else str(number), state)
    return steps + '<Reference variables="a,b"/>\n'


def _subscribe(user: str, what: str, cseq: int, *extra: str) -> str:
    headers = [
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport",
        f"From: <sip:{user}@[remote_ip]:[remote_port]>;tag=[pid]t[call_number]",
        f"To: <sip:{what}@[remote_ip]:[remote_port]>",
        "Call-ID: [call_id]",
        f"CSeq: {cseq} SUBSCRIBE",
        f"Contact: <sip:{user}@[local_ip]:[local_port];transport=[transport]>",
        "User-Agent: SIPp",
        "Max-Forwards: 70",
        "Event: dialog",
        "Accept: application/dialog-info+xml",
        "Expires: 300",
        *extra,
    ]
    return sipp.send(f"SUBSCRIBE sip:{what}@[remote_ip]:[remote_port] SIP/2.0", headers)


def _notify(version: str, state: str) -> str:
    quoted = state.replace("<", "&lt;").replace(">", "&gt;")
    checks = (f"version=.{version}.", quoted)
    action = "".join(
        f'<ereg regexp="{one}" search_in="body" check_it="true" assign_to="{name}"/>'
        for name, one in zip("ab", checks, strict=True)
    )
    receive = f'<recv request="NOTIFY" timeout="20000"><action>{action}</action></recv>\n'
    return receive + sipp.reply("200 OK", has_tag=False)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_sipp_watches(office: OfficeUnderTest, transport: str) -> None:
    anna, piotr = office.phone("101"), office.phone("102")
    port = office.udp_port if transport == "udp" else office.tcp_port
    with sipp.Sipp(
        lamp_of_sipp("120", "102"),
        (office.address[0], port),
        office.folder / f"lamp-{transport}",
        transport="u1" if transport == "udp" else "t1",
        extra=("-au", "120", "-ap", PASSWORD.format("120"), "-auth_uri", f"102@{HOST}:{port}"),
    ) as lamp:
        until(lambda: "NOTIFY" in lamp.messages, "the first NOTIFY", 10)
        call = anna.dial("102")
        other = piotr.incoming()
        other.ring()
        call.wait_status(180)
        until(lambda: ">early<" in lamp.messages, "it is told that it rings")
        other.answer().wait_answered()
        other.say(AGENT)
        call.wait_answered().wait_heard(AGENT, 0.3)
        until(lambda: ">confirmed<" in lamp.messages, "it is told that they talk")
        call.hang_up()
        lamp.wait()
