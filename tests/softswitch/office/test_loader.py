"""Loading: every mistake told at once, at its place, with what to write instead."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.office.findings import OfficeErrors, Severity
from softswitch.office.loader import load_office, parse_office
from softswitch.office.secrets import write_secret

CONFIG = Path(__file__).parents[3] / "config"

MINIMAL = """\
office: {name: Office, safe: message}
people:
  101: {name: Anna, email: anna@office.example}
mailboxes:
  office: {mail: biuro@office.example}
routes:
  message: {voicemail: office}
"""

TEN_MISTAKES = """\
office:
  name: Kancelaria
  safe: message
  number: +48221234567
hours:
  office: "Mo-Fr 8-16"
people:
  101: {name: Anna Zielińska, emial: anna@kancelaria.example}
  102: {name: Piotr Wójcik}
  102: {name: Piotr Drugi}
  112: {name: Alarm}
queues:
  reception: {agents: [101, 103], longest_wait: 5}
mailboxes:
  office: {mail: biuro@kancelaria.example}
numbers:
  "+48 22 123 45 67": welcom
routes:
  welcome: {play: welcome, than: menu}
\tmenu: {menu: menu_main, 1: reception, 12: message}
  reception: {queue: recepton}
  message: {voicemail: office}
"""

TEN_MESSAGES = """\
office.yaml:4:11: error: without quotes, +48221234567 is a plain number and loses its +. \
Write "+48221234567".
office.yaml:6:11: error: the hours `Mo-Fr 8-16` cannot be read from `8-16` on. \
Write `Mo-Fr 08:00-16:00`.
office.yaml:8:31: error: `emial` is unknown in person 101. Did you mean `email`?
office.yaml:10:3: error: `102` stands here a second time. The first is in line 9: keep one of them.
office.yaml:11:3: error: the internal number 112 would hide a number that must be reachable. \
112 is an emergency number: choose another.
office.yaml:13:29: error: there is no person 103. \
Remove it, write one of 101, 102, 112, or add 103 to `people:`.
office.yaml:13:49: error: `5` has no unit. Write `5s` for seconds, `5m` for minutes.
office.yaml:17:23: error: `welcom` is no route, person, group, queue or mailbox. \
Did you mean `welcome`?
office.yaml:19:28: error: `than` is unknown beside `play:`. Did you mean `then`?
office.yaml:20:1: error: this line is indented with a tab, and YAML allows only blanks. \
Replace the tab by two blanks.
office.yaml:20:41: error: `12` is unknown beside `menu:`. \
A menu's keys are 0 to 9, * and #, one key each.
office.yaml:21:22: error: there is no queue `recepton`. Did you mean `reception`?
"""


def errors(text: str) -> list[str]:
    with pytest.raises(OfficeErrors) as caught:
        parse_office(text)
    return [str(finding) for finding in caught.value.findings]


def test_mistakes_are_told_at_once() -> None:
    assert errors(TEN_MISTAKES) == TEN_MESSAGES.splitlines()


def test_a_minimal_office_loads() -> None:
    loaded = parse_office(MINIMAL)
    assert loaded.office.people["101"].name == "Anna"
    assert loaded.graph.safe == "message"
    assert loaded.findings == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        # The form of the file.
        ("office: {", "office: {{", "1:9: error: a brace `{` is opened here"),
        ("name: Office,", 'name: "Office,', "1:16: error: a quotation mark is opened here"),
        ("{mail: b", "{mail: [b", "a square bracket `[` is opened here and never closed"),
        ("name: Office", "name: @Office", "1:16: error: a value cannot begin with `@`"),
        ("name: Office", "name: Office: Nowak", "1:22: error: a comma is missing before this"),
        ("  101: {", "  x: 1\n 101: {", "fits to no line above"),
        ("people:", "people", "this line"),
        ("name: Anna", "name:Anna", "Write a blank after the colon: `name: Anna`"),
        ("{voicemail: office}", "{voicemail: *office}", "refers to `&office`, which is not there"),
        ("message: {", "message: {*: 101, ", 'Write the key as "*"'),
        ("people:", "---\npeople:", "`---` begins a second file"),
        ("Anna,", "An\x07na,", "a character here that no text file has"),
        (MINIMAL, "", "this is no office file"),
        (MINIMAL, "- a\n- b\n", "this is no office file"),
        # Sections and fields.
        ("people:", "peple:", "2:1: error: there is no section `peple`. Did you mean `people`?"),
        ("name: Office, ", "", "1:1: error: the office has no `name`. Write `name: Kancelaria"),
        (", safe: message", "", "1:1: error: the office has no `safe`. Write `safe: reception`"),
        ("safe: message", "safe: massage", "Did you mean `message`?"),
        ("safe: message", "safe: message, country: Poland", "Write two capital letters, like PL"),
        ("safe: message", "safe: message, timezone: Warsaw", "Write it like Europe/Warsaw"),
        ("name: Anna", "name: [Anna]", "`name` must be text, and here is a list"),
        ("name: Anna, ", "", "3:3: error: person 101 has no `name`"),
        ("101: {", "x1: {", "3:3: error: `x1` is no internal number. Write digits only, like 101"),
        ("101: {", "1: {", "has 1 digits. An internal number has 2 to 6"),
        ("anna@office.example", "anna at office", "is no e-mail address. Write it like anna@"),
        ("{name: Anna, email: anna@office.example}", "Anna", "must be a block of `key: value`"),
        ("Anna,", "Anna, mobile: 12345,", "is no telephone number: it has 5 digits, and 9 are"),
        (
            "Anna,",
            "Anna, deputy: 102,",
            "there is no person 102. Remove it, write one of 101, or add",
        ),
        ("Anna,", "Anna, voicemail: ofice,", "there is no mailbox `ofice`. Did you mean"),
        ("people:", "groups: {a: {ring: []}}\npeople:", "`ring` is empty. Write for example"),
        ("people:", "groups: {a: {ring: [101, 101]}}\npeople:", "101 stands here twice"),
        ("people:", "queues: {a: {agents: 101, places: 0}}\npeople:", "must be at least 1"),
        (
            "people:",
            "queues: {a: {agents: 101, how: fairest}}\npeople:",
            "`how` cannot be `fairest`",
        ),
        ("people:", "queues: {a: {agents: 101, number: 101}}\npeople:", "belongs to Anna already"),
        ("people:", "trunks: {t: {server: a.b, register: true}}\npeople:", "needs an account"),
        ("people:", "trunks: {t: {server: 'a.b:99999'}}\npeople:", "between 1 and 65535"),
        (
            "people:",
            "trunks: {t: {server: a.b, codecs: [G729]}}\npeople:",
            "Write one of PCMA, PCMU, G722",
        ),
        ("people:", "numbers: {12: message, '+4812': message}\npeople:", "is no telephone number"),
        (
            "people:",
            "numbers: {'+48221234567': message, '22 123 45 67': message}\npeople:",
            "2:36: error: `22 123 45 67` is the same number as `+48221234567`",
        ),
        ("people:", "numbers: {911: message}\npeople:", "9xx are emergency and alarm numbers"),
        (
            "people:",
            "recording: [{queue: q, person: 101, purpose: abc, keep: 9d, notice: n}]\npeople:",
            "names exactly one of",
        ),
        # Routes.
        ("{voicemail: office}", "{voicemal: office}", "Did you mean `voicemail`?"),
        ("{voicemail: office}", "{voicemail: ofice}", "there is no mailbox `ofice`"),
        ("{voicemail: office}", "{voicemail: office, stored: 101}", "nothing can follow `stored`"),
        ("{voicemail: office}", "{goto: 102}", "`102` is no route, person"),
        ("{voicemail: office}", "{goto: message, then: message}", "`then` is unknown beside"),
        ("{voicemail: office}", "{play: welcome}", "where to go when it has been played"),
        ("{voicemail: office}", "{play: welcome, menu: main}", "`play` and `menu` in one node"),
        ("{voicemail: office}", "{menu: menu_main, no_key: 101}", "the menu message has no key"),
        ("{voicemail: office}", "{ring: 101, for: 20}", "`20` has no unit"),
        ("{voicemail: office}", "{ring: 101, no_answr: 101}", "Did you mean `no_answer`?"),
        ("{voicemail: office}", "{ring: roster duty}", "there is no roster `duty`"),
        ("{voicemail: office}", "{roster: office}", "there is no roster `office`"),
        ("{voicemail: office}", "{hangup: bussy}", "Did you mean `busy`?"),
        ("{voicemail: office}", "{hours: office, open: 101, closed: 101}", "there are no hours"),
        ("{voicemail: office}", "{ring: 101, busy: [101, 102]}", "`busy` must lead to one place"),
        ("{voicemail: office}", "voicemail", "Write `{goto: voicemail}`"),
        ("message: {v", "12: {voicemail: office}\n  message: {v", "a route cannot be called `12`"),
        ("message: {v", "a b: {voicemail: office}\n  message: {v", "Use a word without blanks"),
    ],
)
def test_a_mistake_and_its_message(old: str, new: str, message: str) -> None:
    assert old in MINIMAL
    found = errors(MINIMAL.replace(old, new, 1))
    assert any(message in text for text in found), found
    assert all(text.endswith((".", "?")) for text in found)


def test_one_mistake_does_not_cause_others() -> None:
    text = MINIMAL.replace("email: anna@office.example", "emial: anna@office.example")
    text = text.replace("routes:", "queues: {desk: {agents: [101]}}\nroutes:")
    assert len(errors(text)) == 1


def test_anchors_and_the_authors_own_sections() -> None:
    text = MINIMAL.replace("people:", "x-all: &all {how: together}\npeople:")
    text = text.replace("routes:", "queues: {desk: {<<: *all, agents: [101]}}\nroutes:")
    assert parse_office(text).office.queues["desk"].how == "together"


def test_an_alias_that_contains_itself_is_refused() -> None:
    assert "nested too deeply" in errors("office: &a\n  x: *a\n")[0]


def test_an_alias_that_explodes_is_refused() -> None:
    lines = ["x-0: &a0 [" + "x, " * 50 + "]"]
    lines += [f"x-{n}: &a{n} [" + f"*a{n - 1}, " * 50 + "]" for n in range(1, 8)]
    assert "too large" in errors("\n".join(lines))[0]


def test_nesting_without_end_is_refused() -> None:
    for text in ("[" * 5000, "- " * 5000, "{a: " * 5000):
        assert "nested too deeply" in errors(text)[0]


def test_half_a_character_is_refused() -> None:
    assert "cannot be written in UTF-8" in errors('office: {name: "\\uD800", safe: x}')[0]


def test_the_text_of_a_number_is_kept() -> None:
    text = MINIMAL.replace("101", "010")
    assert list(parse_office(text).office.people) == ["010"]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "office.yaml"
    with pytest.raises(OfficeErrors, match="cannot be read"):
        load_office(path)
    path.write_bytes(b"office: {name: Kancelaria \xb3}")
    with pytest.raises(OfficeErrors, match=r":1:27: error: .* not in UTF-8"):
        load_office(path)
    path.write_bytes(b"#" * 2_000_001)
    with pytest.raises(OfficeErrors, match="larger than 2 MB"):
        load_office(path)


def test_secrets_stand_beside_the_office(tmp_path: Path) -> None:
    path = tmp_path / "office.yaml"
    path.write_text(MINIMAL)
    write_secret(tmp_path / "secrets.yaml", "101", "softswitch", "long enough")
    write_secret(tmp_path / "other.yaml", "102", "softswitch", "long enough")
    assert list(load_office(path).secrets) == ["101"]
    assert list(load_office(path, secrets=tmp_path / "other.yaml").secrets) == ["102"]
    with pytest.raises(OfficeErrors, match="realm"):
        load_office(path, realm="elsewhere")


def test_trunk_numbers_that_lead_nowhere_are_a_warning() -> None:
    text = MINIMAL + 'trunks: {t: {server: a.b, numbers: ["+48 22 123 45 67"]}}\n'
    (finding,) = parse_office(text).findings
    assert finding.severity is Severity.WARNING
    assert "nothing is written for +48221234567: callers come to the safe place" in str(finding)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_only_office_errors_come_out(data: st.DataObject) -> None:
    text = (CONFIG / "office.yaml").read_text()
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 12))
        alphabet = st.sampled_from(list("{}[]:,&*!|>'\"#-\t\n ax19+~?%@`\x00é") + ["null", "<<: "])
        inserted = "".join(data.draw(st.lists(alphabet, max_size=6)))
        text = text[:start] + inserted + text[start + length :]
    with contextlib.suppress(OfficeErrors):
        parse_office(text)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["101", "office", "name", "play", "ring", "then", "x"]),
                      inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from([*parse_office(MINIMAL).office.model_dump()]), VALUES))
def test_any_shape_of_values_gives_office_errors_only(sections: dict[str, object]) -> None:
    import json

    with contextlib.suppress(OfficeErrors):
        parse_office(json.dumps(sections))
