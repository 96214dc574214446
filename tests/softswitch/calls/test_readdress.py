"""Our address has moved in the middle of calls: who is told, in which words, and what goes on."""

import asyncio
from collections.abc import Iterator

import pytest

from softswitch.calls import leg
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
    endpoint = house.server.endpoint
    endpoint.local_address = lambda _target: ELSEWHERE  # type: ignore[method-assign]
    endpoint.advertised_address = lambda _target: ELSEWHERE  # type: ignore[method-assign]
    endpoint.local_contact = lambda _target: f"{ELSEWHERE}:5060"  # type: ignore[method-assign]
    house.server.desk.trunks.readdress("operator")


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
