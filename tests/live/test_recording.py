"""Recording with real phones: notice first, whole over a transfer, sealed, erased for good; and who
is never recorded leaves no trace on any disk.

Sound is found by frequency, in what was exported and in every file of the data folder.
"""

import io
import json
import os
import re
import shutil
import subprocess
import time
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from softswitch.vault.office_key import VaultError
from softswitch.vault.recording_keys import RecordingKeys
from tests.helpers import audio
from tests.live.mailserver import MailServer
from tests.live.office_files import AGENT, CALLER, MAILBOX, SHORT, SINGLE
from tests.live.office_under_test import OfficeUnderTest
from tests.live.phone_call import PhoneCall
from tests.live.process import until
from tests.live.shared_office import BuildOffice

# In no prompt and no music; whoever says it talks about a secret.
SECRET, SECRET_ANSWER = 1150, 1750
NOTICE, OTHER = 2800, 2000
TALK = 1.5
CLIENT = "+48600100200"
POLICIES = """\
recording:
  - {number: "+48 22 123 45 70", purpose: ustalenia z klientem, keep: 90d, notice: notice_recorded,
     hear: [110]}
  - {queue: single, purpose: szkolenie, keep: 9d, notice: notice_recorded, opt_out_key: 9}
  - {direction: out, purpose: zlecenia, keep: 9d, notice: notice_recorded, opt_out_key: 9}
  - {person: 120, direction: internal, purpose: szkolenie, keep: 9d, notice: notice_recorded}
  - {conference: board, purpose: protokół, keep: 9d, notice: notice_recorded, opt_out_key: 9}
never_recorded: [111]
"""


@pytest.fixture(scope="module")
def build_office() -> BuildOffice:
    return office_that_records


def office_that_records(folder: Path, mail: MailServer) -> OfficeUnderTest:
    office = OfficeUnderTest(folder, mail)
    file = office.office_file
    file.write_text(file.read_text("utf-8") + POLICIES, "utf-8")
    prompts = file.parent / "prompts"
    audio.write_wav(prompts / "notice_recorded.wav", audio.tone(NOTICE, 0.8))
    for name in ("notice_opt_out", "number_9", "notice_not_recorded"):
        audio.write_wav(prompts / f"{name}.wav", audio.tone(NOTICE, 0.3))
    return office


def recordings(office: OfficeUnderTest) -> list[dict[str, Any]]:
    """Those of this test."""
    found = json.loads(office.command("recordings", "--json", "--erased"))
    return [one for one in found if datetime.fromisoformat(one["started"]) >= office.began]


def finished(office: OfficeUnderTest) -> dict[str, Any]:
    """The one recording, when its file is closed."""
    (found,) = all_finished(office, 1)
    return found


def all_finished(office: OfficeUnderTest, count: int) -> list[dict[str, Any]]:
    """So many recordings, in the order of their IDs, when their files are closed."""
    found: list[dict[str, Any]] = []

    def look() -> bool:
        found[:] = sorted(recordings(office), key=lambda one: str(one["id"]))
        return len(found) == count and all(one["ended"] is not None for one in found)

    until(look, "the recordings are closed", 20.0)
    return found


def exported(office: OfficeUnderTest, recording: str, to: Path) -> np.ndarray:
    """Both channels: the client, the office."""
    office.command("recording", "export", recording, "--to", str(to), "--reason", "a test")
    samples, rate = soundfile.read(to, dtype="int16")
    assert rate == 8000
    return np.asarray(samples.T)


def hears(samples: np.ndarray, tone: int) -> float:
    return audio.seconds_of(samples, tone)


WINDOW = 1600  # 0.2 s
# Of a window's energy: a tone in speech has more, noise a thousandth.
SHARE = 0.1


