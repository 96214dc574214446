"""Another switch as the mobile network: sippy's B2BUA between our trunks and the mobiles.

One office, and two networks for the file: to the first our calls go out, from the second clients
call. The mobiles are scripted, so that sound is proved by frequency in both directions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.live.mailserver import MailServer
from tests.live.office_files import AGENT, CALLER
from tests.live.office_under_test import TRUNK_HOST, OfficeUnderTest
from tests.live.phone_call import PhoneCall
from tests.live.ports import free_port
from tests.live.process import until
from tests.live.rtp_peer import ScriptedPhone
from tests.live.sippy_network import SippyNetwork, install

IN_HOST, MOBILE_HOST = "127.0.0.3", "127.0.0.4"
OURS, CLIENT, OUTSIDE = "+48221234571", "+48600100200", "600100300"


@dataclass(frozen=True)
class World:
    """`mobile` is where whoever our calls reach listens, `cellular` where clients call us."""

    office: OfficeUnderTest
    network: SippyNetwork
    mobile: tuple[str, int]
    cellular: tuple[str, int]


def talk(one: PhoneCall, other: PhoneCall) -> None:
    """Both hear each other."""
    one.say(CALLER)
    other.say(AGENT)
    one.wait_heard(AGENT, 0.5)
    other.wait_heard(CALLER, 0.5)


def office_in(folder: Path, mail: MailServer, port: int) -> OfficeUnderTest:
    """A second trunk, whose number rings Piotr."""
    office = OfficeUnderTest(folder / "office", mail)
    text = office.office_file.read_text()
    cellular = f'\n  cellular: {{server: "{IN_HOST}:{port}", watch: none, numbers: ["{OURS}"]}}\n'
    text = text.replace("\nnumbers:", f'{cellular}\nnumbers:\n  "{OURS}": short_ring', 1)
    office.office_file.write_text(text)
    return office


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    home = install(folder / "sippy")
    cellular, mobile = (IN_HOST, free_port(IN_HOST)), (MOBILE_HOST, free_port(MOBILE_HOST))
    with (
        MailServer() as mail,
        office_in(folder, mail, cellular[1]) as office,
        SippyNetwork(home, folder / "out", (TRUNK_HOST, office.trunk_port), mobile) as network,
        SippyNetwork(home, folder / "in", cellular, office.address),
    ):
        yield World(office, network, mobile, cellular)


@pytest.fixture
def mobile(world: World) -> Iterator[ScriptedPhone]:
    """Whoever our calls reach."""
    host, port = world.mobile
    with ScriptedPhone("mobile", world.mobile, host=host, port=port) as phone:
        yield phone


@pytest.fixture
def client(world: World) -> Iterator[ScriptedPhone]:
    """Whoever calls us."""
    with ScriptedPhone("client", world.cellular, host=MOBILE_HOST) as phone:
        yield phone


def test_a_call_out_to_a_mobile(world: World, mobile: ScriptedPhone) -> None:
    """It shows the office's number; the mobile puts us on hold, and hangs up."""
    with world.office.phone("101") as anna:
        call = anna.dial(OUTSIDE)
        rung = mobile.incoming()
        assert rung.invite is not None and "+48221234567" in rung.invite.get("From")
        rung.ring()
        call.wait_status(180)
        rung.answer().wait_answered()
        talk(call.wait_answered(), rung)
        assert rung.hold().status == 200
        assert rung.resume().status == 200
        talk(call, rung)
        rung.hang_up()
        call.wait_over()
    row = world.office.wait_row(direction="out", result="talked")
    assert (row["handled_by"], row["ended_by"]) == ("101", "callee")
    assert "Sippy" in world.network.log


@pytest.mark.parametrize(("status", "result"), [(486, "busy"), (480, "unreachable")])
def test_a_mobile_that_does_not_take_it(
    world: World, mobile: ScriptedPhone, status: int, result: str
) -> None:
    with world.office.phone("101") as anna:
        call = anna.dial(OUTSIDE)
        mobile.incoming().refuse(status)
        assert call.wait_final() == status
    world.office.wait_row(direction="out", result=result)


def test_somebody_gives_up(world: World, mobile: ScriptedPhone) -> None:
    """Our CANCEL goes through to the mobile."""
    with world.office.phone("101") as anna:
        call = anna.dial(OUTSIDE)
        rung = mobile.incoming()
        rung.ring()
        call.wait_status(180)
        call.hang_up()
        rung.wait_over()
        assert call.wait_final() == 487


def test_a_client_calls_from_his_mobile(world: World, client: ScriptedPhone) -> None:
    with world.office.phone("102") as piotr:
        call = client.dial(OURS, number=CLIENT)
        rung = piotr.incoming()
        assert rung.invite is not None and "600100200" in rung.invite.get("From")
        rung.ring()
        call.wait_status(180)
        rung.answer().wait_answered()
        talk(call.wait_answered(), rung)
        call.hang_up()
        rung.wait_over()
    row = world.office.wait_row(number=CLIENT, direction="in", result="talked")
    assert row["trunk"] == "cellular"


def test_a_client_is_led_to_a_colleagues_mobile(
    world: World, mobile: ScriptedPhone, client: ScriptedPhone
) -> None:
    """In over one network and out over the other; whoever presses 1 has the client."""
    with world.office.phone("102") as piotr:
        code = piotr.dial(f"*21*{OUTSIDE}")
        code.wait_answered()
        code.hang_up()
        call = client.dial(OURS, number=CLIENT)
        rung = mobile.incoming()
        assert rung.invite is not None
        # Of the numbers that this trunk owns.
        assert "+48221234567" in rung.invite.get("From")
        rung.answer().wait_answered()
        until(lambda: rung.heard.samples().any(), "the question is heard")
        assert not call.is_answered
        rung.press("1")
        talk(call.wait_answered(), rung)
        rung.hang_up()
        call.wait_over()
        off = piotr.dial("#21#")
        off.wait_answered()
        off.hang_up()
    row = world.office.wait_row(number=CLIENT, forwarded="102 > 102 outside", result="talked")
    assert OUTSIDE not in str(world.office.story(row["id"]))


def test_the_network_dies_in_a_call(world: World, mobile: ScriptedPhone) -> None:
    """Whoever hangs up is free, and the call has its line. The last test of the file."""
    with world.office.phone("101") as anna:
        call = anna.dial(OUTSIDE)
        rung = mobile.incoming()
        rung.answer().wait_answered()
        call.wait_answered()
        world.network.process.kill()
        call.hang_up()
    row = world.office.wait_row(direction="out", result="talked", ended_by="caller")
    assert row["handled_by"] == "101"
