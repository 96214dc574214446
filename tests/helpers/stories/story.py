"""One story, from its seed: told step by step, brought to its end, and judged.

    tell_story(4711)      raises `Untrue` with the seed, what was wrong, and every step

What phones do by themselves and when they do it is drawn from the same seed, so a story is always
the same one.
"""

import asyncio
from collections.abc import Callable
from random import Random

import structlog.testing

from tests.helpers.stories.acts import WEIGHTS
from tests.helpers.stories.call import Call, State
from tests.helpers.stories.judge import complaints
from tests.helpers.stories.office import StoryOffice, story_office
from tests.helpers.stories.people import Moods
from tests.helpers.stories.phone import Phone
from tests.helpers.virtual_office import LINGER

# Nothing at all between two acts, less than a packet takes, a moment, a ring, a long while.
PAUSES = (0.0, 0.001, 0.003, 0.05, 0.5, 0.5, 1.5, 4.0, 4.0, 9.0, 22.0, 65.0)
LOSSES = (0.0, 0.0, 0.0, 0.02, 0.08, 0.15)
FEWEST, MOST = 8, 40
LAG = 0.08
# Phones that vanished are asked once a minute, and given up half a minute later.
PATIENCE = 420
WORST = ("error", "critical")


class Untrue(AssertionError):
    """A story whose end is not what it should be."""


class Story:
    """See the module's docstring."""

    def __init__(self, seed: int, office: StoryOffice) -> None:
        self.seed, self.office = seed, office
        self.chance = chance = Random(seed)
        self.loss = chance.choice(LOSSES)
        self.may_vanish = chance.random() < 0.3
        self.may_lose_media = chance.random() < 0.06
        self.is_stopped_early = chance.random() < 0.15
        self.steps: list[str] = []
        moods = Moods(self)
        for phone in self.phones:
            phone.rings = moods.rung
        self._weather()

    @property
    def phones(self) -> list[Phone]:
        return [*self.office.phones, self.office.provider]

    def _weather(self) -> None:
        """Packets are lost, come twice, and overtake each other."""
        if not self.loss:
            return
        chance, loss, network = Random(f"weather {self.seed}"), self.loss, self.office.loop.network
        weights = (loss, 1 - 1.5 * loss, loss / 2)
        network.fate = lambda *_: chance.choices((0, 1, 2), weights)[0]
        network.lag = lambda: LAG * chance.random() if chance.random() < loss else 0.0

    # --- for the acts ---

    def tell(self, what: str) -> None:
        self.steps.append(f"{self.office.loop.time():9.3f}  {what}")

    def later(self, seconds: float, what: Callable[[], None]) -> None:
        """Somebody does something after a while, unless his phone vanished meanwhile."""
        self.office.loop.call_later(seconds, what)

    def _calls(self, state: State) -> list[Call]:
        phones = [phone for phone in self.phones if not phone.is_gone]
        return [call for phone in phones for call in phone.calls.values() if call.state is state]

    def up(self) -> list[Call]:
        return [call for call in self._calls(State.UP) if call.target]

    def ringing(self) -> list[Call]:
        return self._calls(State.RINGS)

    def dialled(self) -> list[Call]:
        return [call for call in self._calls(State.DIALLED) if not call.is_given_up]

    # --- from beginning to end ---

    def happen(self) -> None:
        acts, weights = list(WEIGHTS), list(WEIGHTS.values())
        for _ in range(self.chance.randint(FEWEST, MOST)):
            (act,) = self.chance.choices(acts, weights)
            pause = self.chance.choice(PAUSES)
            self.office.do(self._act(act))
            self.office.loop.pass_time(pause)
            assert not self.office.media.mistakes, self.office.media.mistakes

    async def _act(self, act: Callable[["Story"], str | None]) -> None:
        done = act(self)
        if done:
            self.tell(done)

    def end(self) -> None:
        """Everybody goes home, or the switch is stopped; then the clock runs on."""
        for phone in self.phones:
            phone.rings = lambda call: call.phone.answer(call, 486)
        if self.is_stopped_early:
            self.tell("the switch is stopped")
            self.office.do(self.office.end_calls())
            self.office.loop.pass_time(0.5)
        else:
            self.tell("everybody goes home")
        for _ in range(PATIENCE):
            self.office.do(self._leave())
            self.office.loop.pass_time(1.0)
            if not self.office.left() and not any(self._alive()):
                break
        self.office.loop.pass_time(LINGER)

    def _alive(self) -> list[Call]:
        return [call for phone in self.phones if not phone.is_gone for call in phone.calls.values()]

    async def _leave(self) -> None:
        for call in self.ringing():
            call.phone.answer(call, 603)
        for call in self.dialled():
            call.phone.cancel(call)
        for call in self.up():
            call.phone.bye(call)


def tell_story(seed: int) -> Story:
    """Raises `Untrue`."""
    with structlog.testing.capture_logs() as logs, story_office(seed) as office:
        broken: list[str] = []
        office.loop.set_exception_handler(lambda _, found: broken.append(str(found)))
        story = Story(seed, office)
        try:
            story.happen()
            story.end()
            found = [*left_over(office), *complaints(story.office, story.loss), *broken]
        except Untrue:
            raise
        except Exception as error:
            found = [f"{type(error).__name__}: {error}"]
            if not isinstance(error, AssertionError):
                raise Untrue(_told(story, found)) from error
    found += [str(one) for one in logs if one["log_level"] in WORST and "exc_info" in one]
    if found:
        raise Untrue(_told(story, found))
    return story


def left_over(office: StoryOffice) -> list[str]:
    """What calls have not given back, though all is over and every timer has run out."""
    found = [f"left: {name} {n}" for name, n in office.server.dump().items() if n]
    desk, media = office.server.desk, office.media
    owned = {
        "busy": desk.exchange.people.busy(),
        "conversations": list(desk.conversations),
        "conferences": list(desk.conferences),
        "bridges": list(media.bridges),
        "rows": list(media.legs),
        "recordings": list(media.recordings),
        "lamps": [name for name, n in _lamps(office) if n],
        "late": [None] * len(office.server.arrivals.gate.late),
        "tasks": _tasks(office),
    }
    return found + [f"left: {name} {what}" for name, what in owned.items() if what]


def _lamps(office: StoryOffice) -> list[tuple[str, int]]:
    """Settings and switches of people stay lit, calls do not."""
    dump = office.server.presence.lamps.dump()
    return [(name, n) for name, n in dump.items() if name not in ("lit switches", "named dialogs")]


def _tasks(office: StoryOffice) -> list[str]:
    tasks = asyncio.all_tasks(office.loop) - office.own_tasks()
    return sorted(str(task.get_coro()) for task in tasks if not task.done())


def _told(story: Story, found: list[str]) -> str:
    lines = [f"story {story.seed} (loss {story.loss:.0%}):", *(f"- {one}" for one in found)]
    return "\n".join([*lines, "", *story.steps])
