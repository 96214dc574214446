"""One running office for all tests of a file, instead of one for each: starting it is what costs.

A test borrows it and finds it as it was: no phone, no call, nothing set for anybody, no mail, and a
history that begins with the test. After a test that failed, or that left something which does not
go away, the office is thrown away, and the next test gets a new one. What wants an office that it
may break (a kill, a restart, a stranger who is shut out) takes `own_office`.
"""

import sqlite3
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from softswitch.control import ask
from tests.helpers.kept import kept_processes
from tests.live.mailserver import MailServer
from tests.live.office_files import PASSWORD
from tests.live.office_under_test import HOST, OfficeUnderTest
from tests.live.process import until
from tests.live.rtp_peer import ScriptedPhone

# How long what a test left may take to be gone before the office is.
CALMS_WITHIN = 10.0
# What may be set for somebody (`softswitch people --json`).
_SETTINGS = ("dnd", "absent", "forwards", "pause")

# In this folder, with this mail server; not started yet.
BuildOffice = Callable[[Path, MailServer], OfficeUnderTest]


class SharedOffice:
    """Lends one office; `build` makes the next one, which is not started yet."""

    def __init__(self, build: Callable[[], OfficeUnderTest]) -> None:
        self._build = build
        self._office: OfficeUnderTest | None = None
        self._kept = 0

    def __enter__(self) -> "SharedOffice":
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def lend(self) -> OfficeUnderTest:
        """The office for one test."""
        if self._office is None:
            office = self._build()
            office.__enter__()
            self._kept = office.process.pid
            kept_processes.add(self._kept)
            self._office = office
        self._office.begin_anew()
        return self._office

    def take_back(self, *, has_failed: bool) -> None:
        """After the test. AssertionError when the server's log holds an error."""
        office = self._office
        assert office is not None, "nobody lent it"
        if has_failed:
            self._throw_away()
            return
        try:
            office.put_phones_down()
            office.check_log()
            if not _calms(office):
                self._end()
        except BaseException:
            self._throw_away()
            raise

    def _end(self) -> None:
        """It must end as every office does: cleanly."""
        office = self._forget()
        if office is not None:
            office.__exit__(None)

    def _throw_away(self) -> None:
        office = self._forget()
        if office is not None:
            office.abandon()

    def _forget(self) -> OfficeUnderTest | None:
        office, self._office = self._office, None
        kept_processes.discard(self._kept)
        return office


def _calms(office: OfficeUnderTest) -> bool:
    left = _why_not(office)
    if left:
        print(f"the office is not shared on: {left}")  # noqa: T201
    return not left


def _why_not(office: OfficeUnderTest) -> list[str]:
    if not office.process.is_alive:
        return ["the server has ended"]
    if found := list(_set(office)):
        return found
    try:
        until(lambda: not list(_left(office)), "", CALMS_WITHIN)
    except TimeoutError:
        return list(_left(office))
    return []


def _set(office: OfficeUnderTest) -> Iterator[str]:
    """What somebody has set does not end by itself."""
    for person in ask(office.data, "people")["people"]:
        if any(person[name] for name in _SETTINGS):
            yield f"something that is set for {person['extension']}"


def _left(office: OfficeUnderTest) -> Iterator[str]:
    """What a test left and what goes away; its phones are told to."""
    figures = _figures(office)
    if figures["softswitch_calls_up"]:
        yield "a call"
    for person in ask(office.data, "people")["people"]:
        if person["devices"]:
            yield f"a phone of {person['extension']}"
    yield from _unwritten(office, int(figures["softswitch_voicemail_messages_total"]))


def _figures(office: OfficeUnderTest) -> dict[str, float]:
    """Its metrics that have no labels."""
    address = f"http://{HOST}:{office.metrics_port}/metrics"
    with urllib.request.urlopen(address, timeout=20) as answer:
        lines = answer.read().decode().splitlines()
    pairs = (line.split(" ") for line in lines if line[:1] != "#" and "{" not in line)
    return {name: float(value) for name, value in pairs}


def _unregister(office: OfficeUnderTest, extension: str) -> None:
    """All devices of it, in the words of RFC 3261 10.2.2."""
    with ScriptedPhone(extension, office.address, PASSWORD.format(extension)) as phone:
        phone.try_register(expires=0, contact="*")


def _unwritten(office: OfficeUnderTest, messages: int) -> Iterator[str]:
    """What its store does not say yet, which is written a little later than it happens."""
    path = office.data / "softswitch.db"
    if not path.exists():
        return  # an office on a database server
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as store:

        def count(what: str) -> int:
            return int(store.execute(f"select count(*) from {what}").fetchone()[0])

        for (extension,) in store.execute("select distinct extension from bindings"):
            _unregister(office, extension)
            yield f"a phone of {extension} in the store"
        if count("calls where ended is null"):
            yield "a call in the store"
        if office.mail is not None and count("mails where sent_at is null"):
            yield "a mail"
        if count("messages") < messages:
            yield "a message"
