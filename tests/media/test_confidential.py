"""Nobody ever hears an octet of another call: a real worker, calls that come and go by chance.

Each phone says its call's number in every sample, and listens until its call is long over. Whatever
comes to it is of its own call and of its leg's one stream (the SSRC that was drawn for the leg),
however often descriptors, rows and ports pass from call to call. Half of the phones are encrypted,
and change their keys while packets flow: nothing comes to them in the open, or with a number that
was used before. A third of them speak G.722: between two codecs all is made here, by coders whose
memory passes from call to call too. `make fuzz` takes 4,000 calls.
"""

import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile
from hypothesis import settings
from msgspec.structs import replace
from pylibsrtp import Error, Session

from media.commands import (
    Bridge,
    CloseLeg,
    Echo,
    Failed,
    LegClosed,
    LegOpened,
    MediaSettings,
    Music,
    OpenLeg,
    PacketLoop,
    StopMusic,
    Unbridge,
)
from media.native.load import Compiled
from media.wire import decode
from tests.media.desk import G722, HOST, PCMA, Phone, sine
from tests.media.test_srtp import PROFILES, SecurePhone
from tests.media.worker_process import PATIENCE, Worker, worker_process

FEW, MANY = 80, 4000
AT_ONCE = 14
PACE = 0.004
# Steps for which the phones of a call that is over still listen.
AFTER = 30
SIGN = b"\xa3\x5c"


def mark(call: int) -> bytes:
    """What each phone of the call says: 20 ms."""
    return (SIGN + (call & 0xFFFF).to_bytes(2, "big")) * 40


def is_marked(payload: bytes) -> bool:
    """Nothing that is made here looks so: it is said by a phone."""
    return payload == payload[:4] * 40 and payload[:2] == SIGN


class SecretPhone(SecurePhone):
    """A secure one whose keys change: what was on its way meanwhile is of the keys before."""

    def __init__(self, chance: random.Random, payload_type: int, source: int) -> None:
        self.chance, self.before = chance, list[Session]()
        super().__init__(payload_type=payload_type, ssrc=source)
        self.change_keys()

    def change_keys(self) -> None:
        self.before.append(self.rx)
        ours, theirs = (self.chance.randrange(1, 256) for _ in range(2))
        self.agree(self.chance.choice(list(PROFILES)), ours, theirs)

    def opened(self, packet: bytes) -> bytes:
        for session in (self.rx, *reversed(self.before)):
            with contextlib.suppress(Error):
                return bytes(session.unprotect(packet))
        raise AssertionError(f"no key, or used twice, or none at all: {packet[:16]!r}")


def phone_of(chance: random.Random, kind: int, source: int, is_secret: bool) -> Phone:
    return SecretPhone(chance, kind, source) if is_secret else Phone(kind, source)


class Call:
    """Some phones of one call, its legs, and what each leg's phones have heard."""

    def __init__(self, number: int, chance: random.Random) -> None:
        self.number, self.mark = number, mark(number)
        size = chance.choice((1, 2, 2, 2, 2, 3))
        # Not even SSRCs differ between calls.
        sources = [chance.randrange(3) + 1 for _ in range(size)]
        self.phones: dict[int, Phone] = {}
        for i, source in enumerate(sources):
            leg = number * 4 + i
            kind, is_secret = chance.choice((PCMA, PCMA, G722)), chance.random() < 0.5
            self.phones[leg] = phone_of(chance, kind, source, is_secret)
        self.moved: list[tuple[int, Phone]] = []
        self.open = set[int]()
        self.sources: dict[int, set[int]] = {leg: set() for leg in self.phones}
        # What is sent to these is made here, and not the other one's packets alone.
        kinds = {phone.payload_type for phone in self.phones.values()}
        self.made = set(self.phones) if size == 3 or len(kinds) > 1 else set[int]()
        self.ended_for = 0
        self.is_ending = False

    @property
    def is_up(self) -> bool:
        return len(self.open) == len(self.phones) and not self.is_ending

    def listen(self, heard: Counter[str]) -> None:
        for leg, phone in (*self.phones.items(), *self.moved):
            phone.listen()
            for packet in phone.heard:
                who = f"call {self.number}, leg {leg}"
                self.sources[leg].add(packet.header.ssrc)
                assert len(self.sources[leg]) == 1, f"{who} heard another leg's stream"
                is_own = packet.payload == self.mark
                is_well = is_own or (leg in self.made and not is_marked(packet.payload))
                assert is_well, f"{who} heard {packet.header}, {packet.payload[:4]!r}"
                heard["own" if is_own else "made here"] += 1
                heard["in secret"] += isinstance(phone, SecretPhone)
                heard["in G.722"] += phone.payload_type == G722
            phone.heard.clear()

    def close(self) -> None:
        for phone in (*self.phones.values(), *(one for _, one in self.moved)):
            phone.close()


