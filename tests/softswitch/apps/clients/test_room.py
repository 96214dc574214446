"""Callers looked up elsewhere: in order, within 300 ms, remembered, and without those that fail."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from softswitch.apps.clients import room
from softswitch.apps.clients.room import Clients
from softswitch.apps.clients.source import Question, SourceFailed
from softswitch.apps.webhook import Webhooks
from softswitch.office.contact_sources import ContactSource
from softswitch.office.loader import LoadedOffice, parse_office
from tests.helpers.http_system import http_system

NUMBER, OTHER, MAIN = "+48600100200", "+48600100201", "+48221234567"
TEXT = """
office: {{name: Office, safe: leave}}
contacts: {contacts}
people: {{101: {{name: Anna}}, 110: {{name: Jan, email: jan@kancelaria.example}}}}
mailboxes: {{all: {{mail: a@b.example}}}}
routes: {{leave: {{voicemail: all}}}}
"""
CRM, REGISTER = '{http: "http://crm.example/a"}', '{http: "http://register.example/b"}'


class Fake:
    """A system that says what a test wants."""

    kind, where = "http", "crm.example"

    def __init__(self, told: Mapping[str, object] | None = None) -> None:
        self.told, self.seconds, self.is_broken = told, 0.0, False
        self.asked: list[str] = []
        self.is_closed = False

    async def ask(self, question: Question, seconds: float) -> Mapping[str, object] | None:
        self.asked.append(question.number)
        await asyncio.sleep(self.seconds)
        if self.is_broken:
            raise SourceFailed("down")
        return self.told

    def close(self) -> None:
        self.is_closed = True


class Desk:
    """Clients with fakes, and a clock to turn."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.fakes: dict[str, Fake] = {"crm.example": Fake(), "register.example": Fake()}
        self.clients = Clients(Webhooks(), lambda: self.now)
        patch.setattr(Clients, "_made", lambda _self, config, _loaded: self._fake(config))
        self.crm, self.register = self.fakes.values()

    def _fake(self, config: ContactSource) -> Fake:
        return self.fakes[(config.http or "").split("/")[2]]

    async def name(self, loaded: LoadedOffice, number: str | None = NUMBER) -> str | None:
        found = await self.clients.find(loaded, number, MAIN)
        return None if found is None else found.name


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(monkeypatch)


def office(folder: Path, *contacts: str) -> LoadedOffice:
    (folder / "clients.csv").write_text(f"number;name;caretaker\n{NUMBER};By file;101\n")
    return parse_office(TEXT.format(contacts=f"[{', '.join(contacts)}]"), folder=folder)


async def test_sources_are_asked_in_the_order_of_the_file(tmp_path: Path, desk: Desk) -> None:
    desk.register.told = {"name": "By register"}
    loaded = office(tmp_path, CRM, REGISTER, "clients.csv")
    assert await desk.name(loaded) == "By register"
    assert desk.crm.asked == [NUMBER]
    first = office(tmp_path, "clients.csv", CRM)
    assert await desk.name(first) == "By file"
    assert desk.crm.asked == [NUMBER], "the file knew him: nobody else is asked"
    assert desk.register.is_closed and not desk.crm.is_closed
    assert await desk.name(first, None) is None, "a withheld number is nobody's"
    assert desk.crm.asked == [NUMBER]


async def test_who_is_slow_is_not_waited_for_and_heard_next_time(
    tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "LIMIT", 0.02)
    desk.crm.told, desk.crm.seconds = {"name": "Late"}, 0.1
    loaded = office(tmp_path, CRM, "clients.csv")
    assert await desk.name(loaded) == "By file"
    assert desk.clients.dump() == {"contact questions": 1}
    assert await desk.name(loaded) == "By file", "one question at a time about one number"
    while desk.clients.dump()["contact questions"]:
        await asyncio.sleep(0.01)
    assert await desk.name(loaded) == "Late"
    assert desk.crm.asked == [NUMBER]


