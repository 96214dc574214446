"""A sleeping phone is woken for a call, and the call waits for it (RFC 8599), in virtual time."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from softswitch.apps import push
from softswitch.apps.webhook import Answer, HookFailed, Webhooks
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.office_in_process import PASSWORD
from tests.helpers.virtual_office import SIP, VirtualOffice, virtual_office
from tests.softswitch.apps.texting.conftest import write

SECTION = 'push: {url: "https://push.example/wake", secret: key, providers: [fcm], wait: 12s}\n'
PUSH = "pn-provider=fcm;pn-param=project;pn-prid=token"


class App(Phone):
    """A mobile app; the same device at whatever port."""

    @property
    def contact(self) -> str:
        return super().contact.replace(">", f";{PUSH}>")


class Gateway:
    """Keeps what it is told; `wakes` begins when it is told something."""

    def __init__(self) -> None:
        self.told: list[Mapping[str, Any]] = []
        self.status = 200
        self.is_dead = False
        self.wakes: asyncio.Event = asyncio.Event()

    async def tell(
        self, address: str, told: Mapping[str, Any], seconds: float, secret: str | None
    ) -> Answer:
        assert (address, secret) == ("https://push.example/wake", "key")
        self.told.append(told)
        if self.is_dead:
            raise HookFailed("down")
        self.wakes.set()
        return Answer(self.status, b"")


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Gateway:
    made = Gateway()

    async def tell(_self: Webhooks, *args: Any) -> Answer:
        return await made.tell(*args)

    monkeypatch.setattr(Webhooks, "tell", tell)
    return made


@pytest.fixture
def office(gateway: Gateway) -> Iterator[VirtualOffice]:
    with virtual_office(SECTION) as running:
        yield running
        running.check_calm()


async def app(office: VirtualOffice) -> App:
    """One that is registered."""
    made = App("101", SIP, PASSWORD.format("101"))
    await office._phones.enter_async_context(made)
    await made.register(3600)
    office.server.desk.pushes._awake.clear()  # that was long ago
    return made


def deaf(phone: Phone) -> None:
    """Asleep: no packet reaches it."""
    phone.fate = lambda _: 0


async def hang_up(office: VirtualOffice, out: Call, rung: Call) -> None:
    rung.answer()
    await out.answered()
    await office.until(lambda: office.hears(out, rung), "they talk")
    out.bye()
    await rung.over()


def test_a_sleeping_phone_is_woken_and_the_call_waits(
    office: VirtualOffice, gateway: Gateway
) -> None:
    async def story() -> None:
        asleep, piotr = await app(office), await office.phone("102")
        deaf(asleep)
        out = await piotr.dial("101")
        await gateway.wakes.wait()
        await out.status(180)  # he hears that something is done about his call
        await asyncio.sleep(4)
        woken = await app(office)  # at another port: the network gave it another address
        await hang_up(office, out, await woken.rung())

    office.do(story())
    assert gateway.told == [
        {
            "event": "call",
            "provider": "fcm",
            "param": "project",
            "prid": "token",
            "extension": "101",
        }
    ]
    assert office.row().handled_by == "101"
    woke = next(one for one in office.story(office.calls()[-1]) if one.kind == "push.woke")
    assert 4 <= woke.data["seconds"] < 5
    assert len(office.server.registrar.bindings(1e9)) >= 1


def test_a_text_wakes_a_sleeping_phone(office: VirtualOffice, gateway: Gateway) -> None:
    """It answers nothing, so the text is kept, it is told, and fetches it by registering anew."""

    async def story() -> None:
        asleep, piotr = await app(office), await office.phone("102")
        deaf(asleep)
        sending = asyncio.create_task(write(piotr, "101", "Proszę oddzwonić"))
        await gateway.wakes.wait()
        assert await sending == 202
        woken = await app(office)
        message = await woken.expect("MESSAGE")
        assert message.body.decode() == "Proszę oddzwonić"
        woken.answer(message, 200)
        await asyncio.sleep(1.0)

    office.do(story())
    assert [told["event"] for told in gateway.told] == ["message"]
    assert "oddzwoni" not in repr(gateway.told), "what is written is told to nobody else"


def test_a_phone_that_is_awake_rings_once(office: VirtualOffice, gateway: Gateway) -> None:
    async def story() -> None:
        awake, piotr = await app(office), await office.phone("102")
        out = await piotr.dial("101")
        rung = await awake.rung()
        rung.ring()
        await awake.register(3600)  # the notification has made it do so
        await asyncio.sleep(2)
        assert len(awake._calls) == 1
        await hang_up(office, out, rung)

    office.do(story())
    assert len(gateway.told) == 1


def test_a_phone_that_woke_at_its_old_address_is_rung_at_once(
    office: VirtualOffice, gateway: Gateway
) -> None:
    """Not when the next copy of the first INVITE would come."""

    async def story() -> None:
        phone, piotr = await app(office), await office.phone("102")
        deaf(phone)
        out = await piotr.dial("101")
        await asyncio.sleep(8)
        phone.fate = lambda _: 1
        await phone.register(3600)
        began = office.loop.time()
        rung = await phone.rung()
        assert office.loop.time() - began < 0.5
        await hang_up(office, out, rung)

    office.do(story())


@pytest.mark.parametrize("is_dead", [False, True])
def test_who_does_not_wake_is_not_waited_for_longer(
    office: VirtualOffice, gateway: Gateway, is_dead: bool
) -> None:
    """Its contact is known to be dead: only the wait for its waking is left."""
    gateway.is_dead = is_dead

    async def story() -> None:
        asleep, piotr = await app(office), await office.phone("102")
        deaf(asleep)
        (binding,) = office.server.registrar.lookup("101", office.loop.time())
        office.server.registrar.mark_away(binding)
        began = office.loop.time()
        out = await piotr.dial("101")
        await out.status(480)
        assert 12 <= office.loop.time() - began < 13

    office.do(story())
    assert "push.failed" in office.kinds()


def test_others_ring_meanwhile(office: VirtualOffice, gateway: Gateway) -> None:
    """A group of two: the colleague's desk answers, and nobody waits for the mobile any more."""

    async def story() -> None:
        asleep, piotr, ewa = await app(office), await office.phone("102"), await office.phone("104")
        deaf(asleep)
        out = await ewa.dial("320")
        await hang_up(office, out, await piotr.rung())
        assert office.server.desk.pushes.dump() == {"waking": 0}

    office.do(story())
    assert len(gateway.told) == 1