class Crowd:
    """Calls at a worker, as chance wants them."""

    def __init__(self, worker: Worker, seed: int, music: str) -> None:
        self.worker, self.music = worker, music
        self.chance = random.Random(seed)
        self.calls: dict[int, Call] = {}
        self.over = 0
        self.heard = Counter[str]()
        self.form: PacketLoop | None = None
        self._number = 0

    def step(self, is_last: bool = False) -> None:
        """All talk; some calls begin, some end, one is changed. `is_last`: all end."""
        chance = self.chance
        if not is_last and len(self.calls) < AT_ONCE:
            self._begin()
        up = [call for call in self.calls.values() if call.is_up]
        for call in up:
            for phone in call.phones.values():
                phone.send(phone.payload_type, call.mark)
                phone.timestamp += 160
        if is_last:
            for call in up:
                self._end(call)
        elif up and chance.random() < 0.2:
            for call in chance.sample(up, chance.randint(1, min(3, len(up)))):
                self._end(call)
        elif up:
            self._change(chance.choice(up))
        time.sleep(PACE)
        for event in self._events():
            self._hear(event)
        self._listen()

    def _begin(self) -> None:
        self._number += 1
        call = self.calls[self._number] = Call(self._number, self.chance)
        self.worker.do(*(OpenLeg(leg, HOST) for leg in call.phones))

    def _end(self, call: Call) -> None:
        call.is_ending = True
        self.worker.do(*map(CloseLeg, call.phones))

    def _join(self, call: Call) -> None:
        if len(call.phones) > 1:
            self.worker.do(Bridge(call.number, tuple(call.phones)))
        else:
            self.worker.do(*(Echo(leg, True) for leg in call.phones))

    def _change(self, call: Call) -> None:
        do, leg = self.worker.do, self.chance.choice(list(call.phones))
        phone = call.phones[leg]
        match self.chance.randrange(14):
            case 0:
                do(Unbridge(call.number))
            case 1 | 2:
                self._join(call)
            case 3:
                call.made.add(leg)
                do(Music(leg, self.music))
            case 4:
                do(StopMusic(leg))
            case 5:
                is_secret = isinstance(phone, SecretPhone)
                kind, source = phone.payload_type, phone.ssrc
                moved = call.phones[leg] = phone_of(self.chance, kind, source, is_secret)
                moved.reach(phone.to[1])
                call.moved.append((leg, phone))
                do(moved.remote(leg))
            case 6:  # away for a while, or not reachable at all
                do(phone.remote(leg, host=self.chance.choice(("0.0.0.0", HOST)), send=False))
                do(phone.remote(leg))
            case 10 | 11 | 12 | 13 if isinstance(phone, SecretPhone):
                phone.change_keys()
                do(phone.remote(leg))
            case 7 | 8 | 9 if len(call.phones) > 1:  # and the others talk on
                do(CloseLeg(leg))
                call.open.discard(leg)
                call.moved.append((leg, call.phones.pop(leg)))

    def _events(self) -> Iterator[Any]:
        worker = self.worker
        worker.socket.setblocking(False)
        try:
            data = worker.socket.recv(1 << 20)
        except BlockingIOError:
            data = b""
        else:
            assert data, "the worker died"
        finally:
            worker.socket.settimeout(PATIENCE)
        lines = worker.splitter.feed(data)
        events, worker.events = worker.events, []
        yield from (*events, *map(decode, lines))

    def _hear(self, event: Any) -> None:
        match event:
            case LegOpened(leg, port):
                call = self.calls[leg // 4]
                phone = call.phones[leg]
                phone.reach(port)
                call.open.add(leg)
                self.worker.do(phone.remote(leg))
                if call.is_up:
                    self._join(call)
            case LegClosed(leg):
                self.calls[leg // 4].open.discard(leg)
            case PacketLoop():
                self.form = event
            case Failed("OpenLeg", int(leg), reason) if "in use by other programs" in reason:
                self.worker.do(OpenLeg(leg, HOST))
            case Failed():
                raise AssertionError(event)

    def _listen(self) -> None:
        for call in list(self.calls.values()):
            call.listen(self.heard)
            if call.is_ending and not call.open:
                call.ended_for += 1
                if call.ended_for == AFTER:
                    call.close()
                    self.over += 1
                    del self.calls[call.number]

    def goes_on(
        self, is_enough: Callable[[], bool], patience: float, is_last: bool = False
    ) -> None:
        end = time.monotonic() + patience
        while not is_enough():
            assert time.monotonic() < end, f"{self.over} calls, {self.heard}"
            self.step(is_last)

    def close(self) -> None:
        for call in self.calls.values():
            call.close()


@pytest.fixture
def music(tmp_path: Path) -> str:
    path = tmp_path / "music.wav"
    soundfile.write(path, sine(700, 2.0), 8000)
    return str(path)


@pytest.fixture(params=["interpreted", "compiled"])
def begin(request: pytest.FixtureRequest) -> MediaSettings:
    plain = MediaSettings(
        rtp_low=27000, rtp_high=27400, drain_seconds=0.3, rtcp_seconds=0.3, native=False
    )
    if request.param == "interpreted":
        return plain
    compiled: Compiled = request.getfixturevalue("compiled")
    return replace(plain, native=True, native_cache=str(compiled.folder))


def test_no_call_hears_another_property(begin: MediaSettings, music: str) -> None:
    is_long = settings().max_examples > 1000
    wanted = MANY if is_long else FEW
    patience = PATIENCE * wanted / FEW
    with worker_process(begin) as worker:
        crowd = Crowd(worker, random.randrange(1 << 32) if is_long else 1, music)

        def is_enough() -> bool:
            heard = min(crowd.heard["own"] // 10, crowd.heard["made here"])
            heard = min(heard, crowd.heard["in secret"] // 5, crowd.heard["in G.722"] // 5)
            return min(crowd.over, heard) >= wanted

        try:
            crowd.goes_on(is_enough, patience)
            crowd.goes_on(lambda: not crowd.calls, PATIENCE, is_last=True)
        finally:
            crowd.close()
    assert crowd.form is not None and crowd.form.is_compiled == begin.native
