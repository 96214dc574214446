"""The queues of a running office in virtual time: who is rung, who is told what, who is called."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from softswitch.apps.callbacks.seeing import SHORTEST_TALK
from softswitch.apps.commanded import order
from softswitch.apps.queue.report import measure, queues
from softswitch.store.fold import Result
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.virtual_office import PROVIDER, VirtualOffice, virtual_office

OTHER = "+48600700800"
QUEUE_NUMBER, OTHER_NUMBER = "+48221234567", "+48221234569"
OFFICE = """\
office: {name: Kancelaria, country: PL, timezone: Europe/Warsaw, language: pl,
         number: "+48 22 123 45 67", safe: message}
people:
  121: {name: Marta}
  122: {name: Ola}
  123: {name: Iza}
secrets: secrets.yaml
pauses: {1: obiad}
callbacks: {talk: 5s}
queues:
  desk:  {number: 300, agents: [121], widen: [{after: 30s, agents: [122]}], how: in_order,
          longest_wait: 3m, ring_for: 10s, wrap_up: 20s, whisper: queue_still, greeting: connecting,
          announce: {every: 20s, position: true, estimate: true}}
  vip:   {number: 301, agents: [121], how: in_order, priority: high, longest_wait: 3m}
mailboxes: {office: {greeting: leave_message, mail: [biuro@kancelaria.example]}}
trunks: {operator: {server: "TRUNK", watch: none,
         numbers: ["+48 22 123 45 67", "+48 22 123 45 69"]}}
numbers: {"+48 22 123 45 67": desk, "+48 22 123 45 69": vip}
routes:
  desk: {queue: desk, callback_key: 2, too_long: message, full: message, no_agents: hall,
         unreachable: message}
  vip:  {queue: vip, too_long: message, full: message, no_agents: message}
  hall: {play: closed, then: message}
  message: {voicemail: office}
