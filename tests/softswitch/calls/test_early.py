"""Sound before the answer, both ways; forks; ringing after early sound."""

import asyncio

from softswitch.store.fold import Result
from softswitch.wiring import Server
from tests.helpers.early_phone import accept, early, reliable
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess
from tests.helpers.sound_watch import SoundWatch, Stream
from tests.live import sip_text

OUTSIDE = "600100200"


def speak(watch: SoundWatch, phone: Phone) -> Stream:
    """Let this phone's sound be one that is looked at."""
    stream = watch.stream()
    phone.sound_port = stream.port
    return stream


def far(stream: Stream) -> int:
    """Packets that the other phone sent, not the switch."""
    return sum(one.is_ours for one in list(stream.arrivals))


def toward(stream: Stream, body: bytes) -> None:
    remote = sip_text.sound_of(body)
    assert remote is not None
    stream.remote = (remote.host, remote.port)


async def test_both_hear_each_other_before_the_answer(line: Line, office: OfficeInProcess) -> None:
    anna, provider = await line.phone("101"), await line.provider()
    with SoundWatch() as watch:
        hers, theirs = speak(watch, anna), speak(watch, provider)
        out = await anna.dial(OUTSIDE)
        inward = await provider.rung()
        early(inward, 183, provider.offer())
        toward(theirs, inward.invite.body)
        progress = await out.status(183)
        toward(hers, progress.body)
        await office.until(lambda: far(hers) > 10, "the caller hears the far side early")
        await office.until(lambda: far(theirs) > 10, "and is heard by it")
        anna.inbox.clear()
        inward.ring()  # 180 after 183: the sound stays
        await asyncio.sleep(0.1)
        before = far(hers)
        await office.until(lambda: far(hers) > before + 10, "still after a 180")
        assert not anna.got(180), "a 180 would bring his phone's own ringing tone back"
        inward.answer()
        await out.answered()
        before = far(theirs)
        await office.until(lambda: far(theirs) > before + 10, "and after the answer")
        out.bye()
        await inward.over()
    assert (await office.row()).result is Result.TALKED


def heard_from(server: Server) -> list[int]:
    """Where the called side's sound is expected from, port by port of all legs."""
    arrivals = server.arrivals.calls.values()
    return [leg.stream.remote_port for call in arrivals for leg in _placed(server, call)]


def _placed(server: Server, call: object) -> list:  # type: ignore[type-arg]
    owners = server.desk.exchange.dispatcher._owners.values()
    return [leg for leg in owners if getattr(leg, "stream", None) is not None]


def described(phone: Phone, port: int) -> bytes:
    return phone.offer().replace(f"m=audio {phone.sound_port}".encode(), f"m=audio {port}".encode())


async def test_the_fork_that_described_itself_last_is_heard(
    line: Line, office: OfficeInProcess
) -> None:
    anna, provider = await line.phone("101"), await line.provider()
    out = await anna.dial(OUTSIDE)
    inward = await provider.rung()
    early(inward, 183, described(provider, 20002), tag="number")
    await out.status(183)
    await office.until(lambda: office.ask(heard_from) == [20002], "the first fork")
    reliable(inward, 183, 9, described(provider, 20004), tag="voicemail")
    provider.answer(await provider.expect("PRACK"), 200)
    await office.until(lambda: office.ask(heard_from) == [20004], "the second fork")
    early(inward, 183, described(provider, 20002), tag="number")  # a repeat of the first
    early(inward, 183, b"v=0\r\nrubbish", tag="broken")
    await asyncio.sleep(0.1)
    assert office.ask(heard_from) == [20004]
    # The first one answers after all, without a description: what it said in its 183 counts.
    accept(inward, b"", tag="number")
    await provider.expect("ACK")
    await out.answered()
    assert office.ask(_called_ports) == {20002}
    inward.tag = "number"
    out.bye()
    await inward.over()
    assert (await office.row()).result is Result.TALKED


def _called_ports(server: Server) -> set[int]:
    legs = server.desk.exchange.dispatcher._dialogs.values()
    return {
        leg.stream.remote_port for leg in legs if leg.stream and leg.dialog and leg.dialog.is_uac
    }


async def test_a_refusal_after_early_sound_passes_its_cause_on(
    line: Line, office: OfficeInProcess
) -> None:
    """RFC 3326: a provider's Q.850 cause tells more than its status."""
    anna, provider = await line.phone("101"), await line.provider()
    out = await anna.dial(OUTSIDE)
    inward: Call = await provider.rung()
    early(inward, 183, provider.offer())
    await out.status(183)
    cause = 'Q.850;cause=1;text="Unallocated number"'
    early(inward, 404, b"", ("Reason", cause))
    refused = await out.status(404)
    assert refused.get("Reason") == cause
    assert (await office.row()).status == 404
