"""Calls come and go for months: what they took is given back, and taken again by the next ones.

CPython keeps up to 2,000 freed tuples of each length for the next one of that length. A tuple that
is made of a generator begins with ten places and is cut to its length, so each call leaves one more
there, and only a whole collection, which the worker never has, would clear them: two or three
megabytes in some thousand calls, which look like a leak and hide one.
"""

import gc
import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from media.commands import Bridge, CloseLeg, MediaSettings
from media.recording_commands import Record
from tests.media.desk import Desk, Phone, desk
from tests.media.test_srtp import SecurePhone

SETTINGS = MediaSettings(rtp_low=31400, rtp_high=31800, drain_seconds=0.0)
WARM, ROUNDS = 30, 30


@contextmanager
def uncollected() -> Iterator[None]:
    """As in the worker, where what is old is never collected."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def calls(table: Desk, phones: list[Phone], folder: Path) -> None:
    """Three talk, of whom two were recorded before, each in a recording of his own and in one
    with the other; the third one is encrypted, and has other keys in the middle of it.
    """
    secret = next(one for one in phones if isinstance(one, SecurePhone))
    secret.agree(secret.suite, 1, 2)
    a, b, c = [table.open(phone)[0] for phone in phones]
    table.phones = list(phones)
    table.do(Bridge(1, (a, b)))
    for number, sides in enumerate((((a,), (b,)), ((a,), ()), ((b,), ()))):
        table.do(Record(1000 * a + number, str(folder / f"{a}-{number}.wav"), *sides))
    for _ in range(6):
        for phone in phones:
            phone.send(phone.payload_type, bytes(160))
        table.step()
    table.do(Bridge(1, (a, b, c)))
    table.step(2)
    secret.agree(secret.suite, 3, 4)
    table.do(secret.remote(c))
    for _ in range(3):
        secret.send(secret.payload_type, bytes(160))
        table.step()
    for leg in (a, b, c):
        table.do(CloseLeg(leg))
    recordings = table.engine._taping
    table.until(lambda: not any(recordings.dump().values()))
    table.events.clear()
    for phone in phones:
        phone.heard.clear()
        phone.reports()
    assert secret.wire.seen
    secret.wire.seen.clear()


def blocks() -> int:
    """Without the names in the interpreter's cache of attributes, which has 4,096 places."""
    sys._clear_type_cache()
    return sys.getallocatedblocks()


def test_a_call_leaves_no_block_of_memory_behind(tmp_path: Path) -> None:
    with desk(SETTINGS) as table, uncollected():
        table.numbers = itertools.count(1)
        phones = [Phone(ssrc=1), Phone(ssrc=2), SecurePhone(ssrc=3)]
        for _ in range(WARM):
            calls(table, phones, tmp_path)
        before = blocks()  # a cycle of objects would stay, too
        for _ in range(ROUNDS):
            calls(table, phones, tmp_path)
        grown = blocks() - before
    assert grown < ROUNDS
