"""Offices that look real, of any size: departments with queues and teams, two menus, a night line.

Every outcome is written, so that cutting any of them can be seen; what varies with the size is how
many people, departments and direct numbers there are.
"""

from collections.abc import Iterator

# Department: queue and team each; a second menu takes those that do not fit into the first.
_DEPARTMENTS = (
    "sales", "accounts", "payroll", "tax", "legal", "support", "it", "debt", "audit", "advice",
    "imports", "exports",
)  # fmt: skip
_FIRST_MENU, _SECOND_MENU = 3, 4


def office_text(people: int) -> str:
    """The office file of an office with so many people; 12 at least."""
    departments = _DEPARTMENTS[: max(2, min(7, people // 6))]
    extensions = [str(1001 + n) for n in range(people)]
    direct = extensions[:: max(1, people // 20)][:20]
    own = [f'"+48 22 100 00 {n:02}"' for n in range(2)]
    own += [f'"+48 22 100 01 {n:02}"' for n in range(len(direct))]
    return "\n".join(
        [
            "office: {name: Spółka, safe: message, longest_way: 16m}",
            "hours:",
            '  office: "Mo-Fr 08:00-16:00; PH off"',
            '  support: "Mo-Fr 07:00-20:00; Sa 09:00-13:00; PH off"',
            "calendar:",
            "  free: {2027-01-02: za 15 sierpnia}",
            "  periods: {christmas: {from: 2026-12-28, to: 2026-12-31, reason: przerwa}}",
            "switches:",
            "  early: {code: '*28', number: 801, closes: [office], reason: zebranie}",
            "people:",
            *(f'  {e}: {{name: "Osoba {e}", email: o{e}@spolka.example}}' for e in extensions),
            "groups:",
            *_sections(departments, extensions, "{{number: 3{n:02}, ring: [{who}]}}", "team"),
            "queues:",
            "  desk: {number: 500, agents: [1001, 1002], longest_wait: 3m}",
            *_sections(departments, extensions, "{{number: 4{n:02}, agents: [{who}]}}", "queue"),
            "rosters:",
            '  night: {"Mo-Th 16:00-08:00": 1001, "Fr 16:00 - Mo 08:00": [1002, 1003],'
            " otherwise: 1004}",
            "mailboxes:",
            "  office: {mail: biuro@spolka.example}",
            *(f"  box_{name}: {{mail: {name}@spolka.example}}" for name in departments),
            "trunks:",
            f"  operator: {{server: sip.operator.example, numbers: [{', '.join(own)}]}}",
            "numbers:",
            '  "+48 22 100 00 00": welcome',
            '  "+48 22 100 00 01": english',
            *(f"  {number}: {e}" for number, e in zip(own[2:], direct, strict=True)),
            "routes:",
            *_routes(departments),
        ]
    )


def _sections(
    departments: tuple[str, ...], extensions: list[str], pattern: str, prefix: str
) -> Iterator[str]:
    share = max(2, len(extensions) // len(departments))
    for n, name in enumerate(departments):
        who = ", ".join(extensions[n * share : (n + 1) * share][:12] or extensions[:2])
        yield f"  {prefix}_{name}: {pattern.format(n=n, who=who)}"


def _routes(departments: tuple[str, ...]) -> Iterator[str]:
    first, second = departments[:_FIRST_MENU], departments[_FIRST_MENU:]
    more = ", 4: more" if second else ""
    keys = ", ".join(f"{n}: {name}" for n, name in enumerate(first, 1))
    yield "  welcome: {play: welcome, then: opening}"
    yield "  english: {language: en, then: opening}"
    yield "  opening: {hours: office, open: menu, closed: closed, christmas: break}"
    yield "  break: {play: closed, then: by_duty}"
    yield "  by_duty: {roster: night, 1001: night, other: message}"
    yield f"  menu: {{menu: menu_main, {keys}{more}, 5: spell, no_key: desk, wrong_key: desk}}"
    if second:
        keys = ", ".join(f"{n}: {name}" for n, name in enumerate(second[:_SECOND_MENU], 1))
        yield f"  more: {{menu: menu_main, {keys}, no_key: desk, wrong_key: desk}}"
    yield "  spell: {dial_by_name: spell_name, among: [1001, 1002], no_digits: ask, nobody: ask}"
    yield "  ask: {collect: extension, dial: true, no_digits: desk, wrong_number: desk}"
    for name in departments:
        yield (
            f"  {name}: {{queue: queue_{name}, key_1: c_{name}, too_long: t_{name}, "
            f"full: t_{name}, no_agents: m_{name}}}"
        )
        yield (
            f"  t_{name}: {{ring: team_{name}, for: 20s, no_answer: m_{name}, busy: m_{name}, "
            f"unreachable: m_{name}, declined: m_{name}}}"
        )
        yield (
            f"  c_{name}: {{callback: queue_{name}, declined: {name}, no_key: m_{name}, "
            f"withheld: m_{name}}}"
        )
        yield f"  m_{name}: {{voicemail: box_{name}}}"
    yield "  desk: {queue: desk, too_long: message, full: message, no_agents: message}"
    yield "  closed: {play: closed, then: support_open}"
    yield "  support_open: {hours: support, open: night_menu, closed: message}"
    yield "  night_menu: {menu: menu_closed, 5: night, no_key: message, wrong_key: message}"
    yield (
        "  night: {ring: roster night, for: 25s, no_answer: outside, busy: outside, "
        "unreachable: outside, declined: outside}"
    )
    yield (
        '  outside: {forward: "+48 600 100 200", for: 30s, no_answer: message, busy: message, '
        "unreachable: message, declined: message}"
    )
    yield "  message: {voicemail: office}"