def has_tone(samples: np.ndarray, tone: int) -> bool:
    """Whether 0.4 s of it are this tone, however softly; noise has some of every tone."""
    windows = samples[: len(samples) // WINDOW * WINDOW].reshape(-1, WINDOW).astype(float)
    windows -= windows.mean(axis=1, keepdims=True)
    energy = (windows**2).sum(axis=1) + 1e-9
    wave = np.exp(-2j * np.pi * tone * np.arange(WINDOW) / 8000)
    found = 2 * np.abs(windows @ wave) ** 2 / WINDOW / energy
    return bool((found > SHARE).sum() >= 2)


def tones_on_disk(folder: Path, *tones: int) -> list[str]:
    """Every file in which one of these tones is found, read as samples in any of our forms."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        forms = [np.frombuffer(data[skip : skip + (len(data) - skip) // 2 * 2], "<i2")
                 for skip in (0, 1)]  # fmt: skip
        forms += [form[at::2] for form in forms[:2] for at in (0, 1)]
        forms += [audio.decode(data, codec) for codec in ("PCMA", "PCMU")]
        found += [f"{path.name}: {t} Hz" for t in tones if any(has_tone(f, t) for f in forms)]
    return found


def talk_with_102(office: OfficeUnderTest) -> tuple[PhoneCall, Any]:
    """A client talks with a baresip, recorded; he heard the notice before it rang."""
    agent = office.baresip("102", say=AGENT)
    client = office.provider().dial(SHORT, number=CLIENT)
    client.wait_answered().say(CALLER)
    client.wait_heard(NOTICE, 0.5)
    agent.wait_incoming()
    agent.answer()
    client.wait_heard(AGENT, TALK)
    return client, agent


def test_a_recording_is_whole_over_a_transfer_and_gone_for_good_when_erased(
    own_office: OfficeUnderTest, tmp_path: Path
) -> None:
    office = own_office
    ewa = office.phone("120")
    client, agent = talk_with_102(office)
    agent.press("*3")  # what is said now is nobody's business
    time.sleep(0.5)
    client.say(SECRET)
    time.sleep(TALK)
    client.say(CALLER)
    time.sleep(0.3)
    agent.press("*3")
    time.sleep(1.0)
    agent.press("*1120#")
    new = ewa.incoming()
    new.answer().wait_answered().say(OTHER)
    agent.wait_closed()
    client.wait_heard(OTHER, TALK)
    client.hang_up()
    new.wait_over()
    row = finished(office)
    assert (row["number"], row["person"], row["how"]) == (CLIENT, "120", "stopped")
    assert [gap["why"] for gap in row["gaps"]] == ["paused", "transfer"]
    left, right = exported(office, row["id"], tmp_path / "call.wav")
    assert hears(left, CALLER) > 3 and hears(left, SECRET) < 0.1 and hears(left, NOTICE) < 0.1
    assert hears(right, AGENT) > 2 and hears(right, OTHER) > 1
    assert len(exported(office, row["id"], tmp_path / "call.flac")[0]) == len(left)
    assert not tones_on_disk(office.data, CALLER, AGENT, OTHER, SECRET)
    _is_access_by_role_and_logged(office, row["id"], tmp_path)
    _is_given_to_who_asks(office, row, tmp_path)
    _is_gone_for_good(office, row["id"], tmp_path)
    _is_forgotten(office)


def _is_access_by_role_and_logged(office: OfficeUnderTest, recording: str, folder: Path) -> None:
    words = ("recording", "export", recording, "--to", str(folder / "no.wav"), "--reason", "x")
    assert "may not hear" in office.command(*words, "--as", "102", status=1)
    assert "say why" in office.command(*words[:-1], " ", status=1)
    office.command(*words, "--as", "110")
    log = json.loads(office.command("recordings", "audit", "--json"))
    assert [(one["action"], one["reason"]) for one in log] == [
        ("export", "a test"), ("export", "a test"), ("export", "x"),
    ]  # fmt: skip
    assert log[-1]["by"].startswith("110 (")
    assert "as they were written" in office.command("recordings", "verify")


def _is_given_to_who_asks(office: OfficeUnderTest, row: dict[str, Any], folder: Path) -> None:
    """Art. 15: all that is kept of him in one file, his voice as well."""
    office.command("note", row["call"], "asks for 600 100 777 as well")
    bundle = folder / "person.zip"
    words = ("person", "export", "600 100 200", "--to", str(bundle), "--reason", "art. 15")
    assert "1 call, 0 messages, 1 recording" in office.command(*words)
    assert "is there already" in office.command(*words, status=1)
    with zipfile.ZipFile(bundle) as opened:
        sound, rate = soundfile.read(io.BytesIO(opened.read(f"recordings/{row['id']}.flac")))
        (call,) = json.loads(opened.read("calls.json"))
        (about,) = json.loads(opened.read("recordings.json"))
        page = opened.read("index.html").decode()
    samples = (np.asarray(sound.T[0]) * 32767).astype(np.int16)
    assert rate == 8000 and hears(samples, CALLER) > 3
    assert (call["id"], about["purpose"]) == (row["call"], "ustalenia z klientem")
    assert "600 100 777" in json.dumps(call)
    assert f"recordings/{row['id']}.flac" in page and "ustalenia z klientem" in page
    last = json.loads(office.command("recordings", "audit", "--json"))[-1]
    assert (last["action"], last["reason"]) == ("export", "art. 15")
    assert bundle.stat().st_mode & 0o077 == 0


def _is_forgotten(office: OfficeUnderTest) -> None:
    """Art. 17: no file of the data folder has a byte of his number left, nor of the note."""
    words = ("person", "erase", CLIENT, "--reason", "art. 17")
    assert "would go" in office.command(*words, "--trial")
    assert "600100200" in every_byte(office.data)
    told = office.command(*words)
    assert "erased:" in told and "NOT" not in told, told
    left = every_byte(office.data)
    assert not [one for one in ("600100200", "002001006", "600100777") if one in left]
    (row,) = office.calls()
    assert row["number"].startswith("erased-") and row["handled_by"] == "120"


def every_byte(folder: Path) -> str:
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return b"".join(files).decode("latin-1").replace(" ", "")


def _is_gone_for_good(office: OfficeUnderTest, recording: str, folder: Path) -> None:
    """Also from a copy of the whole data folder that was made before."""
    why = ("--reason", "asked for")
    backup, keys = folder / "backup", office.data.with_name("data.keys")
    key = RecordingKeys(keys).get(recording)
    (wrapped,) = [path.read_text().split()[1] for path in (keys / "recordings").iterdir()]
    shutil.copytree(office.data, backup, ignore=shutil.ignore_patterns("*.sock"))
    office.command("recording", "hold", recording, *why)
    assert "is held" in office.command("recording", "erase", recording, *why, status=1)
    office.command("recording", "release", recording, *why)
    office.command("recording", "erase", recording, *why)
    words = ("recording", "export", recording, "--to", str(folder / "e.wav"), *why)
    assert "is erased" in office.command(*words, status=1)
    assert not list(office.data.rglob("*.sealed")) and list(backup.rglob("*.sealed"))
    with pytest.raises(VaultError, match="was destroyed"):
        RecordingKeys(keys).get(recording)
    copied = b"".join(path.read_bytes() for path in backup.rglob("*") if path.is_file())
    for secret in (key, key.hex().encode(), bytes.fromhex(wrapped), wrapped.encode()):
        assert secret not in copied


def test_a_consultation_between_colleagues_is_a_recording_of_its_own(
    office: OfficeUnderTest, tmp_path: Path
) -> None:
    """By the policy of 120; the client, who waits, is in none of it, and goes on in his own."""
    ewa = office.phone("120")
    client, agent = talk_with_102(office)
    until(lambda: len(recordings(office)) == 1, "the client is recorded")
    client.wait_more(AGENT, TALK)
    agent.press("*2120#")
    asked = ewa.incoming()
    asked.answer().wait_answered()
    client.say(SECRET)
    asked.wait_heard(NOTICE, 0.3)
    asked.say(OTHER)
    until(lambda: len(recordings(office)) == 2, "the consultation is recorded")
    asked.wait_more(AGENT, TALK)
    client.say(CALLER)
    agent.press("*2")
    agent.wait_closed()
    client.wait_more(OTHER, TALK)
    asked.wait_more(CALLER, TALK)
    client.hang_up()
    asked.wait_over()
    of_client, of_two = all_finished(office, 2)
    assert [gap["why"] for gap in of_client["gaps"]] == ["transfer"]
    assert (of_two["direction"], of_two["number"], of_two["called"]) == ("internal", "102", "120")
    left, right = exported(office, of_two["id"], tmp_path / "two.wav")
    assert hears(left, AGENT) > 1 and hears(right, OTHER) > 0.5
    assert max(hears(left, CALLER), hears(right, CALLER), hears(left, NOTICE)) < 0.1
    left, right = exported(office, of_client["id"], tmp_path / "client.wav")
    assert hears(left, CALLER) > 2 and hears(right, AGENT) > 1 and hears(right, OTHER) > 1
    assert office.wait_row(result="talked", number=CLIENT)["recording"] == of_client["id"]
    _both_are_given_and_forgotten(office, [of_client["id"], of_two["id"]], tmp_path / "client.zip")


def _both_are_given_and_forgotten(office: OfficeUnderTest, recorded: list[str], to: Path) -> None:
    """What was said about the client is his as well: art. 15 and 17."""
    office.command("person", "export", CLIENT, "--to", str(to), "--reason", "art. 15")
    with zipfile.ZipFile(to) as bundle:
        about = {one["id"] for one in json.loads(bundle.read("recordings.json"))}
        assert about >= set(recorded)
        assert set(bundle.namelist()) >= {f"recordings/{one}.flac" for one in recorded}
    told = office.command("person", "erase", CLIENT, "--reason", "art. 17")
    assert all(f"recording {one}" in told for one in recorded) and "NOT" not in told, told
    left = every_byte(office.data)
    assert not [one for one in ("600100200", "002001006") if one in left]
    assert not [path for path in office.data.rglob("*.sealed") if path.stem in recorded]


def shown_in(messages: str) -> list[str]:
    """The names that we told a phone inside its call, in their order."""
    return re.findall(r'^P-Asserted-Identity: "?([^"<\r\n]+?)"? *<', messages, re.MULTILINE)


def test_a_conference_is_recorded_while_all_who_are_in_may_be(
    office: OfficeUnderTest, tmp_path: Path
) -> None:
    anna = office.linphone("101", say=AGENT)
    anna.dial("350")
    anna.wait_established()
    piotr = office.phone("102").dial("350").wait_answered()
    piotr.wait_heard(NOTICE, 0.5)
    piotr.say(CALLER)
    piotr.wait_heard(AGENT, TALK)
    until(lambda: len(recordings(office)) == 1, "it is recorded")
    piotr.wait_more(AGENT, TALK)
    until(lambda: shown_in(anna.messages)[-1:] == ["● board"], "a foreign phone is told")
    secret = office.phone("111").dial("350").wait_answered()
    secret.say(SECRET)
    piotr.wait_heard(SECRET, TALK)
    until(lambda: shown_in(anna.messages)[-1:] == ["board"], "a foreign phone: it rests")
    assert secret.heard.seconds(NOTICE) == 0
    secret.hang_up()
    piotr.wait_more(AGENT, TALK)
    piotr.hang_up()
    anna.hang_up()
    row = finished(office)
    assert "privileged" in [gap["why"] for gap in row["gaps"]]
    sound = exported(office, row["id"], tmp_path / "board.wav")
    assert sound.ndim == 1, "all on one side"
    assert hears(sound, AGENT) > 2 and hears(sound, CALLER) > 2
    assert hears(sound, SECRET) < 0.1 and hears(sound, NOTICE) < 0.1
    assert not tones_on_disk(office.folder / "data", SECRET)
    named = {one["number"]: one["recording"] for one in office.calls()
             if datetime.fromisoformat(one["started"]) >= office.began}  # fmt: skip
    assert named == {"101": row["id"], "102": row["id"], "111": None}


def test_who_is_never_recorded_leaves_no_trace_on_any_disk(office: OfficeUnderTest) -> None:
    """The queue's policy says record, and 111 may not be: deny wins."""
    ewa, provider = office.baresip("111", say=SECRET_ANSWER), office.provider()
    client = provider.dial(SINGLE, number=CLIENT)
    client.wait_answered().say(SECRET)
    ewa.wait_incoming()
    ewa.answer()
    client.wait_heard(SECRET_ANSWER, 4.0)
    client.hang_up()
    row = office.wait_row(result="talked")
    assert "recording.denied" in office.events(row["id"])
    assert client.heard.seconds(NOTICE) == 0 and not recordings(office)
    assert not tones_on_disk(office.folder / "data", SECRET, SECRET_ANSWER)
    assert not tones_on_disk(office.folder / "data.keys", SECRET, SECRET_ANSWER)
    # The scan finds what is there: a message, which is left on purpose and in clear.
    message = provider.dial(MAILBOX, number=CLIENT)
    message.wait_answered()
    time.sleep(1.8)
    message.say(SECRET)
    time.sleep(2.5)
    message.hang_up()
    office.wait_row(result="message")
    assert tones_on_disk(office.data, SECRET)


def test_outbound_the_notice_comes_first_and_a_key_refuses(office: OfficeUnderTest) -> None:
    provider, agent = office.provider(), office.baresip("102", say=AGENT)
    agent.dial("600100200")
    called = provider.incoming().answer().wait_answered()
    called.say(CALLER)
    called.wait_heard(NOTICE, 1.0)
    called.wait_heard(AGENT, TALK)
    agent.hang_up()
    called.wait_over()
    row = finished(office)
    assert (row["direction"], row["number"], row["person"]) == ("out", CLIENT, "102")
    agent.dial("0600100200")
    called = provider.incoming().answer().wait_answered()
    called.wait_heard(NOTICE, 0.3)
    called.press("9")
    called.wait_heard(AGENT, TALK)
    agent.hang_up()
    called.wait_over()
    office.wait_row(direction="out", recording=None)
    assert len(recordings(office)) == 1
    found = json.loads(office.command("calls", "--number", "+48 600 100 200", "--json"))
    assert {one["called"] for one in found} >= {"600100200", "0600100200"}, "however it was dialled"
    told = office.command("person", "erase", CLIENT, "--reason", "art. 17")
    assert f"recording {row['id']}" in told and "NOT" not in told, told
    left = every_byte(office.data)
    assert not [one for one in ("600100200", "002001006") if one in left], "dialled nationally"


def test_a_kill_of_everything_costs_at_most_a_second(
    own_office: OfficeUnderTest, tmp_path: Path
) -> None:
    office = own_office
    client, _ = talk_with_102(office)
    client.wait_heard(AGENT, 4.0)
    office.kill()
    spoken = client.heard.seconds(AGENT)
    office.start()
    row = finished(office)
    assert row["how"] == "interrupted" and row["seconds"] > spoken - 1.3
    left, right = exported(office, row["id"], tmp_path / "call.wav")
    assert hears(left, CALLER) > spoken - 1.5 and hears(right, AGENT) > spoken - 1.5


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_disturbs_nobody_and_raises_an_alarm(office: OfficeUnderTest) -> None:
    folder = office.data / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)])
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    office.expected_errors = ("a recording loses sound",)
    try:
        client, agent = talk_with_102(office)
        client.wait_heard(AGENT, 5.0)
        client.hang_up()
        agent.wait_closed()
        row = office.wait_row(result="talked")
        assert "recording.trouble" in office.events(row["id"])
        assert not audio.gaps(client.heard.samples(), AGENT, 0.1)
        found = finished(office)
        assert 0.5 < found["seconds"] < 3.0
    finally:
        subprocess.run(["umount", str(folder)], check=True)
