"""Where legs live: all that hear each other, or are recorded together, in one worker.

Legs that are joined over two workers are brought together: some of them *move*. A leg that moves is
closed in one worker and opened in the other, on the same ports, some milliseconds later. The far
phone is not asked; it sees another SSRC (RFC 3550 8.2). The same is done for all legs of a worker
that died, by its successor. Meanwhile such a leg is not settled: what is wanted of it is kept, and
said when it is.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from media.commands import (
    CloseLeg,
    Command,
    Event,
    GetStats,
    LegClosed,
    LegStats,
    OpenLeg,
    SendDigits,
    SetCountry,
    Unbridge,
)
from media.recording_commands import (
    PauseRecording,
    Rechannel,
    RecordingEnd,
    RecordingEnded,
    ResumeRecording,
    StopRecording,
)
from media.wanted import Wanted, WantedLeg, WantedRecording, added
from media.workforce import Workforce

# Of those who might have to move: a recording is closed and opened again for it.
RECORDED_WEIGHT = 3


class Placing:
    """`tell` hands an event to whoever uses the media engine."""

    def __init__(
        self, workers: Workforce, tell: Callable[[Event], None], clock: Callable[[], float]
    ) -> None:
        self.wanted = Wanted()
        self._workers = workers
        self._tell = tell
        self._clock = clock
        # Said to a leg that is not settled, and kept nowhere else.
        self._late: list[SendDigits | GetStats] = []
        self._country: SetCountry | None = None

    def by_load(self, beside: int | None) -> Iterator[int]:
        """All posts: first the one of the leg `beside`, then those that have the fewest legs."""
        legs, posts = self.wanted.legs, range(len(self._workers.posts))
        near = legs.get(-1 if beside is None else beside)
        if near is not None and near.worker in posts:
            yield near.worker
        others = [post for post in posts if near is None or post != near.worker]
        # Legs are counted where it matters: not if there is one worker, nor beside another leg.
        load = Counter(leg.worker for leg in legs.values()) if len(others) > 1 else Counter[int]()
        yield from sorted(others, key=lambda post: (not self._workers.is_up(post), load[post]))

    def open(self, leg: int, host: str, post: int) -> None:
        """A new leg; if nobody is at the post, it is opened by whoever comes."""
        is_up = self._workers.is_up(post)
        self.wanted.legs[leg] = WantedLeg(leg, host, post, is_settled=is_up)
        if is_up:
            self._workers.send(post, OpenLeg(leg, host))

    def adopt(self, leg: int, host: str, post: int, port: int) -> None:
        """A leg that its worker has opened already."""
        self.wanted.legs[leg] = WantedLeg(leg, host, post, port)

    # --- what is said to the workers ---

    def tell_leg(self, command: Command) -> None:
        leg = self.wanted.legs.get(getattr(command, "leg", -1))
        if leg is None:
            self._workers.send(0, command)  # which says that there is no such leg
        elif leg.is_settled:
            self._workers.send(leg.worker, command)
        elif isinstance(command, CloseLeg) and leg.leaving is None:
            asyncio.get_running_loop().call_soon(self._drop, leg)
        elif isinstance(command, SendDigits | GetStats):
            self._late.append(command)

    def _drop(self, leg: WantedLeg) -> None:
        """It is to be closed, and there is no worker that has it."""
        if self.wanted.legs.get(leg.number) is leg and not leg.is_settled:
            self._tell(LegClosed(leg.number, leg.before or LegStats()))

    def tell_all(self, command: SetCountry) -> None:
        self._country = command
        for post in self._workers.posts:
            self._workers.send(post.number, command)

    def tell_recording(
        self, command: Rechannel | PauseRecording | ResumeRecording | StopRecording
    ) -> None:
        recording = self.wanted.recordings.get(command.recording)
        if recording is None:
            self._workers.send(0, command)
        elif recording.worker is not None and not recording.is_moving:
            self._workers.send(recording.worker, command)

    def turn(self, command: Rechannel) -> None:
        """Other legs into a recording; it follows them into their worker."""
        self.unite(command.left + command.right)
        recording = self.wanted.recordings.get(command.recording)
        home = self._home(recording.legs) if recording is not None and recording.legs else None
        if recording is not None and home is not None and recording.worker not in (None, home):
            self._pull(recording)
        else:
            self.tell_recording(command)

    def _pull(self, recording: WantedRecording) -> None:
        """It is closed where it is, and goes on where its legs are."""
        if recording.worker is not None and not recording.is_moving:
            recording.is_moving = True
            self._workers.send(recording.worker, StopRecording(recording.command.recording))

    def part(self, command: Unbridge) -> None:
        post = self.wanted.joined.pop(command.bridge, None)
        if post is not None:
            self._workers.send(post, command)

    def join(self, bridge: int) -> None:
        """The bridge as it is wanted, once all its legs are settled in one worker."""
        command = self.wanted.bridges.get(bridge)
        if command is None:
            return
        post = self._home(command.legs)
        if post is not None:
            self.wanted.joined[bridge] = post
            self._workers.send(post, command)

    def _home(self, legs: Iterable[int]) -> int | None:
        """The worker that has these legs, if all are settled; it refuses those that are unknown."""
        known = [self.wanted.legs[number] for number in legs if number in self.wanted.legs]
        if not all(leg.is_settled for leg in known):
            return None
        return known[0].worker if known else 0

    def roll(self, number: int) -> None:
        """The recording as it is wanted, once all its legs are settled in one worker."""
        recording = self.wanted.recordings[number]
        if recording.worker is not None:
            return
        is_fresh = recording.last_worker is None
        post = self._home(recording.legs) if recording.legs else recording.last_worker or 0
        if post is None or not self._workers.is_up(post):
            return
        recording.worker = recording.last_worker = post
        again = [recording.command] if is_fresh else list(recording.again(self._clock()))
        for command in again:
            self._workers.send(post, command)

    # --- moving ---

    def unite(self, legs: Iterable[int]) -> None:
        """These legs are to live in one worker, with all that hang together with them."""
        known = [self.wanted.legs[number] for number in legs if number in self.wanted.legs]
        if len({leg.worker for leg in known}) < 2:
            return
        group = self.wanted.together(leg.number for leg in known)
        home = self._best_home(group)
        for number in group:
            if self.wanted.legs[number].worker != home:
                self._move(self.wanted.legs[number], home)
        for recording in self.wanted.recordings.values():
            if recording.worker != home and group.intersection(recording.legs):
                self._pull(recording)

    def _best_home(self, group: set[int]) -> int:
        weight: dict[int, int] = {}
        for number in group:
            leg = self.wanted.legs[number]
            weight[leg.worker] = weight.get(leg.worker, 0) + 1
        for recording in self.wanted.recordings.values():
            if recording.worker is not None and group.intersection(recording.legs):
                weight[recording.worker] = weight.get(recording.worker, 0) + RECORDED_WEIGHT
        return max(weight, key=lambda post: (self._workers.is_up(post), weight[post], -post))

    def _move(self, leg: WantedLeg, home: int) -> None:
        if leg.is_settled:
            leg.is_settled, leg.leaving = False, leg.worker
            self._workers.send(leg.worker, CloseLeg(leg.number, moves=True))
        leg.worker = home
        if leg.leaving is None:
            self._settle([leg])

    def rehost(self, number: int, host: str) -> None:
        """The leg goes on at another address of this machine, in the same worker."""
        leg = self.wanted.legs.get(number)
        if leg is None or leg.host == host or leg.is_closing:
            return
        leg.host = host
        self._move(leg, leg.worker)
        for recording in self.wanted.recordings.values():
            if number in recording.legs:
                self._pull(recording)

    def closed(self, leg: WantedLeg, event: LegClosed) -> None:
        """A worker has let a leg go: to another one, or for good."""
        stats = added(leg.before, event.stats)
        if leg.leaving is None or leg.is_closing:
            self._tell(LegClosed(leg.number, stats))
            return
        leg.leaving, leg.before = None, stats
        self._settle([leg])

    def is_on_its_way(self, event: RecordingEnded) -> bool:
        """It ended in one worker only to go on in another; and does so now, if it can."""
        recording = self.wanted.recordings.get(event.recording)
        if recording is None or not recording.is_moving:
            return False
        recording.is_moving = False
        if event.reason is not RecordingEnd.STOPPED:
            return False
        recording.worker = None
        self.roll(event.recording)
        return True

    def _settle(self, legs: list[WantedLeg]) -> int:
        """These legs in their worker, if it is there, and then what hangs on them."""
        settled = set[int]()
        for leg in legs:
            is_free = leg.leaving is None and not leg.is_settled and not leg.is_closing
            if is_free and self._workers.is_up(leg.worker):
                leg.is_settled = True
                settled.add(leg.number)
                for command in leg.again():
                    self._workers.send(leg.worker, command)
        for bridge, command in self.wanted.bridges.items():
            if settled.intersection(command.legs):
                self.join(bridge)
        for number, recording in list(self.wanted.recordings.items()):
            if settled.intersection(recording.legs):
                self.roll(number)
        late, self._late = self._late, []
        for command in late:
            self.tell_leg(command)
        return len(settled)

    # --- a worker dies, another one comes ---

    def down(self, post: int) -> int:
        """What lived there is settled nowhere; how many legs that are."""
        wanted, found = self.wanted, 0
        wanted.joined = {bridge: at for bridge, at in wanted.joined.items() if at != post}
        for leg in list(wanted.legs.values()):
            if leg.leaving == post:
                leg.leaving = None
                self._settle([leg])
            elif leg.worker == post and leg.is_settled:
                found += 1
                leg.is_settled = False
            if leg.is_closing and not leg.is_settled:
                asyncio.get_running_loop().call_soon(self._drop, leg)
        for recording in wanted.recordings.values():
            if recording.worker == post:
                recording.worker, recording.is_moving = None, False
        return found

    def up(self, post: int) -> int:
        """Everything again, to a worker that knows nothing; how many legs that are."""
        if self._country is not None:
            self._workers.send(post, self._country)
        legs = [leg for leg in self.wanted.legs.values() if leg.worker == post]
        settled = self._settle(legs)
        for number, recording in list(self.wanted.recordings.items()):
            if recording.last_worker == post and not recording.legs:
                self.roll(number)  # nobody is in it now; it is ended well, or waits for others
        return settled
