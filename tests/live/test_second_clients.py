"""Features that one foreign phone had used alone, used by another one.

SIPp's glare is most of a minute of waiting for our refresh (RFC 4028), so it goes on beside the
other tests.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.live import sipp
from tests.live.jssip_phone import plain_sound
from tests.live.mailserver import MailServer
from tests.live.office_files import AGENT, CALLER, MUSIC, PASSWORD, SHORT, SINGLE
from tests.live.office_under_test import HOST, OfficeUnderTest
from tests.live.ports import free_block
from tests.live.process import until
from tests.live.shared_office import BuildOffice
from tests.live.test_lamps import _notify, _subscribe, lamp_of_sipp
from tests.live.test_park_pickup import parked_client, ringing_client, taking
from tests.live.test_signalling import answer, inside, invited
from tests.live.test_websocket import LAMP, WebOffice, closing_pages, office_for_browsers

TALK = 0.8
CLIENT = "+48600100200"
ECHO, NIGHT, SLOT, LINE = "600", "801", "701", "310"
LIT = ("confirmed", "terminated")
"""What the lamp of a queue, a slot or a switch tells after that it is dark."""


@pytest.fixture(scope="module")
def build_office() -> BuildOffice:
    return office_of_many


def office_of_many(folder: Path, mail: MailServer) -> OfficeUnderTest:
    """Listens for browsers too; has a switch by hand, and reminds of a hold soon."""
    office = office_for_browsers(folder, mail)
    text = office.office_file.read_text()
    switch = f'switches: {{early: {{code: "*28", number: {NIGHT}, closes: all}}}}'
    office.office_file.write_text(f"{text}\n{switch}\nhold: {{remind: 2s, return: 60s}}\n")
    return office


@pytest.fixture
def web(office: OfficeUnderTest, tmp_path: Path, modules: Path) -> Iterator[WebOffice]:
    with closing_pages(WebOffice(office, tmp_path, modules)) as made:
        yield made


@pytest.fixture(scope="module", autouse=True)
def glare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sipp.Sipp]:
    """In an office of its own, whose only call it is."""
    with (
        OfficeUnderTest(tmp_path_factory.mktemp("glare")) as office,
        as_phone(office, meeting(), ECHO, "glare", timeout=120) as running,
    ):
        yield running


def as_phone(
    office: OfficeUnderTest, steps: str, target: str, name: str, timeout: int = 60
) -> sipp.Sipp:
    """SIPp as the phone of 120, which has credentials and answers what it did not expect."""
    return sipp.Sipp(
        steps,
        office.address,
        office.folder / name,
        number="120",
        target=target,
        timeout=timeout,
        extra=("-aa", "-au", "120", "-ap", PASSWORD.format("120"), "-auth_uri", f"{target}@{HOST}"),
    )


# --- hold, and what comes back from it ------------------------------------------------------------


def test_twinkle_holds_as_rfc_2543_had_it(office: OfficeUnderTest) -> None:
    """`c=IN IP4 0.0.0.0`: the held one hears music until it is taken back."""
    anna, piotr = office.twinkle("101", hold="rfc2543"), office.phone("102")
    anna.dial("102")
    call = piotr.incoming().answer().wait_answered()
    anna.wait("far end answered call")
    anna.hold()
    call.wait_heard(MUSIC, TALK)
    assert "c=IN IP4 0.0.0.0" in anna.messages
    anna.resume()
    anna.wait("re-INVITE successful", 2)
    anna.hang_up()
    call.wait_over()
    row = office.wait_row(number="101", result="talked")
    kinds = office.events(row["id"])
    assert [kind for kind in kinds if kind in ("hold", "resume")] == ["hold", "resume"]


def test_jssip_holds_as_inactive(web: WebOffice) -> None:
    """It has no microphone, so its hold is `inactive`: 102 hears music."""
    page = web.page("101", sdp=plain_sound(free_block(2)).replace("sendrecv", "recvonly"))
    page.register()
    piotr = web.office.phone("102")
    page.do("call", target=web.uri("102"))
    call = piotr.incoming().answer().wait_answered()
    page.wait("confirmed")
    page.do("hold")
    sent = page.wait("request", fits=lambda event: "a=inactive" in event["text"])
    assert sent["method"] == "INVITE"
    page.wait("held")
    call.wait_heard(MUSIC, TALK)
    page.do("hangUp")
    call.wait_over()


def test_linphone_is_reminded_and_takes_the_client_back(office: OfficeUnderTest) -> None:
    jan = office.linphone("102", say=AGENT)
    client = office.provider().dial(SHORT, number=CLIENT)
    jan.wait_incoming()
    jan.answer()
    client.wait_answered().say(CALLER)
    client.wait_heard(AGENT, TALK)
    jan.hold()
    client.wait_heard(MUSIC, TALK)
    jan.wait_incoming()
    before = client.heard.seconds(AGENT)
    jan.answer()
    client.wait_heard(AGENT, before + TALK)
    client.hang_up()
    jan.wait_closed()
    row = office.wait_row(result="talked", direction="in", number=CLIENT)
    assert row["handled_by"] == "102"
    assert "hold.reminded" in office.events(str(row["id"]))


# --- an INVITE without an offer -------------------------------------------------------------------


def test_linphone_offers_late(office: OfficeUnderTest) -> None:
    """Our offer in the 200, its answer in the ACK (RFC 3264 4); both are heard."""
    jan = office.linphone("110", say=CALLER, sip=("sdp_200_ack=1",))
    piotr = office.phone("102")
    jan.dial("102")
    call = piotr.incoming().answer().wait_answered()
    call.say(AGENT)
    call.wait_heard(CALLER, TALK)
    jan.wait_heard(AGENT, TALK)
    jan.hang_up()
    call.wait_over()
    sent = re.findall(r"^INVITE sip:102(?:.*\n)*?^Content-Length: (\d+)", jan.messages, re.M)
    assert sent and set(sent) == {"0"}
    assert office.wait_row(number="110", result="talked")["handled_by"] == "102"


# --- picking up -----------------------------------------------------------------------------------


def test_baresip_picks_up_for_its_own_groups(office: OfficeUnderTest) -> None:
    client, rung = ringing_client(office)
    anna = office.baresip("101", say=AGENT)
    anna.dial("*8")
    anna.wait_established()
    assert rung.wait_over().ended_by == "cancel"
    client.wait_answered().say(CALLER)
    client.wait_heard(AGENT, TALK)
    anna.wait_heard(CALLER, TALK)
    client.hang_up()
    anna.wait_closed()


def picking_up(talk: Path, target: str) -> str:
    """SUBSCRIBE; what the lamp tells of the early dialog goes into the INVITE's Replaces."""
    watch = _subscribe("120", target, 1) + sipp.response(401, auth="true")
    watch += _subscribe("120", target, 2, "[authentication]") + sipp.response(200)
    watch = watch.replace("Call-ID: [call_id]", "Call-ID: lamp///[call_id]")
    told = "".join(
        f'<ereg regexp="{name}=.([^&quot;]*)" search_in="body" check_it="true"'
        f' assign_to="whole,{variable}"/>'
        for name, variable in (("call-id", "id"), ("local-tag", "to"), ("remote-tag", "from"))
    )
    watch += _notify(0, "</dialog-info>")
    watch += f'<recv request="NOTIFY" timeout="20000"><action>{told}</action></recv>\n'
    watch += sipp.reply("200 OK", has_tag=False) + '<Reference variables="a,b,whole"/>\n'
    replaces = "Max-Forwards: 70\nReplaces: [$id];to-tag=[$to];from-tag=[$from]"
    return watch + taking(talk, target).replace("Max-Forwards: 70", replaces)


