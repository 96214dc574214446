"""We move, not the provider: another lease on our own line, and a router that maps us anew.

Kamailio is the provider. Within a minute clients come in again, each move is in the log, and calls
that are up go on: the provider gets a re-INVITE, and hears us from where we are now.
"""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.live import namespace, sipp
from tests.live.baresip import Baresip
from tests.live.certificates import make_certificates
from tests.live.mailserver import MailServer
from tests.live.namespace import Namespace, Router
from tests.live.office_files import AGENT, CALLER, MUSIC, PASSWORD, SHORT
from tests.live.office_under_test import OfficeUnderTest
from tests.live.phone_call import PhoneCall
from tests.live.process import until
from tests.live.provider import HOST, Provider
from tests.live.rtp_peer import ScriptedPhone
from tests.live.test_trunk_registration import CLIENT, account, wait_for

BEFORE, AFTER, THEIRS = "10.77.0.2", "10.77.0.3", "10.77.0.1"
WITHIN = 60.0  # seconds

pytestmark = pytest.mark.skipif(
    namespace.why_not() is not None, reason=f"namespace: {namespace.why_not()}"
)


def moved(office: OfficeUnderTest) -> bool:
    return "a trunk's way has changed" in office.log and '"what": "our address"' in office.log


def hear_anew(call: PhoneCall, frequency: int) -> None:
    """Half a second more than it has heard until now."""
    call.wait_more(frequency, 0.5, WITHIN)


@pytest.mark.parametrize("transport", ["udp", "tls"])
def test_another_lease(tmp_path: Path, mail_server: MailServer, transport: str) -> None:
    """The address of our line is another one, in the middle of a talk of a client with a phone that
    is out there too. Both are told, whatever the provider is spoken with by."""
    pki = make_certificates(tmp_path / "pki")
    with (
        Namespace(THEIRS) as world,
        Namespace() as line,
        _plugged(line, world),
        Provider(
            tmp_path, host=THEIRS, network=world, tls=pki if transport == "tls" else None
        ) as provider,
        account(
            tmp_path, mail_server, provider, network=line, more=f"transport: {transport}, ",
            trust=pki.authority,
        ) as office,
        world.inside(lambda: _client(provider)) as client,
        _phone(office, world) as piotr,
    ):  # fmt: skip
        wait_for(office, "registered")
        assert f"@{BEFORE}:" in _saved(provider)[-1]
        call = world.inside(lambda: client.dial(SHORT, number=CLIENT))
        piotr.wait_incoming()
        piotr.answer()
        call.wait_answered().say(CALLER)
        piotr.wait_established()
        hear_anew(call, AGENT)
        piotr.wait_heard(CALLER)
        line.readdress(BEFORE, AFTER)
        until(lambda: f"@{AFTER}:" in _saved(provider)[-1], "registered where we are now", WITHIN)
        until(lambda: call.remote and call.remote.host == AFTER, "the client is told", WITHIN)
        until(lambda: f"c=IN IP4 {AFTER}" in piotr.messages, "the phone is told", WITHIN)
        assert moved(office)
        hear_anew(call, AGENT)
        piotr.wait_more(CALLER)
        if transport == "udp":
            call.hang_up()  # to where we are now
        else:
            piotr.hang_up()
        piotr.wait_closed()
        call.wait_over()
        anna = office.phone("102")
        again = world.inside(lambda: client.dial(SHORT, number=CLIENT))
        other = anna.incoming().answer().wait_answered()
        again.wait_answered().hang_up()
        other.wait_over()
        by = "caller" if transport == "udp" else "callee"
        assert office.wait_row(number=CLIENT, result="talked", ended_by=by)
        office.put_phones_down()


