"""Random offices and random calls to them, all from one seed.

An office here is many small ones in one file, so that one server serves many calls at once: each
`Pair` has a public number, people, a queue, a mailbox and routes of its own, and only `safe:` and
the hours are common. Every wait is a second or two. Routes lead forward, and back only by a key of
the caller's. `Pair` also says what the world does: who is away, busy, silent, which keys are
pressed, whether a message is left.
"""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Warsaw")
PROMPTS = ("welcome", "menu_main", "closed", "leave_message", "mailbox_greeting", "queue_wait")
PROMPTS += ("queue_still", "message_saved", "invalid_key", "echo_test", "callback_ask", "number_3")
PROMPTS += ("callback_confirmed", "extension", "spell_name", "number_not_in_service", "press")
PROMPTS += ("press_one_to_accept", "enter_password")
# Stands in the file where the address of the other system will be, which every webhook asks.
SYSTEM = "http://other.system"
ANSWERS = ("vip", "usual", None)
# Their keys are 2, 3, 4 and 5, so one key says whose name is spelled.
SURNAMES = ("Adamska", "Dudek", "Górska", "Jurek")
SAFE_BOX = "common"
HOURS = ("h0", "h1", "h2")
PERIOD = "break"
# Agents ring so long in a queue; a wait in it stays this far from where the outcome would tip.
RING_FOR, MARGIN = 1.0, 2.0
# Who answers does so at once; this is what the machine has for it.
RING = "2s"


class Mood(StrEnum):
    """What somebody's phone does when it rings."""

    ANSWERS = "answers"
    SILENT = "silent"
    BUSY = "busy"
    AWAY = "away"


@dataclass(slots=True)
class Pair:
    """A small office inside the big one, and one call to it."""

    index: int
    moods: dict[str, Mood] = field(default_factory=dict)
    sections: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: str = ""
    leaves_message: bool = True
    full: str | None = None  # a queue without a free place
    is_served: bool = False  # whether somebody answers who waits in the queue
    caller_ends_talk: bool = True
    answer: str | None = None  # of the other system
    client: str | None = None  # the caller's line in the file of clients
    meets: str | None = None  # a conference in which somebody waits for him

    @property
    def caller(self) -> str:
        """Who calls."""
        return f"+4860{2000000 + self.index}"

    @property
    def outside(self) -> str:
        """Where a forward leads: somebody answers there, and presses the key."""
        return f"+4860{3000000 + self.index}"

    @property
    def meeting(self) -> str:
        """The number by which somebody else comes to the conference."""
        return f"+4822{7000000 + self.index}"

    @property
    def number(self) -> str:
        """Whom the caller calls."""
        return f"+4822{5000000 + self.index}"

    @property
    def filler(self) -> str:
        """The number by which somebody else takes the only place of the full queue."""
        return f"+4822{6000000 + self.index}"

    def who(self, *moods: Mood) -> frozenset[str]:
        return frozenset(one for one, mood in self.moods.items() if mood in moods)

    def __str__(self) -> str:
        moods = ", ".join(f"{one} {mood}" for one, mood in self.moods.items())
        written = "\n".join(f"  {name}: {json.dumps(it)}" for name, it in self.sections.items())
        return (
            f"{self.number}: {moods}; keys {self.keys!r}, full {self.full}, "
            f"message {self.leaves_message}\n{written}"
        )


def make_pairs(chance: random.Random, first: int, count: int) -> list[Pair]:
    return [_Maker(chance, first + index).pair for index in range(count)]