def test_sipp_picks_up_by_its_lamp(own_office: OfficeUnderTest) -> None:
    # SIPp takes the lamp's second word for this call's: no earlier call may be in it.
    office = own_office
    caller, piotr = office.phone("111"), office.phone("102")
    talk = sipp.talk_file(office.folder, AGENT)
    with as_phone(office, picking_up(talk, "102"), "102", "picking") as phone:
        until(lambda: "NOTIFY" in phone.messages, "the first NOTIFY")
        call = caller.dial("102")
        rung = piotr.incoming()
        rung.ring()
        call.wait_answered()
        assert rung.wait_over().ended_by == "cancel"
        call.wait_heard(AGENT, TALK)
        call.hang_up()
        phone.wait()
    row = office.wait_row(number="111", result="talked")
    assert row["handled_by"] == "120"
    assert "pickup" in office.events(row["id"])


# --- lamps of what is no person -------------------------------------------------------------------


def light(office: OfficeUnderTest, what: str, wait_lit: Callable[[], object]) -> None:
    """Somebody waits, is parked or closes early; and then it is over.

    `wait_lit`: a lamp tells the latest state, so of two at once the second alone."""
    if what == NIGHT:
        jan = office.phone("110")
        jan.dial(NIGHT).wait_answered().hang_up()
        wait_lit()
        jan.dial(NIGHT).wait_answered().hang_up()
        return
    if what == SLOT:
        client = parked_client(office, SLOT, "linphone")
    else:
        agent = office.phone("111")
        client = office.provider().dial(SINGLE, number=CLIENT)
        agent.incoming().ring()
    wait_lit()
    client.hang_up()