def test_our_move_meets_a_hold(tmp_path: Path) -> None:
    """Two re-INVITEs that meet: each side refuses the other's with 491 and tries again after its
    pause (RFC 3261 14.1, 14.2); in the end the phone holds, and knows where we are.

    The phone is stopped while ours comes to it, with the command to hold in front of that.
    """
    with Namespace(THEIRS) as world, Namespace() as line, _plugged(line, world):
        office = OfficeUnderTest(tmp_path / "office")
        office.network, office.environment["SOFTSWITCH_SIP_HOST"] = line, "0.0.0.0"
        with office, _phone(office, world) as piotr:
            anna = office.phone("101")
            call = line.inside(lambda: anna.dial("102"))
            piotr.wait_incoming()
            piotr.answer()
            call.wait_answered().say(CALLER)
            piotr.wait_established()
            hear_anew(call, AGENT)
            os.kill(piotr.process.pid, signal.SIGSTOP)
            piotr.tell("hold")
            line.readdress(BEFORE, AFTER)
            until(lambda: "goes on from another address" in office.log, "we tell it", WITHIN)
            # Where the phone still sends to.
            line.run("ip", "address", "add", f"{BEFORE}/24", "dev", "eth0")
            os.kill(piotr.process.pid, signal.SIGCONT)
            until(lambda: refused(piotr) >= {"ours", "its"}, "both are refused", WITHIN)
            hear_anew(call, MUSIC)
            until(lambda: piotr.messages.count(f"c=IN IP4 {AFTER}") >= 2, "ours again", WITHIN)
            piotr.resume()
            hear_anew(call, AGENT)
            # Its recording begins anew at each change, in one file a second; so the way to it is
            # proved by a key.
            call.press("5")
            until(lambda: piotr.command("callstat") and piotr.digits == "5", "its key is there")
            call.hang_up()
            piotr.wait_closed()
            office.put_phones_down()


def refused(phone: Baresip) -> set[str]:
    """Whose re-INVITEs got 491: by who sent that answer."""
    sent = re.findall(r"UDP (\S+?):\d+ -> \S+\s+SIP/2\.0 491", phone.messages)
    return {"ours" if host == THEIRS else "its" for host in sent}


def test_a_router_that_maps_us_anew(tmp_path: Path, mail_server: MailServer) -> None:
    """Restarted, it shows us at other ports; what comes to the old ones is lost."""
    steps = sipp.request("INVITE", 1, sipp.description("media_port")) + sipp.progress()
    steps += sipp.response(200, rrs="true") + sipp.in_dialog("ACK", 1)
    steps += sipp.expect("INVITE", timeout="60000")
    steps += sipp.reply("200 OK", sipp.description("media_port"), has_tag=False)
    steps += sipp.expect("ACK") + sipp.expect("BYE", timeout="60000")
    steps += sipp.reply("200 OK", has_tag=False)
    with (
        Namespace() as home,
        Provider(tmp_path) as provider,
        Router(home, [provider.port], HOST) as router,
        account(tmp_path, mail_server, provider, network=home) as office,
    ):
        wait_for(office, "registered")
        piotr = office.phone("102")
        with sipp.Sipp(
            steps, provider.address, tmp_path / "client", host=HOST, port=provider.client,
            number=CLIENT, target=SHORT, extra=("-rtp_echo",),
        ) as client, Router(home, [client.media], HOST) as sound:  # fmt: skip
            rung = piotr.incoming().answer().wait_answered()
            rung.say(AGENT)
            hear_anew(rung, AGENT)  # SIPp sends back what it hears, to where it comes from
            for one in (router, sound):
                one.rebind()
            hear_anew(rung, AGENT)
            until(lambda: moved(office), "we see that we are seen elsewhere", WITHIN)
            until(lambda: client.messages.count("\nINVITE sip:") > 1, "the client is told", WITHIN)
            hear_anew(rung, AGENT)
            rung.hang_up()
            client.wait()
        wait_for(office, "registered")
        with sipp.Sipp(
            sipp.outgoing_call(milliseconds=300), provider.address, tmp_path / "again", host=HOST,
            port=provider.client, number=CLIENT, target=SHORT,
        ) as client:  # fmt: skip
            piotr.incoming().answer().wait_answered()
            client.wait()
        assert office.wait_row(number=CLIENT, result="talked", ended_by="callee")
        office.put_phones_down()


@contextmanager
def _plugged(line: Namespace, world: Namespace) -> Iterator[None]:
    """The cable between both; it goes with them."""
    line.plug(world, BEFORE, THEIRS)
    yield


def _phone(office: OfficeUnderTest, world: Namespace) -> Baresip:
    """A desk phone that reaches the office by the address that moves."""
    phone = Baresip(
        "102", f"{BEFORE}:{office.udp_port}", office.folder,
        password=PASSWORD.format("102"), say=AGENT, network=world,
    )  # fmt: skip
    phone.wait_registered()
    return phone


def _client(provider: Provider) -> ScriptedPhone:
    """Whoever calls from the world, by the provider."""
    return ScriptedPhone("client", provider.address, host=provider.host, port=provider.client)


def _saved(provider: Provider) -> list[str]:
    """The contacts that were registered."""
    return re.findall(r"SAVED (.*)", provider.log) or [""]
