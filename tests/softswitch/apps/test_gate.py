"""Order under attack, in the whole server: who is answered late, who is not answered any more."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable

import pytest

from softswitch.guard import load, share
from softswitch.guard.credentials import FREE
from softswitch.guard.scanners import NAMES
from softswitch.wiring import Server
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import PASSWORD, OfficeInProcess
from tests.helpers.stranger import PATIENCE, Stranger

RIGHT = PASSWORD.format("101")
SOON = 0.8
"""Less than the first delay, and plenty for an answer on loopback."""


@pytest.fixture(autouse=True)
async def in_peace(office: OfficeInProcess, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Each test begins with a guard that knows nothing bad, and how busy this machine is decides
    nothing: on a late one strangers are served more seldom, and new work is shed."""
    monkeypatch.setattr(load, "HIGH", float("inf"))
    monkeypatch.setattr(share, "LATE", float("inf"))
    yield
    office.ask(_forgive)


def _forgive(server: Server) -> None:
    guard = server.arrivals.gate.guard
    guard.forgive()
    guard.load.level, guard.load.delay = 0, 0.0
    guard.expire(float("inf"))
    server.arrivals.gate.late.close()


def counted(office: OfficeInProcess, name: str) -> int:
    return office.ask(lambda server: server.arrivals.gate.guard.counters[name])


def status(message: object) -> int | None:
    return getattr(message, "status", None)


async def until_slow(who: Stranger, user: str) -> None:
    """Use the free failures up."""
    for _ in range(FREE):
        assert status(await who.guess("REGISTER", user, "wrong")) == 401


@pytest.mark.parametrize("method", ["REGISTER", "INVITE", "SUBSCRIBE", "MESSAGE"])
@pytest.mark.parametrize("user", ["101", "999"], ids=["existing", "unknown"])
async def test_a_wrong_password_is_answered_late(
    office: OfficeInProcess, method: str, user: str
) -> None:
    """By whatever request, and whether or not there is such a user."""
    async with Stranger(office.address, "127.0.0.1", "Old Phone") as phone:
        await until_slow(phone, user)
        request = phone.request(method, user, "102")
        challenge = await phone.ask(request)
        assert challenge is not None and challenge.status == 401  # a challenge is never late
        again = phone.signed(request, challenge, user, "wrong")
        assert await phone.ask(again, SOON) is None
        assert status(await phone.final(again)) == 401


async def test_the_right_password_clears_at_once(office: OfficeInProcess) -> None:
    async with Stranger(office.address, "127.0.0.1") as phone:
        await until_slow(phone, "101")
        assert status(await phone.guess("REGISTER", "101", RIGHT)) == 200
        await until_slow(phone, "101")  # a new beginning
        request = phone.request("REGISTER", "101")
        request.headers.append(("Expires", "0"))
        challenge = await phone.ask(request)
        assert challenge is not None
        assert status(await phone.ask(phone.signed(request, challenge, "101", RIGHT))) == 200


async def test_a_bad_neighbour_is_nobodys_trouble(office: OfficeInProcess, line: Line) -> None:
    """One device fails for a while; the others of its address register and call as ever."""
    anna, piotr = await line.phone("101"), await line.phone("102")
    async with Stranger(office.address, "127.0.0.1", "Old Phone") as bad:
        await until_slow(bad, "101")
        request = bad.request("REGISTER", "101")
        challenge = await bad.ask(request)
        assert challenge is not None
        for _ in range(50):
            another = bad.request("REGISTER", "101")
            bad.put(bad.signed(another, challenge, "101", "wrong").to_bytes())
        call = await anna.dial("102")
        other = await piotr.rung()
        other.answer()
        await call.answered()
        await anna.register()
        call.bye()
        await other.over()
    held = counted(office, "held")
    assert held >= 40, "guesses sent together are not looked at"


Spray = Callable[[Stranger, int], bytes]
SPRAYS: dict[str, Spray] = {
    "OPTIONS": lambda bad, n: bad.request("OPTIONS", "x", str(9000 + n)).to_bytes(),
    "INVITE": lambda bad, n: bad.request("INVITE", "100", f"00{n}44555").to_bytes(),
    "REGISTER": lambda bad, n: bad.request("REGISTER", str(9000 + n)).to_bytes(),
    "garbage": lambda bad, n: b"GET / HTTP/1.1\r\nHost: example.com\r\nN: %d\r\n\r\n" % n,
}


@pytest.mark.parametrize("spray", SPRAYS.values(), ids=SPRAYS)
async def test_a_scanner_hears_nothing_after_a_while(
    office: OfficeInProcess, line: Line, spray: Spray
) -> None:
    dropped = counted(office, "sources dropped")
    async with Stranger(office.address, "127.0.0.9") as bad:
        assert status(await bad.ask(bad.request("OPTIONS", "x", "101"))) == 200
        async with asyncio.timeout(PATIENCE):
            for n in itertools.count():
                bad.put(spray(bad, n))
                if n >= NAMES * 6 and counted(office, "sources dropped") > dropped:
                    break
                await asyncio.sleep(0.001)
        assert await bad.ask(bad.request("OPTIONS", "x", "101"), SOON) is None
    assert counted(office, "sources dropped") == dropped + 1
    phone = await line.phone("103")  # from another address
    assert phone.password


async def test_a_tool_that_says_so_hears_nothing_at_all(office: OfficeInProcess) -> None:
    async with Stranger(office.address, "127.0.0.10", "friendly-scanner") as bad:
        assert await bad.ask(bad.request("OPTIONS", "100"), SOON) is None
    async with Stranger(office.address, "127.0.0.10") as bad:
        assert await bad.ask(bad.request("OPTIONS", "101"), SOON) is None


async def test_an_address_with_a_healthy_phone_is_never_dropped(office: OfficeInProcess) -> None:
    async with Stranger(office.address, "127.0.0.11") as phone:
        assert status(await phone.guess("REGISTER", "104", PASSWORD.format("104"))) == 200
        async with Stranger(office.address, "127.0.0.11", "friendly-scanner") as bad:
            for n in range(NAMES * 3):
                bad.put(SPRAYS["REGISTER"](bad, n))
            assert status(await bad.ask(bad.request("OPTIONS", "101"))) == 200
        request = phone.request("REGISTER", "104", contact="*")
        request.headers.append(("Expires", "0"))
        challenge = await phone.ask(request)
        assert challenge is not None
        signed = phone.signed(request, challenge, "104", PASSWORD.format("104"))
        assert status(await phone.ask(signed)) == 200


def _late(server: Server) -> None:
    server.arrivals.gate.guard.load.level = 7
    server.arrivals.gate.guard.load.delay = 5.0


async def test_overload_sheds_new_work_and_spares_calls(
    office: OfficeInProcess, line: Line
) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    call = await anna.dial("102")
    other = await piotr.rung()
    other.answer()
    await call.answered()
    office.ask(_late)
    async with Stranger(office.address, "127.0.0.1") as new:
        refused = await new.ask(new.request("INVITE", "103", "102"))
        assert refused is not None and refused.status == 503
        assert 0 < int(refused.get("Retry-After")) <= 60
        for_help = await new.ask(new.request("INVITE", "103", "112"))
        assert status(for_help) == 401  # its credentials are asked for, as in peace
        assert status(await new.ask(new.request("OPTIONS", "103", "102"))) == 200
    held = await call.hold()
    assert held.status == 200
    call.bye()
    await other.over()
    assert counted(office, "shed") >= 1
    office.ask(_forgive)