def office_text(chance: random.Random, pairs: list[Pair], trunk: str, at: datetime) -> str:
    """The whole office file. No hours begin or end within an hour of `at`."""
    sections: dict[str, dict[str, Any]] = {
        "office": {"name": "Losowa", "safe": chance.choice(["safe_say", "safe_busy", SAFE_BOX])},
        "hours": {name: _hours(chance, at) for name in HOURS},
        "mailboxes": {SAFE_BOX: {"mail": "biuro@kancelaria.example"}},
        "routes": {
            "safe_say": {"play": "closed", "then": SAFE_BOX},
            "safe_busy": {"hangup": "busy"},
        },
    }
    if chance.random() < 0.5:
        period = {"from": f"{at - timedelta(1):%Y-%m-%d}", "to": f"{at + timedelta(1):%Y-%m-%d}"}
        hours = chance.sample(HOURS, 2)
        sections["calendar"] = {"periods": {PERIOD: {**period, "hours": hours}}}
    else:
        later = {"from": "2099-01-01", "to": "2099-01-02"}
        sections["calendar"] = {"periods": {PERIOD: later}}
    for pair in pairs:
        for name, entries in pair.sections.items():
            sections.setdefault(name, {}).update(entries)
    sections["trunks"] = {"operator": {"server": trunk, "numbers": list(sections["numbers"])}}
    return "".join(_written(sections)) + (
        "secrets: secrets.yaml\nprompts: prompts\ncontacts: clients.csv\n"
    )


def clients_text(pairs: list[Pair]) -> str:
    """The file of clients."""
    return "number;name;caretaker\n" + "".join(f"{p.client}\n" for p in pairs if p.client)


def _written(sections: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for name, entries in sections.items():
        yield f"{name}:\n"
        for key, value in entries.items():
            yield f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}\n"


def _hours(chance: random.Random, at: datetime) -> str:
    """Open now or not, but for an hour to come."""
    hour = at.astimezone(ZONE).hour
    far = [h for h in range(24) if 2 <= (h - hour) % 24 <= 22]
    begin, end = chance.sample(far, 2)  # over midnight, too
    is_near_midnight = hour in (0, 23)
    days = "Mo-Su" if is_near_midnight else chance.choice(["Mo-Su", "Mo-Fr", "Sa-Su", "Mo,We,Fr"])
    return f"{days} {begin:02}:00-{end:02}:00"


