"""The front desk: what every application of the switch may use beside the exchange.

Holds the office version in force (a reload swaps it; calls in progress keep theirs), the prompts,
the queues, and the stores of messages and mails.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.apps.callbacks.room import CallbackRoom
from softswitch.apps.clients.room import Clients
from softswitch.apps.conference_room import ConferenceRoom
from softswitch.apps.parking_lot import ParkingLot
from softswitch.apps.push import Pushes
from softswitch.apps.queue.hall import QueueHall
from softswitch.apps.reach import Reach
from softswitch.apps.recent import RecentCalls
from softswitch.apps.spending.room import Spending
from softswitch.apps.trunk_test import TrunkTests
from softswitch.apps.webhook import Webhooks
from softswitch.calls.call import Call
from softswitch.calls.exchange import Exchange
from softswitch.calls.leg import Leg
from softswitch.calls.standing import Standing
from softswitch.calls.switches import Switches
from softswitch.log import get_logger
from softswitch.office.loader import LoadedOffice
from softswitch.office.numbers import redialled
from softswitch.office.prepared import SOUNDS, PreparedSounds, Use
from softswitch.office.prompts import PromptError, PromptLibrary
from softswitch.presence.lamps import Lamps
from softswitch.routing.caller import Caller
from softswitch.routing.runner import run
from softswitch.store.messages import MessageTable
from softswitch.store.outbox import Outbox
from softswitch.trunks.trunks import Trunks

if TYPE_CHECKING:
    from softswitch.apps.emergency_alert import HelpAlarms
    from softswitch.apps.recording.room import RecordingRoom
    from softswitch.apps.talk import Conversation

_log = get_logger("apps.desk")

HOLD_MUSIC = "calm"


def _no_text(sender: str, recipient: str, words: str) -> None:
    """Where nobody carries texts."""


@dataclass(slots=True)
class FrontDesk:
    """See the module's docstring."""

    exchange: Exchange
    office: LoadedOffice
    prompts: dict[str, PromptLibrary]  # by language
    messages: MessageTable
    outbox: Outbox
    folder: Path  # where messages are kept
    trunks: Trunks
    standing: Standing
    switches: Switches
    callbacks: CallbackRoom
    spending: Spending
    queues: QueueHall
    webhooks: Webhooks = field(default_factory=Webhooks)
    conferences: dict[str, ConferenceRoom] = field(default_factory=dict)
    # Who talks now, by each of the two legs; a conversation enters and removes itself.
    talks: dict[Leg, "Conversation"] = field(default_factory=dict)
    # By call; also while one of the two waits, or nobody talks for a moment.
    conversations: dict[str, "Conversation"] = field(default_factory=dict)
    parking: ParkingLot = field(init=False)
    recordings: "RecordingRoom" = field(init=False)
    clients: Clients = field(init=False)
    recent: RecentCalls = field(init=False)
    pushes: Pushes = field(init=False)
    trunk_tests: TrunkTests = field(init=False)
    # When the office was last told that a trunk's callers are refused, by its name.
    refusals_told: dict[str, float] = field(default_factory=dict)
    lamps: Lamps | None = None
    # Sends a text in somebody's name to somebody's phones: sender, recipient, words.
    text: Callable[[str, str, str], None] = _no_text

    sounds: PreparedSounds = field(init=False)
    alarms: "HelpAlarms" = field(init=False)

    def __post_init__(self) -> None:
        self.sounds = PreparedSounds(self.folder / SOUNDS)
        self.parking = ParkingLot(lambda: self.office.office)
        self.clients = Clients(self.webhooks, self.exchange.now)
        self.recent = RecentCalls(lambda: self.office)
        self.trunk_tests = TrunkTests(self.exchange, self.trunks)
        self.pushes = Pushes(
            self.webhooks,
            self.exchange.registrar,
            lambda: self.office.office,
            lambda: self.exchange.steady(),
            self.exchange.now,
        )

    @property
    def reach(self) -> Reach:
        """Who may be rung now, and where his calls go."""
        return Reach(self.standing, self.exchange.people)

    async def follow(self, call: Call, word: str, caller: Caller) -> None:
        """Lead a caller along the route of a number, or to a group, queue or mailbox by its name.

        A route that ends by itself hangs up; the office version is the one the call began with.
        """
        graph = call.office.graph
        result = await run(graph, graph.start(word) or graph.safe, caller)
        call.note("route.ended", end=result.end.value)

    def has_prompt(self, name: str, language: str) -> bool:
        """Whether there is one of this name; the office may have recorded it since."""
        library = self.prompts.get(language) or self._library(language)
        return not library.missing([name])

    def prompt_files(self, names: Iterable[str], language: str) -> list[str]:
        """The files of prompts, as the media engine wants them.

        The check proved that the configured ones exist; one that vanished since is passed over and
        logged, because a caller who hears a prompt less is better off than one who is lost.
        """
        library = self.prompts.get(language) or self._library(language)
        files = []
        for name in names:
            try:
                files.append(self.sounds.as_heard(library.path(name), Use.PROMPT))
            except PromptError as error:
                _log.error("a prompt is missing", prompt=name, error=str(error))
        return files

    def _library(self, language: str) -> PromptLibrary:
        own = self.office.office.prompts
        folders = [self.office.folder / own] if own else []
        library = self.prompts[language] = PromptLibrary(folders, language)
        return library

    def music(self, name: str | None) -> str | None:
        """The file of a piece of music; None, and silence, when it is not there."""
        own = self.office.office.music.get(name or "")
        if own is not None:
            return self.sounds.as_heard((self.office.folder / own).absolute(), Use.MUSIC)
        language = self.office.office.office.language
        library = self.prompts.get(language) or self._library(language)
        try:
            return self.sounds.as_heard(library.music(name or HOLD_MUSIC), Use.MUSIC)
        except PromptError as error:
            _log.error("music is missing", music=name, error=str(error))
            return None

    def hold_music(self) -> str | None:
        """What somebody hears who is put on hold."""
        return self.music(None)

    def local_time(self, at: datetime) -> datetime:
        """On the office's clock."""
        return at.astimezone(self.office.office.zone)

    def display_number(self, number: str | None) -> str | None:
        """A caller's number as a phone of this country shows and redials it."""
        return number and redialled(number, self.office.office.country)