async def test_what_was_told_is_remembered_for_a_while(tmp_path: Path, desk: Desk) -> None:
    loaded = office(tmp_path, CRM)
    assert await desk.name(loaded) is None
    desk.crm.told = {"name": "New"}
    desk.now = room.UNKNOWN_FOR - 1
    assert await desk.name(loaded) is None
    desk.now = room.UNKNOWN_FOR
    assert await desk.name(loaded) == "New"
    desk.crm.told = {"name": "Newer"}
    desk.now += room.KNOWN_FOR - 1
    assert await desk.name(loaded) == "New"
    desk.now += 1
    assert await desk.name(loaded) == "Newer"
    same = replace(loaded)  # a reload with the same system
    assert await desk.name(same) == "Newer" and desk.crm.asked == [NUMBER] * 3


async def test_who_is_away_is_left_alone_and_what_he_said_counts(
    tmp_path: Path, desk: Desk
) -> None:
    desk.crm.told = {"name": "Known"}
    loaded = office(tmp_path, CRM)
    assert await desk.name(loaded) == "Known"
    desk.crm.is_broken, desk.now = True, room.KNOWN_FOR + 1
    assert await desk.name(loaded) == "Known"
    for _ in range(room.FAILURES):
        assert await desk.name(loaded, OTHER) is None
    assert len(desk.crm.asked) == 1 + room.FAILURES, "then nobody waits for it"
    assert await desk.name(loaded) == "Known"
    desk.now += room.REST
    desk.crm.is_broken = False
    assert await desk.name(loaded, OTHER) == "Known"
    assert len(desk.crm.asked) == 2 + room.FAILURES


async def test_memory_is_bounded(
    tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST_KEPT", 3)
    loaded = office(tmp_path, CRM)
    for number in range(10):
        await desk.name(loaded, f"+4860010020{number}")
    assert len(desk.clients._asked[0].kept) == 3


async def test_the_end_ends_what_is_asked(tmp_path: Path, desk: Desk) -> None:
    desk.crm.seconds = 60.0
    await desk.name(office(tmp_path, CRM))
    await desk.clients.close()
    assert desk.clients.dump() == {"contact questions": 0} and desk.crm.is_closed


@pytest.mark.parametrize(
    ("status", "answer", "name", "caretaker", "card"),
    [
        (
            200,
            {"name": "Żółw", "caretaker": "110", "card": "https://c.pl/7"},
            *("Żółw", "110", "https://c.pl/7"),
        ),
        (200, {"name": "Tajny", "privileged": True}, "Tajny", None, None),
        (200, {"name": "Żółw", "caretaker": "JAN@kancelaria.example"}, "Żółw", "110", None),
        (200, {"name": "A\r\nVia: x" + "y" * 200, "card": "https://x/\r\nVia"}, "A", None, None),
        (200, {"name": "Żółw", "caretaker": 999, "card": "javascript:a()"}, "Żółw", None, None),
        (404, {}, None, None, None),
        (200, {}, None, None, None),
        (500, {"name": "Żółw"}, None, None, None),
        (200, ["Żółw"], None, None, None),
    ],
)  # fmt: skip
async def test_a_crm_by_http(
    tmp_path: Path,
    status: int,
    answer: object,
    name: str | None,
    caretaker: str | None,
    card: str | None,
) -> None:
    async with http_system("/who") as system:
        system.status, system.answer = status, json.dumps(answer).encode()
        loaded = office(tmp_path, f'{{http: "{system.url}", secret: key}}')
        webhooks = Webhooks()
        clients = Clients(webhooks, lambda: 0.0)
        clients.use(loaded)
        found = await clients.find(loaded, NUMBER, MAIN)
        headers, body = system.asked[0]
        await clients.close()
        await webhooks.close()
    assert json.loads(body) == {"number": NUMBER, "called": MAIN}
    assert len(headers["x-softswitch-signature"]) == 64
    if name is None:
        assert found is None
    else:
        assert found is not None and found.name.startswith(name) and len(found.name) <= 80
        assert found.name.isprintable()
        assert (found.caretaker, found.card) == (caretaker, card)
        assert found.is_privileged == (name == "Tajny")