"""


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualOffice]:
    monkeypatch.setattr("tests.helpers.virtual_office.OFFICE", OFFICE)
    with virtual_office("# the queues\n") as running:
        yield running
        running.check_calm()


async def comes(provider: Phone, number: str = QUEUE_NUMBER) -> Call:
    return await (await provider.dial(number)).answered()


async def opens(office: VirtualOffice, *agents: str) -> list[Phone]:
    """The provider's phone, and the agents'."""
    return [await office.provider(), *[await office.phone(one) for one in agents]]


async def they_talk(
    office: VirtualOffice, provider: Phone, agent: Phone, number: str = QUEUE_NUMBER
) -> tuple[Call, Call]:
    """A caller comes, and this agent, whose phone answers by itself, has him."""
    caller = await comes(provider, number)
    rung = await agent.rung()
    await office.until(lambda: office.hears(caller, rung), "they talk")
    return caller, rung


def by(office: VirtualOffice, kind: str) -> list[dict[str, Any]]:
    return [dict(event.data) for event in office.events if event.kind == kind]


def report(office: VirtualOffice, key: str = "desk") -> dict[str, Any]:
    (found,) = [one for one in queues(office.server.desk) if one["queue"] == key]
    return found


def sets(office: VirtualOffice, extension: str, setting: str, on: bool, **more: Any) -> None:
    asked = {"extension": extension, "setting": setting, "on": on, **more}
    order(office.server.desk, asked)


def test_whisper_and_greeting_come_before_the_talk(office: VirtualOffice) -> None:
    async def story() -> None:
        provider, marta = await opens(office, "121")
        caller = await comes(provider)
        rung = await marta.rung()
        rung.ring()
        rung.answer()
        await marta.expect("ACK")
        rows = office.media.legs
        heard = {"queue_still": rung, "connecting": caller}
        await office.until(lambda: rows[office.leg_of(rung)].items, "the whisper")
        for prompt, call in heard.items():
            (item,) = rows[office.leg_of(call)].items
            assert prompt in item
        assert office.music_for(caller), "the music waits beneath"
        await office.until(lambda: office.hears(caller, rung), "they talk")
        caller.bye()
        await rung.over()

    office.do(story())
    assert office.row().handled_by == "121"
    assert [one["outcome"] for one in by(office, "queue.left")] == ["answered"]


def test_an_agent_who_hangs_up_in_the_whisper_has_not_had_the_caller(office: VirtualOffice) -> None:
    async def story() -> None:
        provider, marta, ola = await opens(office, "121", "122")
        caller = await comes(provider)
        rung = await marta.rung()
        rung.answer()
        await marta.expect("ACK")
        rung.bye()
        again = await ola.rung(within=60)  # Marta wraps up, and after 30 s Ola answers too
        again.answer()
        await office.until(lambda: office.hears(caller, again), "they talk")
        again.bye()
        await caller.over()

    office.do(story())
    assert office.row().handled_by == "122"
    assert report(office)["today"]["answered"] == 1


def test_priorities_go_over_queues_and_the_other_is_next(office: VirtualOffice) -> None:
    async def story() -> None:
        provider, marta = await opens(office, "121")
        marta.rings = lambda call: call.answer()
        first, rung = await they_talk(office, provider, marta)
        early, late = await comes(provider), await comes(provider, OTHER_NUMBER)
        first.bye()
        await rung.over()
        rung = await marta.rung(within=60)
        await office.until(lambda: office.hears(late, rung), "the one of the better queue")
        late.bye()
        await rung.over()
        rung = await marta.rung(within=60)
        await office.until(lambda: office.hears(early, rung), "then the other")
        early.bye()
        await rung.over()

    office.do(story())


def test_nobody_logged_in_and_nobody_reachable_are_two_exits(office: VirtualOffice) -> None:
    async def story() -> None:
        provider = await office.provider()
        unreached = await comes(provider)
        await office.until(lambda: by(office, "queue.left"), "nobody has a phone")
        unreached.bye()
        await office.phone("121")
        sets(office, "121", "agent", False)
        sets(office, "122", "agent", False)
        alone = await comes(provider)
        await office.until(lambda: len(by(office, "queue.left")) == 2, "nobody is logged in")
        alone.bye()
        sets(office, "121", "agent", True)
        sets(office, "122", "agent", True)

    office.do(story())
    assert [one["outcome"] for one in by(office, "queue.left")] == ["unreachable", "no_agents"]
    assert "hall" in [one["node"] for one in by(office, "route.entered")]


def test_who_pauses_is_not_rung_and_is_again_afterwards(office: VirtualOffice) -> None:
    async def story() -> None:
        provider, marta = await opens(office, "121")
        sets(office, "121", "pause", True, target="1")
        (agent, _) = report(office)["agents"]
        assert (agent["state"], agent["reason"]) == ("paused", "obiad")
        caller = await comes(provider)
        office_loop = office.loop.time()
        await office.until(lambda: office.loop.time() > office_loop + 5, "he is left in peace")
        assert not marta.got("INVITE")
        sets(office, "121", "pause", False)
        rung = await marta.rung()
        caller.bye()
        await rung.over()

    office.do(story())
    assert report(office)["today"]["abandoned"] == 1


async def dials(office: VirtualOffice, phone: Phone, digits: str) -> str:
    """A star code, and what it came to."""
    call = await (await phone.dial(digits)).answered()
    await call.over()
    return str(by(office, "service.used")[-1]["outcome"])


def test_an_agent_of_two_queues_leaves_one(office: VirtualOffice) -> None:
    async def story() -> None:
        provider, marta = await opens(office, "121")
        assert await dials(office, marta, "#30*300") == "done"
        desk, vip = report(office)["agents"][0], report(office, "vip")["agents"][0]
        assert (desk["state"], vip["state"]) == ("logged_out", "free")
        unreached = await comes(provider)  # of those who stayed, Ola has no phone
        await office.until(lambda: by(office, "queue.left"), "nobody of this queue can be rung")
        unreached.bye()
        marta.rings = lambda call: call.answer()
        caller, rung = await they_talk(office, provider, marta, OTHER_NUMBER)
        caller.bye()
        await rung.over()
        marta.rings = lambda call: call.ring()
        assert await dials(office, marta, "#30*999") == "no_such_queue"
        assert office.server.desk.standing.is_agent("121")
        assert await dials(office, marta, "#30*301") == "done"
        assert not office.server.desk.standing.is_agent("121"), "who has left all is logged out"
        assert await dials(office, marta, "*30*300") == "done"
        assert report(office)["agents"][0]["state"] == "free"
        assert report(office, "vip")["agents"][0]["state"] == "logged_out"
        assert await dials(office, marta, "*30") == "done"
        assert not office.server.desk.standing.left_queues("121")

    office.do(story())
    assert [one["outcome"] for one in by(office, "queue.left")] == ["unreachable", "answered"]


def test_the_figures_are_those_of_the_log(office: VirtualOffice) -> None:
    async def story() -> None:
        provider, marta = await opens(office, "121")
        marta.rings = lambda call: call.answer()
        first, rung = await they_talk(office, provider, marta)
        waiting = await comes(provider)
        began = office.loop.time()
        await office.until(lambda: office.loop.time() > began + 30, "time passes")
        seen = report(office)
        assert (seen["waiting"], seen["longest_wait"]) == (1, pytest.approx(30, abs=1))
        assert seen["agents"][0]["state"] == "talking"
        measure(office.server.desk)
        waiting.bye()
        first.bye()
        await rung.over()
        assert report(office)["agents"][0]["state"] == "wrap_up"

    office.do(story())
    day = report(office)["today"]
    assert (day["offered"], day["answered"], day["abandoned"], day["within"]) == (2, 1, 1, 1)
    assert day["service_level"] == 0.5
    assert report(office)["agents"][0]["talk"] == pytest.approx(30, abs=2)


async def keyed(office: VirtualOffice, caller: Call, key: str) -> None:
    info = caller.inside("INFO", f"Signal={key}\r\n".encode())
    info.headers = [line for line in info.headers if line[0] != "Content-Type"]
    info.headers.append(("Content-Type", "application/dtmf-relay"))
    caller.phone.send(info)


async def one_goes_and_one_waits(
    office: VirtualOffice, provider: Phone, agent: Phone
) -> tuple[Call, Call, Call]:
    """The agent talks; a client has gone, to be called; who came after him waits."""
    agent.rings = lambda call: call.answer()
    first, rung = await they_talk(office, provider, agent)
    goes = await comes(provider)
    await keyed(office, goes, "2")
    await goes.over()
    provider.user = OTHER
    later = await comes(provider)
    provider.user = PROVIDER
    await office.until(lambda: report(office)["waiting"] == 1, "he waits behind him")
    return first, rung, later


def test_a_place_is_kept_and_the_agent_comes_first(office: VirtualOffice) -> None:
    """The client who hung up is called after him who came before, and before him who came later."""

    async def story() -> None:
        provider, marta = await opens(office, "121")
        first, rung, later = await one_goes_and_one_waits(office, provider, marta)
        assert len(office.server.desk.callbacks.items()) == 1
        assert report(office)["promised"] == 1
        marta.rings = lambda call: call.ring()
        first.bye()
        await rung.over()
        rung = await marta.rung(within=60)
        assert PROVIDER[3:] in rung.invite.get("From")
        assert not provider.got("INVITE"), "the client is called when an agent is there"
        rung.answer()
        back = await provider.rung(within=60)
        back.ring()
        back.answer()
        await office.until(lambda: office.hears(rung, back), "agent and client talk")
        talked = office.loop.time() + 8
        await office.until(lambda: office.loop.time() > talked, "a real talk")
        back.bye()
        await rung.over()
        marta.rings = lambda call: call.answer()
        rung = await marta.rung(within=60)
        await office.until(lambda: office.hears(later, rung), "who came later is next")
        await asyncio.sleep(SHORTEST_TALK)
        later.bye()
        await rung.over()

    office.do(story())
    assert not office.server.desk.callbacks.items(), "the talk has closed the item"
    rows = [office.row(call) for call in office.calls()]
    assert [row.direction for row in rows] == ["in", "in", "in", "out"]
    assert (rows[-1].result, rows[-1].number, rows[-1].called) == (Result.TALKED, "121", PROVIDER)
    day = report(office)["today"]
    assert (day["offered"], day["answered"], day["called_back"]) == (3, 2, 1)


def test_whoever_calls_again_and_is_answered_is_not_called(office: VirtualOffice) -> None:
    async def story() -> None:
        provider, marta = await opens(office, "121")
        sets(office, "121", "pause", True)
        goes = await comes(provider)
        await keyed(office, goes, "2")
        await goes.over()
        sets(office, "121", "pause", False)
        marta.rings = lambda call: call.answer(603)
        await marta.rung()  # reserved for him, and refuses
        again = await (await provider.dial(OTHER_NUMBER)).answered()
        marta.rings = lambda call: call.answer()
        await office.until(lambda: by(office, "bridge.started"), "he is answered", 60)
        talked = office.loop.time() + 8
        await office.until(lambda: office.loop.time() > talked, "a real talk")
        again.bye()
        await office.until(lambda: report(office)["promised"] == 0, "no place is left", 60)

    office.do(story())
    assert not office.server.desk.callbacks.items()


def test_who_calls_again_has_his_place_at_once_and_is_not_called(office: VirtualOffice) -> None:
    """His number would be busy: he waits on it already, before whoever came after his promise."""

    async def story() -> None:
        provider, marta = await opens(office, "121")
        first, rung, later = await one_goes_and_one_waits(office, provider, marta)
        again = await comes(provider)
        await office.until(lambda: report(office)["waiting"] == 2, "he calls again by himself")
        first.bye()
        await rung.over()
        rung = await marta.rung(within=60)
        await office.until(lambda: office.hears(again, rung), "his place was kept")
        assert not provider.got("INVITE"), "nobody calls who is on the phone with us"
        talked = office.loop.time() + 8
        await office.until(lambda: office.loop.time() > talked, "a real talk")
        again.bye()
        await rung.over()
        rung = await marta.rung(within=60)
        await office.until(lambda: office.hears(later, rung), "and then the next one")
        await asyncio.sleep(SHORTEST_TALK)
        later.bye()
        await rung.over()
        await office.until(lambda: report(office)["promised"] == 0, "no place is left", 60)
        assert not provider.got("INVITE")

    office.do(story())
    assert not office.server.desk.callbacks.items()