@pytest.mark.parametrize("what", [LINE, SLOT, NIGHT], ids=["queue", "slot", "switch"])
def test_sipp_watches_what_is_no_person(office: OfficeUnderTest, what: str) -> None:
    with as_phone(office, lamp_of_sipp("120", what, LIT), what, f"lamp{what}") as lamp:
        until(lambda: "NOTIFY" in lamp.messages, "the first NOTIFY")
        light(office, what, lambda: until(lambda: f">{LIT[0]}<" in lamp.messages, "it is lit"))
        lamp.wait()


@pytest.mark.parametrize("what", [LINE, SLOT, NIGHT], ids=["queue", "slot", "switch"])
def test_jssip_watches_what_is_no_person(web: WebOffice, what: str) -> None:
    page = web.page("120")
    page.register()
    page.do("subscribe", target=web.uri(what), event="dialog", accept=LAMP)
    page.wait("notify", fits=lambda event: "<dialog " not in event["body"])
    lit, dark = (
        partial(page.wait, "notify", fits=lambda event, state=state: f">{state}<" in event["body"])
        for state in LIT
    )
    light(web.office, what, lit)
    dark()


# --- two re-INVITEs that meet ---------------------------------------------------------------------


def meeting() -> str:
    """A call to the echo whose refresh, ours, meets a re-INVITE of SIPp: both are refused with 491,
    ours comes again after its pause (RFC 3261 14.1, 14.2), and then SIPp's is taken too."""
    timer = "Max-Forwards: 70\nSupported: timer\nSession-Expires: 90;refresher=uas"
    call = taking(Path("none"), ECHO).partition("<nop>")[0].replace("Max-Forwards: 70", timer)
    steps = call + invited().replace("<recv ", '<recv timeout="70000" ', 1)
    steps += inside("INVITE", 3, body=sipp.description()) + sipp.response(100, optional="true")
    steps += sipp.response(491)
    steps += inside("ACK", 3).replace(
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport", "[last_Via:]"
    )
    steps += answer("491 Request Pending") + sipp.expect("ACK")
    steps += invited() + answer("200 OK", body=sipp.description()) + sipp.expect("ACK")
    steps += inside("INVITE", 4, body=sipp.description().replace("o=- 1 1", "o=- 1 2"))
    steps += sipp.response(100, optional="true") + sipp.response(200, rrs="true")
    steps += inside("ACK", 4) + inside("BYE", 5) + sipp.response(200)
    return steps


def test_two_invites_that_meet(glare: sipp.Sipp) -> None:
    glare.wait()
    assert glare.messages.count("491 Request Pending") >= 2
