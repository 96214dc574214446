"""The sentences of the manual that no declaration holds: how the parts belong together."""

HEAD = """
# The office file

One YAML file describes a whole office. `softswitch check office.yaml` proves that no caller is
lost, `softswitch simulate` asks what would happen, `softswitch test` makes the calls that must go
right, `softswitch diff` says what a change changes, `softswitch graph` draws it, and
`softswitch run` runs it. This page is written from the declarations that the loader itself uses
(`softswitch schema --manual`); `softswitch schema` gives the same to an editor as JSON Schema, with
`--lang pl` in Polish (`softswitch schema --lang pl > office.schema.json`):

```yaml
# yaml-language-server: $schema=office.schema.json
```

Values are written as people say them: lengths of time with a unit (`20s`, `5m`, `1m30s`, `90d`),
telephone numbers in international form **in quotes** (`"+48 22 123 45 67"`), internal numbers as
two to six digits. Where a list is meant, one entry may stand without brackets. Anchors and merge
keys of YAML work; sections that begin with `x-` are the author's own.

`softswitch init` asks a few questions and writes a file to begin with.

## Sections
"""

ROUTES = """
## Routes

A route is one step: a verb, its options, and outcomes that say where the caller goes next.

```yaml
routes:
  welcome: {play: welcome, then: opening}
  opening: {hours: office, open: reception, closed: message}
  reception: {queue: reception, too_long: message, full: message, no_agents: message}
  message: {voicemail: reception}
```

A target is the name of a route, an internal number, or the name of a group, queue or mailbox; a
route comes before a queue of the same name. `hangup` is a target too. An outcome without a target
leads to `safe:`, so forgetting one loses nobody; the check refuses what goes in a circle, ends
without a word, or never comes to an end.
"""

TAIL = """
## What the check proves

- Every path from every number ends with a human, a message, a promised call back, a busy signal
  that somebody wrote, or an announcement that the caller asked for by a key.
- Nobody goes in a circle but by his own keys.
- However badly things go, a caller reaches a human or a mailbox within `longest_way`. Ringing
  times, longest waits, repeated menus and the real lengths of the prompts are added up.
- Prompts and music exist, can be decoded and are not silent.
- Hours change within two years (or are plainly `24/7`), and do not forget public holidays.
- Somebody is on duty by every roster at every minute of two years, and only one entry says who.
- Names, numbers and passwords are there; what nothing leads to is a warning.

A finding names file, line and column, the way the caller goes, and what to write instead.
"""

NOTES = {
    "include": """
The sections of all files together are the office; `people:` may stand in two of them, the person
101 in one only. Every file is watched, belongs to each version, and comes back with a rollback.

In every value `${NAME}` is taken from the environment, `${NAME:-value}` too if it is set there, and
`${secret:NAME}` is the content of the file `NAME` in systemd's credentials (`LoadCredential=`), in
`/run/secrets`, or in `secrets/` beside the office file. No message and no version shows it. `$${`
stays `${`.
""",
    "hours": """
A rule is the `opening_hours` language of OpenStreetMap: `Mo-Fr 08:00-16:00; PH off`,
`Apr 20-30 Mo-Fr 08:00-20:00`, `Dec 31 08:00-12:00 "inventory"`. `PH` are the country's public
holidays, for Poland with 24 December since 2025. Later parts overrule earlier ones. Times are those
of the clock on the wall, also in the nights when it changes.
""",
    "calendar": """
```yaml
calendar:
  free: {2027-01-02: za 15 sierpnia, 2027-05-04: }
  periods:
    christmas: {from: 2026-12-28, to: 2026-12-31, reason: przerwa świąteczna}
    training:  {from: 2026-12-03 12:00, to: 2026-12-03 16:00, hours: [office]}
routes:
  opening: {hours: office, open: menu, closed: closed, christmas: merry_christmas}
```
""",
    "rosters": """
```yaml
rosters:
  duty: {"Mo-Th 16:00-08:00": 110, "Fr 16:00 - Mo 08:00": [111, 110], otherwise: 101}
routes:
  urgent: {ring: roster duty, for: 30s, no_answer: reception, busy: reception}
```

A roster is rung by `ring: roster` and its name: first those of the hour, one after the other, then
`otherwise`. The verb `roster` only asks who it is, for a way of one's own.
""",
    "tests": """
```yaml
tests:
  noon:    {at: 2026-11-25 12:00, keys: 3, expect: talk, in: payroll, within: 1m}
  wigilia: {at: 2026-12-24 12:00, expect: message, hears: closed}
  sick:    {at: 2026-11-25 12:00, keys: 2, away: [110, 111], with: 101}
```
""",
}

VERB_NOTES = {
    "hours": """
A closed period of the calendar is an outcome by its own name; where it is not written, the caller
goes where `closed` leads.
""",
    "say": """
`time` is the time of day, `caller` and `called` are numbers digit by digit, `$name` are digits that
a `collect` before has kept under that name, a plain number is said as a number.
""",
    "callback": """
He stands on the callback list before he hears "we will call you back", and is due at once. Offered
from a queue it is `key_1: call_me` beside `queue:`; his place in the queue is not kept.
""",
    "language": """
Prompts, numbers, queue announcements and voicemail are spoken in it from there on. A prompt that is
not there in that language is heard in English.
""",
}

KEYS = {
    "roster": "| a person or group of the roster | they are on duty, first of all | as `other` |",
    "menu": "| `0`–`9`, `*`, `#` | the caller presses the key | a wrong key |",
    "queue": "| `key_0`–`key_9`, `key_*`, `key_#` | he presses the key while waiting | nothing |",
    "collect": "| digits, like `1234` | the caller enters them | `then`, or `wrong_number` |",
    "hours": "| a period's name | the calendar closes the hours for it | as `closed` |",
}
