"""Our address has moved in the middle of calls: who is told, in which words, and what goes on."""

import asyncio
from collections.abc import Iterator

import pytest

from softswitch.calls import leg, offering
from softswitch.calls.moving import Moves
from tests.helpers.hand_phone import Call
from tests.helpers.office_in_process import SHORT
from tests.helpers.virtual_office import VirtualOffice, virtual_office
from tests.live.sip_text import sound_of

ELSEWHERE = "192.0.2.77"


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualOffice]:
    monkeypatch.setattr(leg, "has_way", lambda _target: True)  # no sockets in there
    with virtual_office() as office:
        yield office
        office.check_calm()


def move(house: VirtualOffice) -> None:
    """The network card has another address, and the trunk's watch has seen it."""
    have_another_address(house)
    house.server.desk.trunks.readdress("operator")


class Keeper:
    """Counts how often the trunks were told to look at themselves."""

    def __init__(self) -> None:
        self.looks = 0

    def look_at_ourselves(self) -> None:
        self.looks += 1


def have_another_address(house: VirtualOffice) -> None:
    endpoint = house.server.endpoint
    endpoint.local_address = lambda _target: ELSEWHERE  # type: ignore[method-assign]
    endpoint.advertised_address = lambda _target: ELSEWHERE  # type: ignore[method-assign]
    endpoint.local_contact = lambda _target: f"{ELSEWHERE}:5060"  # type: ignore[method-assign]


async def talk(house: VirtualOffice, goes_out: bool) -> tuple[Call, Call]:
    """The phone's call and the provider's."""
    phone, provider = await house.phone("102"), await house.provider()
    out = await (phone.dial("600100300") if goes_out else provider.dial(SHORT))
    rung = await (provider.rung() if goes_out else phone.rung())
    rung.answer()
    await out.answered()
    await asyncio.sleep(1.0)
    return (out, rung) if goes_out else (rung, out)


@pytest.mark.parametrize("goes_out", [True, False])
def test_the_provider_is_told_and_the_phone_is_not(house: VirtualOffice, goes_out: bool) -> None:
    async def story() -> None:
        phone, provider = await talk(house, goes_out)
        move(house)
        again = await provider.phone.expect("INVITE")
        assert ELSEWHERE in again.get("Contact")
        sound = sound_of(again.body)
        assert sound is not None and sound.host == ELSEWHERE
        assert set(house.media.hosts.values()) == {ELSEWHERE} and len(house.media.hosts) == 1
        provider.phone.answer(again, 200, provider.phone.offer())
        await provider.phone.expect("ACK")
        assert not phone.phone.got("INVITE")
        await asyncio.sleep(1.0)
        provider.bye()
        await phone.over()

    house.do(story())


def test_without_a_way_nothing_is_told(
    house: VirtualOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        phone, provider = await talk(house, True)
        monkeypatch.setattr(leg, "has_way", lambda _target: False)
        house.server.desk.trunks.readdress("operator")
        await asyncio.sleep(1.0)
        assert not provider.phone.got("INVITE") and not house.media.hosts
        phone.bye()
        await provider.over()

    house.do(story())


async def is_told(call: Call) -> None:
    """A re-INVITE with the new address, which is answered."""
    again = await call.phone.expect("INVITE")
    sound = sound_of(again.body)
    assert ELSEWHERE in again.get("Contact") and sound is not None and sound.host == ELSEWHERE
    call.phone.answer(again, 200, call.phone.offer())
    await call.phone.expect("ACK")


@pytest.mark.parametrize("goes_out", [True, False])
def test_a_lost_address_is_told_to_both_sides(house: VirtualOffice, goes_out: bool) -> None:
    """Once: the next look finds nothing to tell."""

    async def story() -> None:
        phone, provider = await talk(house, goes_out)
        keeper = Keeper()
        moves = Moves(house.server.desk.exchange, keeper, lambda host: host == ELSEWHERE)
        have_another_address(house)
        await moves.look()
        await asyncio.gather(is_told(phone), is_told(provider))
        await moves.look()
        await asyncio.sleep(1.0)
        assert not phone.phone.got("INVITE") and not provider.phone.got("INVITE")
        assert keeper.looks == 2 and set(house.media.hosts.values()) == {ELSEWHERE}
        phone.bye()
        await provider.over()

    house.do(story())


def test_before_there_is_another_address_everybody_waits(
    house: VirtualOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        phone, provider = await talk(house, True)
        moves = Moves(house.server.desk.exchange, Keeper(), lambda host: host == ELSEWHERE)
        monkeypatch.setattr(leg, "has_way", lambda _target: False)
        await moves.look()
        await asyncio.sleep(1.0)
        assert not phone.phone.got("INVITE") and not house.media.hosts
        monkeypatch.setattr(leg, "has_way", lambda _target: True)
        have_another_address(house)
        await moves.look()
        await asyncio.gather(is_told(phone), is_told(provider))
        phone.bye()
        await provider.over()

    house.do(story())


def test_nothing_is_told_while_our_address_is_ours(house: VirtualOffice) -> None:
    async def story() -> None:
        phone, provider = await talk(house, True)
        await Moves(house.server.desk.exchange, Keeper(), lambda _host: True).look()
        await asyncio.sleep(1.0)
        assert not phone.phone.got("INVITE") and not provider.phone.got("INVITE")
        phone.bye()
        await provider.over()

    house.do(story())


def test_who_cannot_be_reached_is_told_when_he_can(
    house: VirtualOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A phone whose connection broke is told as soon as it has dialled in anew."""

    async def story() -> None:
        phone, provider = await talk(house, True)
        moves = Moves(house.server.desk.exchange, Keeper(), lambda host: host == ELSEWHERE)
        have_another_address(house)
        departures = house.server.endpoint._departures
        transmit = departures.transmit
        monkeypatch.setattr(type(departures), "transmit", lambda _self, _output: False)
        await moves.look()
        await asyncio.sleep(1.0)
        monkeypatch.setattr(type(departures), "transmit", lambda _self, output: transmit(output))
        assert not phone.phone.got("INVITE")
        await asyncio.sleep(offering.SENDS_AGAIN_AFTER)
        await asyncio.gather(is_told(phone), is_told(provider))
        phone.bye()
        await provider.over()

    house.do(story())
