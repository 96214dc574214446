"""Names across sections: that an agent is a person, that no two things share an internal number.

Names come from what is written, not from what is valid, so that a mistake inside a person's entry
does not make every mention of that person a mistake of its own.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from softswitch.office.findings import Findings, suggest
from softswitch.office.models import Office
from softswitch.office.numbers import normalize, reserved
from softswitch.office.queue import Queue
from softswitch.office.source import Path
from softswitch.office.switches import ALL
from softswitch.wording import say

# What stands beside a period's or a switch's name in a route.
_HOURS_WORDS = frozenset({"hours", "open", "closed"})
# Words that are true and false to people, and text to YAML 1.2.
_YES_OR_NO = {
    **dict.fromkeys(("yes", "on", "tak"), "true"),
    **dict.fromkeys(("no", "off", "nie"), "false"),
}
# In a test: whoever there is.
EVERYBODY = "all"

SECTIONS = (
    "people",
    "groups",
    "queues",
    "mailboxes",
    "routes",
    "hours",
    "rosters",
    "switches",
    "conferences",
)


@dataclass(frozen=True, slots=True)
class Names:
    """Everything that can be named, by section. `numbers`: internal number → (section, name)."""

    people: frozenset[str]
    groups: frozenset[str]
    queues: frozenset[str]
    mailboxes: frozenset[str]
    routes: frozenset[str]
    hours: frozenset[str]
    rosters: frozenset[str]
    switches: frozenset[str]
    conferences: frozenset[str]
    numbers: dict[str, tuple[str, str]]

    @property
    def teams(self) -> frozenset[str]:
        """Who can owe a call back."""
        return self.people | self.groups | self.queues

    @property
    def targets(self) -> list[str]:
        """All words that a target may be, for suggestions: routes first."""
        things = (self.groups, self.queues, self.mailboxes, self.conferences)
        return [word for words in (self.routes, self.people, *things) for word in sorted(words)]

    def is_target(self, word: str) -> bool:
        """Whether a route may lead there."""
        return word == "hangup" or word in self.numbers or word in self.targets


def collect(data: dict[str, Any]) -> Names:
    """Names from the file's plain values, valid or not."""
    sections = {s: data[s] if isinstance(data.get(s), dict) else {} for s in SECTIONS}
    numbers = {}
    for section in ("groups", "queues", "mailboxes", "conferences"):
        for name, entry in sections[section].items():
            if isinstance(entry, dict) and isinstance(entry.get("number"), int | str):
                numbers[str(entry["number"])] = (section, name)
    return Names(
        people=frozenset(sections["people"]),
        groups=frozenset(sections["groups"]),
        queues=frozenset(sections["queues"]),
        mailboxes=frozenset(sections["mailboxes"]),
        routes=frozenset(sections["routes"]),
        hours=frozenset(sections["hours"]),
        rosters=frozenset(sections["rosters"]),
        switches=frozenset(sections["switches"]),
        conferences=frozenset(sections["conferences"]),
        numbers=numbers,
    )


def check_names(office: Office, names: Names, findings: Findings) -> None:
    """Every word that must name something else in the file does."""
    check = _Check(names, findings)
    for extension, person in office.people.items():
        where: Path = ("people", extension)
        if person.deputy:
            check.person(person.deputy, (*where, "deputy"))
        if isinstance(person.voicemail, str):
            check.mailbox(person.voicemail, (*where, "voicemail"))
    for name, group in office.groups.items():
        check.people(group.ring, ("groups", name, "ring"), findings)
    for name, queue in office.queues.items():
        _check_queue(name, queue, check)
    for name, roster in office.rosters.items():
        for when, words in roster.items():
            for word in words:
                if word not in names.groups:
                    check.person(word, ("rosters", name, when))
    keys = _written_numbers(office, findings)
    for number, target in office.numbers.items():
        check.target(target, ("numbers", keys.get(number, number)))
    check.target(office.office.safe, ("office", "safe"))
    _check_switches(office, check)
    _check_recording(office, check)
    _check_callbacks(office, check)
    _check_outgoing(office, check)
    _check_emergency(office, check)
    _check_tests(office, check)
    _check_trunks(office, keys, findings)
    _check_internal_numbers(office, findings)


