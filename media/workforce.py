"""The worker processes: one a post, and a spare one that waits to take the place of one that dies.

A worker's death is told, and then another one stands at its post: within some 50 ms if the spare
is there. What the dead one knew is told to the new one by whoever listens (media/client.py).
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from msgspec.structs import replace

from media.commands import Command, Event, MediaSettings
from media.link import MediaError, WorkerGone, WorkerLink

# The spare is warmed up when the start of the office is over: it costs a second of CPU, and memory.
SPARE_AFTER = 5.0
# Between two tries to start a worker, when the first one failed: doubled up to the longest.
RESTART_PAUSE, LONGEST_PAUSE = 0.5, 30.0
# A worker that dies so soon after it took over, and so often: what it was told kills it.
TOO_SOON, TOO_OFTEN = 5.0, 3


@dataclass(slots=True)
class Post:
    """One place for a worker, with its share of the ports."""

    number: int
    settings: MediaSettings
    link: WorkerLink | None = None  # None while nobody is there
    taken_at: float = 0.0
    early_deaths: int = 0


class Workforce:
    """`on_event(post, event)`; `on_down(post, reason)` and `on_up(post)` as workers go and come.

    `on_hopeless(post, reason)`: what this post's workers are told seems to kill them, or none can
    be started; tries go on without what they knew.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.on_event: Callable[[int, Event], None] = lambda post, event: None
        self.on_down: Callable[[int, str], None] = lambda post, reason: None
        self.on_up: Callable[[int], None] = lambda post: None
        self.on_hopeless: Callable[[int, str], None] = lambda post, reason: None
        self.posts: list[Post] = []
        self._spare: WorkerLink | None = None
        self._links: set[WorkerLink] = set()  # all whose process is not seen to its end
        self._spare_timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, settings: MediaSettings) -> None:
        """All workers. Raises WorkerGone, ValueError."""
        if self.posts:
            raise MediaError("already started")
        self.posts = [Post(i, share) for i, share in enumerate(_shares(settings))]
        try:
            await asyncio.gather(*(self._started(post) for post in self.posts))
        except WorkerGone:
            await self.close()
            raise
        loop = asyncio.get_running_loop()
        if settings.spare:
            self._spare_timer = loop.call_later(SPARE_AFTER, self._begin, self._warm_up)

    async def close(self) -> None:
        """Stop the workers; they end their recordings and say BYE first."""
        if self._spare_timer is not None:
            self._spare_timer.cancel()
        tasks, self._tasks = self._tasks, set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.posts, self._spare = [], None
        await asyncio.gather(*(self._dismiss(link) for link in list(self._links)))

    def is_up(self, post: int) -> bool:
        return post < len(self.posts) and self.posts[post].link is not None

    def send(self, post: int, command: Command) -> None:
        """Never blocks. To nobody nothing is said."""
        link = self.posts[post].link if post < len(self.posts) else None
        if link is not None:
            link.send(command)

    def processes(self) -> list[int]:
        """For measurements, by post."""
        links = [post.link for post in self.posts]
        return [link.process for link in links if link is not None and link.process is not None]

    # --- coming and going ---

    def _begin(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        task = asyncio.get_running_loop().create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _new_link(self) -> WorkerLink:
        link = WorkerLink()
        self._links.add(link)
        return link

    async def _dismiss(self, link: WorkerLink) -> None:
        await link.close()
        self._links.discard(link)

    async def _warm_up(self) -> None:
        """One spare worker, if there is none."""
        if self._spare is not None and self._spare.alive:
            return
        spare = self._new_link()
        with contextlib.suppress(OSError):  # then a worker's death takes a second longer
            await spare.spawn()
            self._spare = spare

    async def _started(self, post: Post) -> None:
        """A worker at this post: the spare, or a fresh one. Raises WorkerGone."""
        link, self._spare = self._spare or self._new_link(), None
        link.on_event = lambda event: self.on_event(post.number, event)
        link.on_lost = lambda reason: self._lost(post, link, reason)
        await link.start(post.settings)
        post.link, post.taken_at = link, self._clock()

    def _lost(self, post: Post, link: WorkerLink, reason: str) -> None:
        if post.link is not link:
            return
        post.link = None
        is_early = self._clock() - post.taken_at < TOO_SOON
        post.early_deaths = post.early_deaths + 1 if is_early else 0
        self.on_down(post.number, reason)
        self._begin(lambda: self._replace(post, link))

    async def _replace(self, post: Post, dead: WorkerLink) -> None:
        """Somebody else at this post, whatever it takes."""
        if post.early_deaths >= TOO_OFTEN:
            post.early_deaths = 0
            self.on_hopeless(post.number, "media workers die one after the other")
        pause = RESTART_PAUSE
        while post.link is None:
            try:
                await self._started(post)
            except WorkerGone as error:
                self.on_hopeless(post.number, str(error))
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        self.on_up(post.number)
        await self._dismiss(dead)
        if post.settings.spare:
            await self._warm_up()


def _shares(settings: MediaSettings) -> list[MediaSettings]:
    """The ports cut into one range a worker. Raises ValueError."""
    count = settings.workers
    pairs = (settings.rtp_high - settings.rtp_low) // 2
    if not 1 <= count <= max(1, pairs):
        raise ValueError(f"{count} media workers for {pairs} port pairs")
    low, size = settings.rtp_low, pairs // count * 2
    bounds = [low + i * size for i in range(count)] + [settings.rtp_high]
    return [
        replace(settings, rtp_low=a, rtp_high=b) for a, b in zip(bounds, bounds[1:], strict=False)
    ]
