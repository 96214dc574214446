"""The journal on real files: whole lines or none, torn and foreign lines set aside."""

import subprocess
import sys
from pathlib import Path

from softswitch.store.journal import Journal
from softswitch.store.operations import Write, from_fields, to_fields

HEARD = Write("message.heard", (17, "101", "m1"))
GONE = Write("binding.delete", ("101", "<urn:uuid:1>;reg-id=1"))


def test_what_is_appended_is_read_back(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl")
    assert journal.size() == 0
    journal.append([HEARD, GONE])
    journal.append([HEARD])
    first = journal.read(0, 2)
    assert first.writes == (HEARD, GONE)
    second = journal.read(first.end, 100)
    assert (second.writes, second.end) == ((HEARD,), journal.size())
    journal.clear()
    assert journal.size() == 0


def test_odd_text_survives(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl")
    odd = Write("message.heard", (1, "żółć \udc80 \n \0", "m1"))
    journal.append([odd])
    assert journal.read(0, 9).writes == (odd,)


def test_a_line_torn_by_a_crash_does_not_swallow_the_next(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    journal = Journal(path)
    journal.append([HEARD])
    with path.open("ab") as file:
        file.write(b'["message.heard",{"heard_at":1')
    journal.append([GONE])
    page = journal.read(0, 9)
    assert page.writes == (HEARD, GONE)
    assert len(page.damaged) == 1
    journal.set_aside(page.damaged)
    assert b"heard_at" in (tmp_path / "j.jsonl.damaged").read_bytes()


def test_foreign_lines_are_damaged_not_fatal(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    path.write_bytes(
        b'\xff\xfe\n[]\n{}\n"x"\n["drop.table",{}]\n[1,2,3]\n["mail.add",7]\n\n[[],{}]\n'
    )
    page = Journal(path).read(0, 100)
    assert page.writes == ()
    assert len(page.damaged) == 8
    assert page.end == path.stat().st_size


def test_a_failed_append_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    script = f"""
import resource
from pathlib import Path
from softswitch.store.journal import Journal
from softswitch.store.operations import Write
journal = Journal(Path({str(tmp_path / "j.jsonl")!r}))
line = Write("message.heard", (1, "x" * 100, "m"))
journal.append([line])
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
try:
    journal.append([line] * 100)
except OSError:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    journal.append([line])
    page = journal.read(0, 9)
    assert page.writes == (line, line) and not page.damaged, page
    raise SystemExit(7)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 7


def test_a_journal_of_another_version_is_read(tmp_path: Path) -> None:
    fields = {**to_fields(HEARD), "of_tomorrow": 1}
    del fields["heard_by"]
    assert from_fields("message.heard", fields) == Write("message.heard", (17, None, "m1"))