def test_a_caller_who_gives_up_ends_the_wait(office: VirtualOffice, gateway: Gateway) -> None:
    async def story() -> None:
        asleep, piotr = await app(office), await office.phone("102")
        deaf(asleep)
        out = await piotr.dial("101")
        await gateway.wakes.wait()
        out.cancel()
        await out.status(487)
        await asyncio.sleep(0.1)
        assert office.server.desk.pushes.dump() == {"waking": 0}

    office.do(story())


def test_two_calls_are_one_notification(office: VirtualOffice, gateway: Gateway) -> None:
    async def story() -> None:
        asleep, piotr, ewa = await app(office), await office.phone("102"), await office.phone("104")
        deaf(asleep)
        one, other = await piotr.dial("101"), await ewa.dial("101")
        await asyncio.sleep(2)
        assert len(gateway.told) == 1
        woken = await app(office)
        first, second = await woken.rung(), await woken.rung()
        for out, rung in ((one, first), (other, second)):
            if out.invite.get("From").split("@")[0] not in rung.invite.get("From"):
                rung = second if rung is first else first
            rung.answer()
            await out.answered()
            out.bye()
            await rung.over()

    office.do(story())


def test_a_registration_is_refreshed_before_its_end(
    office: VirtualOffice, gateway: Gateway
) -> None:
    """Once, two minutes before."""

    async def story() -> None:
        asleep = await app(office)
        deaf(asleep)
        pushes = office.server.desk.pushes
        await asyncio.sleep(3600 - push.REFRESH_BEFORE - 2)
        pushes.refresh()
        assert not gateway.told
        await asyncio.sleep(4)
        pushes.refresh()
        pushes.refresh()
        await asyncio.sleep(push.ONCE_IN)
        pushes.refresh()
        await asyncio.sleep(0)

    office.do(story())
    assert [one["event"] for one in gateway.told] == ["refresh"]