@dataclass(frozen=True, slots=True)
class _Check:
    names: Names
    findings: Findings

    def person(self, word: str, path: Path) -> None:
        if word not in self.names.people:
            known = sorted(self.names.people)
            remedy = suggest(word, known, say("add_person"))
            if word.isdecimal():  # all internal numbers look alike: who is meant cannot be guessed
                few = 0 < len(known) <= 12
                remedy = say("remove_or_add", word=word)
                if few:
                    remedy = say("remove_or_write", known=tuple(known), word=word)
            self.findings.error(path, say("no_such_person", written=word), remedy)

    def people(self, words: tuple[str, ...], path: Path, findings: Findings) -> None:
        for index, word in enumerate(words):
            here = (*path, index)
            self.person(word, here if here in findings.source.values else path)
        for word in dict.fromkeys(w for w in words if words.count(w) > 1):
            findings.error(path, say("stands_twice", word=word), say("remove_one"))

    def mailbox(self, word: str, path: Path) -> None:
        if word not in self.names.mailboxes:
            remedy = suggest(word, self.names.mailboxes, say("add_mailbox_to"))
            if word.lower() in _YES_OR_NO:
                remedy = say("write_or_mailbox", word=_YES_OR_NO[word.lower()])
            self.findings.error(path, say("no_such_mailbox", word=word), remedy)

    def known(self, word: str, code: str, words: Collection[str], path: Path) -> None:
        """`code`: the sentence that says that there is no such thing."""
        if word not in words:
            self.findings.error(path, say(code, word=word), suggest(word, sorted(words)))

    def target(self, word: str, path: Path) -> None:
        if not self.names.is_target(word):
            message = say("no_target", word=word)
            remedy = suggest(word, self.names.targets, say("add_route"))
            self.findings.error(path, message, remedy)


def _written_numbers(office: Office, findings: Findings) -> dict[str, str]:
    """Public number → the key of `numbers:` as it is written; one written twice is a mistake."""
    keys: dict[str, str] = {}
    for path in findings.source.keys:
        if len(path) == 2 and path[0] == "numbers":
            written = str(path[1])
            number = normalize(written, office.country) or written
            if number in keys:
                message = say("same_number", written=written, other=keys[number])
                findings.error(path, message, say("remove_one"), at_key=True)
            keys.setdefault(number, written)
    return keys


def _check_queue(name: str, queue: Queue, check: _Check) -> None:
    where: Path = ("queues", name)
    check.people(queue.agents, (*where, "agents"), check.findings)
    check.people(queue.supervisors, (*where, "supervisors"), check.findings)
    known = set(queue.agents)
    for index, tier in enumerate(queue.widen):
        here: Path = (*where, "widen", index, "agents")
        check.people(tier.agents, here, check.findings)
        for word in sorted(known & set(tier.agents)):
            check.findings.error(here, say("answers_before", word=word), say("remove_one"))
        known.update(tier.agents)


def _check_switches(office: Office, check: _Check) -> None:
    """What they open and close is there, and no two things are dialled or called alike."""
    codes = {code: f"codes: {name}" for name, code in office.codes.configured()}
    for name, switch in office.switches.items():
        where: Path = ("switches", name)
        for key in ("closes", "opens"):
            for word in getattr(switch, key):
                if word != ALL:
                    check.known(word, "no_hours", check.names.hours, (*where, key))
        for word in switch.who:
            if word not in check.names.groups:
                check.person(word, (*where, "who"))
        if name in office.calendar.periods or name in _HOURS_WORDS:
            message = say("meaning_beside_hours", name=name)
            check.findings.error(where, message, say("choose_another_name"), at_key=True)
        for code, owner in codes.items():
            if switch.code and (switch.code.startswith(code) or code.startswith(switch.code)):
                message = say("code_like_code", code=switch.code, other=code, owner=owner)
                check.findings.error((*where, "code"), message, say("choose_another"))
        if switch.code:
            codes[switch.code] = f"switches: {name}"


def _check_recording(office: Office, check: _Check) -> None:
    for index, policy in enumerate(office.recording):
        if policy.person is not None:
            check.person(policy.person, ("recording", index, "person"))
        if policy.queue is not None and policy.queue not in check.names.queues:
            remedy = suggest(policy.queue, check.names.queues, say("add_queue"))
            path: Path = ("recording", index, "queue")
            check.findings.error(path, say("no_such_queue", word=policy.queue), remedy)
        if policy.conference is not None and policy.conference not in office.conferences:
            remedy = suggest(policy.conference, office.conferences, say("add_conference"))
            path = ("recording", index, "conference")
            check.findings.error(path, say("no_such_conference", word=policy.conference), remedy)
        for word in policy.hear:
            if word not in check.names.groups:
                check.person(word, ("recording", index, "hear"))


def _check_callbacks(office: Office, check: _Check) -> None:
    names, section = check.names, office.callbacks
    if section.owner is not None:
        check.known(section.owner, "no_such_team", names.teams, ("callbacks", "owner"))
    if section.hours is not None:
        check.known(section.hours, "no_such_hours", names.hours, ("callbacks", "hours"))