class _Maker:
    """Makes one pair."""

    def __init__(self, chance: random.Random, index: int) -> None:
        self._chance = chance
        self.pair = pair = Pair(index)
        moods = chance.choices(list(Mood), (3, 3, 2, 2), k=chance.randint(2, 4))
        pair.moods = {f"{20000 + 10 * index + n}": mood for n, mood in enumerate(moods)}
        self._people = list(pair.moods)
        pair.keys = "".join(chance.choices("1234-", (4, 3, 2, 1, 2), k=chance.randint(0, 4)))
        pair.leaves_message = chance.random() < 0.7
        pair.caller_ends_talk = chance.random() < 0.5
        pair.answer = chance.choice(ANSWERS)
        caretaker = chance.choice(["", self._people[0]])
        pair.client = chance.choice([None, f"{pair.caller};Klient {index};{caretaker}"])
        self._group, self._queue = f"g{index}", f"q{index}"
        self._box, self._roster = f"m{index}", f"r{index}"
        self._sections()
        self._routes()

    def _sections(self) -> None:
        chance, pair = self._chance, self.pair
        voicemail = chance.choice([True, False])
        pair.sections = {
            "people": {
                one: {"name": f"Osoba {surname}", "voicemail": voicemail}
                for one, surname in zip(self._people, SURNAMES, strict=False)
            },
            "groups": {self._group: self._make_group()},
            "queues": {self._queue: self._make_queue()},
            "mailboxes": {self._box: {"mail": "biuro@kancelaria.example"}},
            "numbers": {pair.number: self._node(0)},
            "routes": {},
        }
        if pair.full is not None:
            pair.sections["numbers"][pair.filler] = self._queue

    def _make_group(self) -> dict[str, Any]:
        self._ringing = self._some_people()
        return {"ring": self._ringing, "how": self._chance.choice(["together", "in_order"])}

    def _make_queue(self) -> dict[str, Any]:
        chance, pair = self._chance, self.pair
        agents = self._some_people()
        if chance.random() < 0.6:  # who rings in vain comes before who answers
            agents.sort(key=lambda one: pair.moods[one] is not Mood.SILENT)
        how = chance.choice(["in_order", "in_order", "longest_idle", "together"])
        made = {"agents": agents, "how": how, "ring_for": f"{RING_FOR:g}s"}
        moods = [pair.moods[agent] for agent in agents]
        pair.is_served = Mood.ANSWERS in moods
        if pair.is_served:
            before = moods[: moods.index(Mood.ANSWERS)]
            if how == "in_order" and Mood.SILENT in before and chance.random() < 0.5:
                pair.is_served = False  # the first one rings all the time
                return {**made, "ring_for": "20s", "longest_wait": "1s"}
            longest = RING_FOR * moods.count(Mood.SILENT) + MARGIN
            return {**made, "longest_wait": f"{longest:g}s"}
        if {Mood.SILENT, Mood.BUSY} & set(moods) and chance.random() < 0.4:
            pair.full = self._queue
            return {**made, "longest_wait": "5m", "places": 1}
        return {**made, "longest_wait": f"{chance.choice([1, 2])}s"}

    def _some_people(self) -> list[str]:
        return self._chance.sample(self._people, self._chance.randint(1, len(self._people)))

    # --- the routes ---

    def _node(self, place: int) -> str:
        return f"n{self.pair.index}_{place}"

    def _routes(self) -> None:
        chance = self._chance
        self._count = chance.randint(3, 6)
        makers = {
            self._play: 2,
            self._menu: 3,
            self._by_hours: 2,
            self._ring: 4,
            self._wait: 3,
            self._goto: 1,
            self._say: 1,
            self._collect: 1,
            self._spell: 1,
            self._contact: 2,
            self._caretaker: 1,
            self._set: 1,
            self._switch: 1,
            self._on_duty: 1,
            self._ask_system: 1,
            self._offer_callback: 2,
            self._forward: 1,
            self._confer: 1,
        }
        routes = self.pair.sections["routes"]
        for place in range(self._count - 1):
            make = chance.choices(list(makers), list(makers.values()))[0]
            routes[self._node(place)] = make(place)
        last: list[dict[str, Any]] = [{"voicemail": self._box}, {"hangup": "busy"}]
        routes[self._node(self._count - 1)] = chance.choice(last)

    def _target(self, place: int) -> str:
        """Somewhere later: mostly the next node or one after it."""
        chance = self._chance
        if chance.random() < 0.8:
            return self._node(min(place + chance.choice([1, 1, 2]), self._count - 1))
        return chance.choice(self._ends())

    def _ends(self) -> list[str]:
        """What a target may name besides a route; nobody rings for twenty seconds there."""
        moods = self.pair.moods
        quick = [one for one in self._people if moods[one] is not Mood.SILENT]
        group = [self._group] if Mood.SILENT not in [moods[a] for a in self._ringing] else []
        return [self._box, self._queue, *quick, *group]

    def _some(self, place: int, *outcomes: str) -> dict[str, str]:
        """Targets for most of these outcomes; the others lead to `safe:`."""
        written = [outcome for outcome in outcomes if self._chance.random() < 0.8]
        return {outcome: self._target(place) for outcome in written}

    def _play(self, place: int) -> dict[str, Any]:
        prompts = self._chance.sample(["welcome", "closed"], self._chance.randint(1, 2))
        return {"play": prompts, "then": self._target(place)}

    def _menu(self, place: int) -> dict[str, Any]:
        chance = self._chance
        node: dict[str, Any] = {
            "menu": "menu_main",
            "first": "1.5s",
            "repeats": chance.randint(0, 1),
            **self._some(place, "no_key", "wrong_key"),
            "1": self._target(place),
        }
        if chance.random() < 0.5:
            said = f"said{self.pair.index}_{place}"
            self.pair.sections["routes"][said] = {"play": "closed", "then": "hangup"}
            node["2"] = said
        if chance.random() < 0.5:
            node["3"] = self._node(chance.randint(0, place))  # hear it once more
        return node

    def _by_hours(self, place: int) -> dict[str, Any]:
        node = {"hours": self._chance.choice(HOURS)}
        node |= {"open": self._target(place), "closed": self._target(place)}
        return {**node, **self._some(place, PERIOD)} if self._chance.random() < 0.5 else node

    def _ring(self, place: int) -> dict[str, Any]:
        chance = self._chance
        way = chance.choice(["person", "people", "group", "both", "roster"])
        ring: Any = chance.choice(self._people)
        if way == "people":
            ring = self._some_people()
        elif way == "group":
            ring = self._group
        elif way == "both":
            ring = [self._group, ring]
        elif way == "roster":
            ring = f"roster {self._roster}"
            self._make_roster()
        missed = self._some(place, "no_answer", "busy", "unreachable", "declined")
        return {"ring": ring, "for": RING, **missed}

    def _wait(self, place: int) -> dict[str, Any]:
        chance = self._chance
        node = {"queue": self._queue, **self._some(place, "too_long", "full", "no_agents")}
        if chance.random() < 0.3:
            node["priority"] = "high"
        if chance.random() < 0.5:
            node["key_" + chance.choice("12")] = self._target(place)
        return node

    def _goto(self, place: int) -> dict[str, Any]:
        return {"goto": self._target(place)}

    def _make_roster(self) -> None:
        rosters = self.pair.sections.setdefault("rosters", {})
        duty = {"Mo-Su 00:00-24:00": self._some_people(), "otherwise": self._some_people()}
        rosters.setdefault(self._roster, duty)

    def _say(self, place: int) -> dict[str, Any]:
        return {"say": self._chance.choice([["closed", 3], "welcome"]), "then": self._target(place)}

    def _collect(self, place: int) -> dict[str, Any]:
        made = {"collect": "extension", "digits": 2, "first": "1.5s", "between": "1.5s"}
        ways = {"then": self._target(place), "12": self._target(place)}
        return {
            **made,
            "repeats": self._chance.randint(0, 1),
            **ways,
            **self._some(place, "no_digits"),
        }

    def _spell(self, place: int) -> dict[str, Any]:
        made = {
            "dial_by_name": "spell_name",
            "among": self._quick() or self._people,
            "first": "1.5s",
        }
        made |= {"repeats": self._chance.randint(0, 1)}
        return {**made, **self._some(place, "no_digits", "nobody")}

    def _quick(self) -> list[str]:
        """Who rings for twenty seconds in vain is not spelled."""
        return [one for one in self._people if self.pair.moods[one] is not Mood.SILENT]

    def _contact(self, place: int) -> dict[str, Any]:
        asked = self._chance.choice(["known", "caretaker"])
        return {"contact": asked, "found": self._target(place), "unknown": self._target(place)}

    def _caretaker(self, place: int) -> dict[str, Any]:
        missed = self._some(place, "no_answer", "busy", "unreachable", "declined")
        return {"ring": "caretaker", "for": RING, **missed}

    def _switched(self) -> str:
        name = f"s{self.pair.index}"
        self.pair.sections.setdefault("switches", {}).setdefault(name, {})
        return name

    def _set(self, place: int) -> dict[str, Any]:
        to = self._chance.choice(["on", "off", "turn"])
        return {"set": self._switched(), "to": to, "then": self._target(place)}

    def _switch(self, place: int) -> dict[str, Any]:
        ways = {"on": self._target(place), "off": self._target(place)}
        return {"switch": self._switched(), **ways}

    def _on_duty(self, place: int) -> dict[str, Any]:
        self._make_roster()
        first = self.pair.sections["rosters"][self._roster]["Mo-Su 00:00-24:00"][0]
        ways = {"other": self._target(place)}
        if self._chance.random() < 0.7:
            ways[first] = self._target(place)
        return {"roster": self._roster, **ways}

    def _ask_system(self, place: int) -> dict[str, Any]:
        ways = {"vip": self._target(place), "failed": self._target(place)}
        return {"webhook": f"{SYSTEM}/route", "timeout": "5s", **ways}

    def _offer_callback(self, place: int) -> dict[str, Any]:
        missed = self._some(place, "declined", "no_key", "withheld")
        return {"callback": self._queue, "first": "1.5s", **missed}

    def _forward(self, place: int) -> dict[str, Any]:
        return {
            "forward": self.pair.outside,
            "for": "20s",
            **self._some(place, "no_answer", "busy"),
        }

    def _confer(self, place: int) -> dict[str, Any]:
        name = self.pair.meets = f"c{self.pair.index}"
        self.pair.sections.setdefault("conferences", {})[name] = {}
        self.pair.sections["numbers"][self.pair.meeting] = name
        return {"conference": name, **self._some(place, "alone", "full")}
