"""The proof: what can lose a caller is refused, at the right line, as a story."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile

from softswitch.office.findings import OfficeErrors, Severity
from softswitch.office.loader import LoadedOffice, parse_office
from softswitch.office.prompts import PromptLibrary
from softswitch.routing.check import check

DEMO = (Path(__file__).parents[3] / "config" / "office.yaml").read_text()

OFFICE = """\
office: {name: Office, safe: message}
people:
  101: {name: Anna, email: a@b.example}
hours:
  office: "Mo-Fr 08:00-16:00; PH off"
queues:
  desk: {agents: [101]}
mailboxes:
  office: {mail: a@b.example}
numbers:
  "+48 22 123 45 67": welcome
routes:
  welcome: {play: welcome, then: opening}
  opening: {hours: office, open: menu, closed: message}
  menu: {menu: menu_main, 1: desk, 2: 101}
  desk: {queue: desk, too_long: message}
  message: {voicemail: office}
"""


class EveryPrompt(PromptLibrary):
    """A library in which nothing is missing but what begins with `no_`."""

    def missing(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if name.startswith("no_")]

    def names(self) -> frozenset[str]:
        return frozenset({"welcome", "menu_main", "no_key"})

    def music(self, name: str) -> Path:
        return Path(name) if name == "calm" else super().music(name)


def load(text: str) -> LoadedOffice:
    return parse_office(text, at=datetime(2026, 11, 23, tzinfo=UTC))


def findings(text: str) -> list[str]:
    found = check(load(text), EveryPrompt((), "pl"))
    return [str(f) for f in found if "no password is set" not in f.message]


def test_a_good_office_has_no_findings() -> None:
    assert findings(OFFICE) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "2: 101}", "2: hangup}",
            "office.yaml:15:39: error: a caller is lost, cut off without a word: Mon 2026-11-23 "
            "08:00: somebody calls 22 123 45 67 → welcome (it has been played) → "
            "opening (the office is open) → menu (the caller presses 2) → hangup. "
            "Lead to a queue, a person or a mailbox; a refusal is `hangup: busy`.",
        ),
        ("message: {voicemail: office}", "message: {hangup: }", "17:12: error: a caller is lost"),
        ('"+48 22 123 45 67": welcome', '"+48 22 123 45 67": hangup', "error: a caller is lost, "
         "cut off without a word: somebody calls 22 123 45 67 → hangup"),
        (
            "then: opening}", "then: hangup}",
            "error: a caller who asked for nothing hears an announcement and is lost",
        ),
        (
            "open: menu", "open: opening",
            "14:34: error: a caller goes in a circle without end: opening → opening",
        ),
        (
            "{queue: desk, too_long: message}", "{goto: opening}\n  x: {queue: desk}",
            "no call ever comes to the route x",
        ),
        ("too_long: message", "too_long: menu", ""),
        ("2: 101}", "2: 101, no_key: menu}", "error: a caller goes in a circle without end: menu"),
        (
            "safe: message", "safe: desk",
            "16:3: error: a caller goes in a circle when the queue is full: Mon 2026-11-23 08:00: "
            "somebody calls 22 123 45 67 → welcome",
        ),
        ("safe: message", "safe: 101", ""),
        ("safe: message", "safe: welcome", "circle when the caller presses nothing"),
        ("{agents: [101]}", "{agents: []}", "7:18: error: nobody answers the queue desk"),
        ("Mo-Fr 08:00-16:00; PH off", "Mo-Su 00:00-24:00", "5:11: error: the hours `office` are "
         "always open, for the next two years. Write `24/7` if that is meant"),
        ("Mo-Fr 08:00-16:00; PH off", "2025 Mo-Fr 08:00-16:00", "are always closed"),
        ("play: welcome", "play: no_welcome", "13:19: error: there is no prompt `no_welcome`. "
         "Did you mean `welcome`?"),
        ("play: welcome", "play: [welcome, no_x]", "13:29: error: there is no prompt `no_x`"),
        ("{mail: a@b.example}", "{mail: a@b.example, greeting: no_g}", "there is no prompt `no_g`"),
        ("{agents: [101]}", "{agents: [101], music: clam}", "no music `clam`. Did you mean `calm`"),
        ("{mail: a@b.example}", "{}", "9:3: warning: nobody is told of messages in the mailbox"),
        ("  office: {mail", "  spare: {mail: a@b.example}\n  office: {mail",
         "9:3: warning: `spare` in `mailboxes` is never used"),
        ("2: 101}", "2: 101, 3: 101, 4: 101, 5: 101, 6: 101}",
         "15:3: warning: the menu menu has 6 keys"),
        ("numbers:\n  \"+48 22 123 45 67\": welcome\n", "", "no number leads anywhere"),
        ("Mo-Fr 08:00-16:00; PH off", "Mo-Fr 08:00-16:00", "5:11: warning: the hours `office` are "
         "open on public holidays, like 2026-12-24 (Wigilia) and 2026-12-25 (Boże Narodzenie). "
         "Write `; PH off`"),
        ("people:", "calendar: {periods: {open: {from: 2027-01-02, to: 2027-01-02}}}\npeople:",
         "a period cannot be called `open`"),
        ("people:", "calendar: {periods: {x: {from: 2025-01-02, to: 2025-01-02}}}\npeople:",
         "the period `x` is over since 2025-01-02"),
        ("people:", "calendar: {periods: {x: {from: 2027-01-02, to: 2027-01-02, hours: ofice}}}"
         "\npeople:", "there are no hours `ofice`. Did you mean `office`"),
        ("08:00-16:00; PH off", "08:00-16:00; PH off; We 08:00-18:00", "warning: `We 08:00-18:00` "
         "in the hours `office` holds on public holidays too. Later parts overrule earlier ones"),
        ("08:00-16:00; PH off", "08:00-16:00; 2025 Aug off; PH off", "`2025 Aug off` in the hours "
         "`office` changes nothing for two years. It is over, or another part overrules it"),
        ("08:00-16:00; PH off", '08:00-16:00; PH off; Dec 24 10:00-12:00 \\"half; day\\"', ""),
        ("safe: message}", "safe: message, longest_way: 4m}",
         "7:9: error: a caller may wait "),
        ("{agents: [101]}", "{agents: [101], longest_wait: 10m}", "Write a shorter `longest_wait`, "
         "or allow it by `longest_way: 1"),
        ("routes:", "conferences: {board: {}}\nroutes:",
         "12:15: warning: nobody can come to the conference board"),
        ("routes:", "switches: {flag: {number: 801}}\nroutes:",
         "12:12: warning: the switch flag changes nothing"),
        ("people:", "calendar: {periods: {x: {from: 2027-01-02, to: 2027-01-04}, y: {from: "
         "2027-01-04 12:00, to: 2027-01-06}}}\npeople:", "2:61: warning: the periods `x` and `y` "
         "overlap from Mon 2027-01-04 12:00 to Tue 2027-01-05 00:00. Callers are told of one"),
        ("2: 101}", "2: all}\n  all: {ring: 101, mobile: confirm, busy: message}",
         "16:28: error: without a trunk no mobile can be rung"),
        ("people:", "recording: [{queue: desk, purpose: abc, keep: 9d, notice: no_n}]\npeople:",
         "2:59: error: there is no prompt `no_n`"),
        ("routes:", "music: {calm: none.wav}\nroutes:", "there is no music file none.wav"),
    ],
)  # fmt: skip
def test_a_finding(old: str, new: str, expected: str) -> None:
    assert old in OFFICE
    found = findings(OFFICE.replace(old, new))
    if expected:
        assert any(expected in text for text in found), found
    else:
        assert found == []


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("{forward: '22 999 99 99', no_answer: message}", None),
        (
            "{forward: '22 999 99 99', confirm: false}",
            "16:43: warning: whatever answers 22 999 99 99 has the caller, an answering machine "
            "too. Leave out `confirm: false`: a human there presses 1.",
        ),
        (
            "{ring: 101, mobile: confirm}",
            "16:28: warning: nobody who rings at out has a mobile",
        ),
    ],
)
def test_legs_out_of_the_office(node: str, expected: str | None) -> None:
    text = OFFICE.replace("2: 101}", f"2: out}}\n  out: {node}")
    text += 'trunks: {t: {server: a.b, numbers: ["+48 22 123 45 67"]}}\n'
    found = findings(text)
    assert len(found) == (expected is not None), found
    assert expected is None or expected in found[0]


def test_a_circle_by_the_callers_own_key_is_fine() -> None:
    text = OFFICE.replace("2: 101}", "2: again}") + "  again: {play: welcome, then: menu}\n"
    assert findings(text) == []


def test_an_announcement_that_was_asked_for_may_end_the_call() -> None:
    text = OFFICE.replace("2: 101}", "2: address}") + "  address: {play: welcome, then: hangup}\n"
    assert findings(text) == []


def test_a_refusal_that_is_written_is_fine() -> None:
    text = OFFICE.replace("2: 101}", "2: refuse}") + "  refuse: {hangup: busy}\n"
    assert findings(text) == []


def test_missing_passwords_are_one_warning() -> None:
    (finding,) = check(load(OFFICE), EveryPrompt((), "pl"))
    assert "no phone can register for 101" in finding.message


def test_a_number_shown_that_is_not_ours() -> None:
    text = OFFICE.replace("safe: message", 'safe: message, number: "+48 22 999 99 99"')
    text += 'trunks: {t: {server: a.b, numbers: ["+48 22 123 45 67"]}}\n'
    assert any("is on no trunk" in f for f in findings(text))


def test_a_menu_too_deep() -> None:
    text = OFFICE.replace("2: 101}", "2: second}")
    text += "  second: {menu: menu_main, 1: third}\n  third: {menu: menu_main, 1: menu, 2: 101}\n"
    (finding,) = findings(text)
    assert "19:3: warning: the menu third comes after 2 others" in finding


def test_a_period_has_an_announcement_of_its_own() -> None:
    text = OFFICE.replace("closed: message}", "closed: message, xmas: holidays}")
    calendar = "calendar: {periods: {xmas: {from: 2026-12-28, to: 2026-12-30}}}"
    text = text.replace("queues:", f"{calendar}\nqueues:")
    text += "  holidays: {play: closed, then: message}\n"
    assert findings(text) == []
    with pytest.raises(OfficeErrors, match="`xmass` is unknown beside `hours:`. Did you mean"):
        load(text.replace("xmas: holidays", "xmass: holidays"))


def test_prompts_and_music_are_heard(tmp_path: Path) -> None:
    silence = np.zeros(8000)
    soundfile.write(tmp_path / "welcome.wav", silence, 8000)
    soundfile.write(tmp_path / "hum.wav", silence, 8000)
    (tmp_path / "menu_main.wav").write_bytes(b"RIFF no sound")
    text = OFFICE.replace("{agents: [101]}", "{agents: [101], music: hum}")
    text = text.replace("routes:", "prompts: .\nmusic: {hum: hum.wav}\nroutes:")
    found = [str(f) for f in check(parse_office(text, folder=tmp_path))]
    assert any("15:19: error: the prompt `welcome` is silent: nothing is heard" in f for f in found)
    assert any(
        "the prompt `menu_main` cannot be played: menu_main.wav is broken" in f for f in found
    )
    assert not any("the sound menu_main.wav" in f for f in found), "it is told once"
    assert any("the music `hum` is silent" in f for f in found)
    assert any("Save it again as WAV, FLAC, MP3, Ogg or M4A" in f for f in found)


def test_what_else_lies_among_the_prompts_is_heard_too(tmp_path: Path) -> None:
    """It takes the place of a shipped prompt that no route names."""
    (tmp_path / "queue_wait.mp3").write_bytes(b"no sound" * 100)
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / "calm.wma").write_bytes(b"of no matter")
    text = OFFICE.replace("routes:", "prompts: .\nroutes:")
    found = [str(f) for f in check(parse_office(text, folder=tmp_path))]
    assert any("warning: the sound queue_wait.mp3 cannot be played" in f for f in found)
    assert any("warning: music/calm.wma is not looked for" in f for f in found)
    assert any("A prompt's file ends in .wav, .flac, .ogg, .mp3, .opus, .m4a" in f for f in found)


def test_a_folder_of_prompts_that_is_none_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "file.wav").write_bytes(b"")
    for named in ("zapowiedzi", "file.wav"):
        text = OFFICE.replace("routes:", f"prompts: {named}\nroutes:")
        told = [str(f) for f in check(parse_office(text, folder=tmp_path))]
        [found] = [one for one in told if "own prompts" in one]
        assert f"warning: there is no folder `{named}` of own prompts" in found
        assert "Make it beside the office file, or correct its name" in found


def accepted(text: str) -> bool:
    try:
        found = check(load(text), EveryPrompt((), "pl"))
    except OfficeErrors:
        return False
    return not any(f.severity is Severity.ERROR for f in found)


def edges_of_the_demo() -> list[tuple[str, str]]:
    graph = load(DEMO).graph
    return [
        (node.name, outcome)
        for node in graph.nodes.values()
        if not node.is_implied
        for outcome, edge in node.edges.items()
        if edge.is_written
    ]


@pytest.mark.parametrize(("node", "outcome"), edges_of_the_demo())
def test_every_edge_of_the_demo_that_is_cut_is_refused(node: str, outcome: str) -> None:
    lines = DEMO.splitlines()
    row, column, _ = load(DEMO).source.locate(("routes", node, outcome))
    written = lines[row][column:].split(",")[0].split("}")[0].split("#")[0].strip()
    assert accepted(DEMO)
    for wrong in ("hangup", "nowhere", node):
        changed = lines[row][:column] + wrong + lines[row][column + len(written) :]
        mutant = "\n".join([*lines[:row], changed, *lines[row + 1 :]])
        own_key = wrong == node and outcome.isdigit()
        assert accepted(mutant) == own_key, changed


@pytest.mark.parametrize("outcome", ["too_long", "full", "no_agents"])
def test_every_way_out_of_the_safe_place_is_needed(outcome: str) -> None:
    line = next(line for line in DEMO.splitlines() if line.startswith("  reception:   {queue"))
    mutant = DEMO.replace(line, line.replace(f", {outcome}: leave_message", ""))
    assert mutant != DEMO
    assert not accepted(mutant)


def test_two_hundred_people_are_checked() -> None:
    people = "".join(f'  {n}: {{name: "P{n}", email: p{n}@b.example}}\n' for n in range(1000, 1200))
    routes = "".join(f"  r{n}: {{ring: {n}, busy: message}}\n" for n in range(1000, 1200))
    text = OFFICE.replace("\nhours:", f"\n{people}hours:") + routes
    assert len(findings(text)) == 200  # routes to which no call comes