def _check_outgoing(office: Office, check: _Check) -> None:
    """Its people are there, and money has a price."""
    rules = office.outgoing
    limited = [("person",), ("office",), *(("people", one) for one in rules.people)]
    for extension in rules.people:
        check.person(extension, ("outgoing", "people", extension))
    for where in limited:
        limits = rules.people[where[1]] if len(where) == 2 else getattr(rules, where[0])
        if limits.money is not None and not rules.tariff:
            message = say("no_tariff")
            remedy = say("write_tariff")
            check.findings.error(("outgoing", *where, "money"), message, remedy)


def _check_emergency(office: Office, check: _Check) -> None:
    names, rules = check.names, office.emergency
    for index, word in enumerate(rules.tell):
        here: Path = ("emergency", "tell", index)
        path = here if here in check.findings.source.values else here[:2]
        check.known(word, "no_such_team", names.teams, path)
    for name, place in rules.places.items():
        if not place.networks and name not in office.people:
            message = say("place_without_phones", name=name)
            remedy = say("write_networks")
            check.findings.error(("emergency", "places", name), message, remedy, at_key=True)


def _check_tests(office: Office, check: _Check) -> None:
    names = check.names
    routes = {*names.routes, "hangup"}
    for name, case in office.tests.items():
        where: Path = ("tests", name)
        for key in ("busy", "away", "silent", "logged_out"):
            for word in getattr(case, key):
                if word != EVERYBODY and word not in names.groups:
                    check.person(word, (*where, key))
        for word in case.on:
            check.known(word, "no_such_switch", names.switches, (*where, "on"))
        for word in case.full:
            check.known(word, "no_such_queue", names.queues, (*where, "full"))
        for word in case.through:
            check.known(word, "no_such_route", routes, (*where, "through"))
        for key, one in (("with", case.with_), ("client", case.client), ("recent", case.recent)):
            if one is not None:
                check.person(one, (*where, key))
        for key, target in (("in", case.in_), ("to", case.to)):
            if target is not None and normalize(target, office.country) not in office.numbers:
                check.target(target, (*where, key))


def _check_trunks(office: Office, keys: dict[str, str], findings: Findings) -> None:
    owners: dict[str, str] = {}
    for name, trunk in office.trunks.items():
        for index, number in enumerate(trunk.numbers):
            path: Path = ("trunks", name, "numbers", index)
            if number in owners:
                message = say("number_of_other_trunk", number=number, trunk=owners[number])
                findings.error(path, message, say("number_one_trunk"))
            owners.setdefault(number, name)
            if number not in office.numbers:
                remedy = say("add_to_numbers", number=number, safe=office.office.safe)
                message = say("nothing_for_number", number=number)
                findings.warning(path, message, remedy)
    for number in office.numbers:
        if number.startswith("+") and owners and number not in owners:
            at: Path = ("numbers", keys.get(number, number))
            message = say("no_trunk_brings", number=number)
            findings.warning(at, message, say("add_to_trunk"), at_key=True)


def _check_internal_numbers(office: Office, findings: Findings) -> None:
    owners: dict[str, str] = {}
    for number, owner, path, at_key in _owned_numbers(office):
        reason = reserved(number, office.country)
        if reason:
            message = say("hides_reserved", number=number)
            remedy = say("reserved_choose", reason=reason)
            findings.error(path, message, remedy, at_key=at_key)
        elif number in owners:
            message = say("internal_number_taken", number=number, owner=owners[number])
            findings.error(path, message, say("choose_another"), at_key=at_key)
        owners.setdefault(number, owner)


def _owned_numbers(office: Office) -> list[tuple[str, str, Path, bool]]:
    """Every internal number, whose it is, and where that is written."""
    owned: list[tuple[str, str, Path, bool]] = [
        (ext, f"{person.name}", ("people", ext), True) for ext, person in office.people.items()
    ]
    for section, what, entries in (
        ("groups", "group", office.groups),
        ("queues", "queue", office.queues),
        ("mailboxes", "mailbox", office.mailboxes),
        ("switches", "switch", office.switches),
        ("conferences", "conference", office.conferences),
    ):
        for name, entry in entries.items():
            if entry.number is not None:
                owner = say(f"owner_{what}", name=name)
                owned.append((entry.number, owner, (section, name, "number"), False))
    for number in office.numbers:
        if not number.startswith("+"):
            owned.append((number, "numbers", ("numbers", number), True))
    if office.parking is not None and "slots" in office.parking.model_fields_set:
        where: Path = ("parking", "slots")
        owned += [(slot, say("owner_parking"), where, False) for slot in office.parking.slots]
    if "echo" in office.services.model_fields_set and office.services.echo:
        owned.append((office.services.echo, say("owner_echo"), ("services", "echo"), False))
    return owned
