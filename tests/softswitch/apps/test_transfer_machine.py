"""Transfers by chance, in virtual time: hypothesis walks what people and phones may do to a call.

After each step no leg is without an owner, nobody hears whom he does not talk with, and nobody in a
talk waits in silence; at rest the lamps agree with who is busy; in the end nothing is left and each
row of the history has its end.
"""

from contextlib import ExitStack
from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.helpers.hand_phone import Call
from tests.helpers.office_people import (
    MOST_CALLS,
    PEOPLE,
    Crowd,
    check,
    check_lamps,
    check_rows,
    names,
)
from tests.helpers.virtual_office import PROVIDER, virtual_office

TARGETS = st.sampled_from((*PEOPLE, "320", "321", "300", "301", "345", "601202303", "nobody"))
PUBLIC = st.sampled_from(("+48221234567", "+48221234570", "+48221234571"))
NUMBER = st.integers(0, 100)
# Nothing at all between two acts, less than a packet takes, a moment, longer than a phone rings.
PAUSES = st.sampled_from((0.0, 0.001, 0.003, 0.05, 0.5, 4.0, 22.0))
CODES = st.sampled_from(("*2", "*0", "*7", "*1", "#", "*2*2", "*0#"))
SETTLED = 0.6  # prompts and tones are over, every message has arrived


class Transfers(RuleBasedStateMachine):
    """See the module's docstring."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self.office = self._stack.enter_context(virtual_office())
        self.crowd = Crowd(self.office)
        self.office.do(self.crowd.come())

    def teardown(self) -> None:
        with self._stack:
            self.crowd.everybody_leaves()
            self.office.check_calm()
            check_rows(self.office)

    def _after(self, pause: float) -> None:
        self.office.loop.pass_time(pause)
        self.crowd.act(self.crowd.settle)
        assert not self.office.media.mistakes, self.office.media.mistakes

    def _some(self, calls: list[Call], number: int) -> Call:
        return calls[number % len(calls)]

    @initialize(
        eager=st.sets(st.sampled_from((*PEOPLE, PROVIDER))),
        pairs=st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)), max_size=2),
        is_client=st.booleans(),
        loss=st.sampled_from((0.0, 0.0, 0.15)),
        chance=st.randoms(use_true_random=False),
    )
    def some_talk_already(
        self,
        eager: set[str],
        pairs: list[tuple[str, str]],
        is_client: bool,
        loss: float,
        chance: Random,
    ) -> None:
        self.crowd.eager = set(PEOPLE)
        for one, other in pairs:
            self.office.do(self.crowd.dial(self.crowd.phones[one], other))
        if is_client:
            self.office.do(self.crowd.dial(self.crowd.client, "+48221234570"))
        self._after(SETTLED)
        self.crowd.eager = eager
        if loss:
            # Some packets are lost, as many come twice.
            seed = Random(chance.random())
            arrivals = (0, 1, 2), (loss, 1 - 2 * loss, loss)
            self.office.loop.network.fate = lambda *_: seed.choices(*arrivals)[0]

    # --- calls ---

    @rule(who=st.sampled_from(PEOPLE), whom=TARGETS, pause=PAUSES)
    def dials(self, who: str, whom: str, pause: float) -> None:
        phone = self.crowd.phones[who]
        if self.crowd.calls_of(phone) < MOST_CALLS:
            self.office.do(self.crowd.dial(phone, whom))
        self._after(pause)

    @rule(number=PUBLIC, pause=PAUSES)
    def a_client_calls(self, number: str, pause: float) -> None:
        if self.crowd.calls_of(self.crowd.client) < MOST_CALLS:
            self.office.do(self.crowd.dial(self.crowd.client, number))
        self._after(pause)

    @precondition(lambda self: self.crowd.ringing)
    @rule(which=NUMBER, pause=PAUSES)
    def answers(self, which: int, pause: float) -> None:
        self.crowd.act(self.crowd.answer, self._some(self.crowd.ringing, which))
        self._after(pause)

    @precondition(lambda self: self.crowd.ringing)
    @rule(which=NUMBER, status=st.sampled_from((486, 603, 404)), pause=PAUSES)
    def refuses(self, which: int, status: int, pause: float) -> None:
        self.crowd.act(self.crowd.refuse, self._some(self.crowd.ringing, which), status)
        self._after(pause)

    @precondition(lambda self: self.crowd.dialled)
    @rule(which=NUMBER, pause=PAUSES)
    def gives_up(self, which: int, pause: float) -> None:
        self.crowd.act(self.crowd.give_up, self._some(self.crowd.dialled, which))
        self._after(pause)

    # --- talks ---

    @precondition(lambda self: self.crowd.up)
    @rule(which=NUMBER, pause=PAUSES)
    def hangs_up(self, which: int, pause: float) -> None:
        self.crowd.act(self.crowd.bye, self._some(self.crowd.up, which))
        self._after(pause)

    @precondition(lambda self: self.crowd.up)
    @rule(
        which=NUMBER,
        direction=st.sampled_from(("sendonly", "inactive", "sendrecv")),
        pause=PAUSES,
    )
    def holds_or_resumes(self, which: int, direction: str, pause: float) -> None:
        self.office.do(self.crowd.hold(self._some(self.crowd.up, which), direction))
        self._after(pause)

    @precondition(lambda self: self.crowd.up)
    @rule(which=NUMBER, whom=TARGETS, pause=PAUSES)
    def refers(self, which: int, whom: str, pause: float) -> None:
        self.crowd.act(self.crowd.refer, self._some(self.crowd.up, which), whom)
        self._after(pause)

    @precondition(lambda self: len(self.crowd.up) > 1)
    @rule(which=NUMBER, other=NUMBER, is_own=st.booleans(), pause=PAUSES)
    def joins_two(self, which: int, other: int, is_own: bool, pause: float) -> None:
        call = self._some(self.crowd.up, which)
        own = [one for one in self.crowd.up if one.phone is call.phone and one is not call]
        self.crowd.act(
            self.crowd.refer,
            call,
            "104",
            self._some(own if is_own and own else self.crowd.up, other),
        )
        self._after(pause)

    @precondition(lambda self: self.crowd.up)
    @rule(which=NUMBER, who=st.sampled_from(PEOPLE), pause=PAUSES)
    def takes_the_place(self, which: int, who: str, pause: float) -> None:
        phone = self.crowd.phones[who]
        if self.crowd.calls_of(phone) < MOST_CALLS:
            header = ("Replaces", names(self._some(self.crowd.up, which)))
            self.office.do(self.crowd.dial(phone, "102", header))
        self._after(pause)

    # --- keys ---

    @precondition(lambda self: self.crowd.up)
    @rule(which=NUMBER, code=st.sampled_from(("*1", "*2")), whom=TARGETS, pause=PAUSES)
    def asks_by_keys(self, which: int, code: str, whom: str, pause: float) -> None:
        digits = "".join(one for one in whom if one.isdigit())
        self.crowd.act(self.crowd.press, self._some(self.crowd.up, which), f"{code}{digits}#")
        self._after(pause)

    @precondition(lambda self: self.crowd.up)
    @rule(which=NUMBER, code=CODES, pause=PAUSES)
    def presses(self, which: int, code: str, pause: float) -> None:
        self.crowd.act(self.crowd.press, self._some(self.crowd.up, which), code)
        self._after(pause)

    # --- what else happens ---

    @rule(who=st.sampled_from(PEOPLE))
    def a_phone_hears_no_notify(self, who: str) -> None:
        self.crowd.deaf ^= {who}

    @rule()
    def nothing_happens_for_a_while(self) -> None:
        self._after(SETTLED)
        check(self.office)

    @rule(seconds=st.sampled_from((3.0, 65.0, 190.0)))
    def everybody_rests(self, seconds: float) -> None:
        self._after(seconds)
        self._after(SETTLED)
        check(self.office)
        check_lamps(self.office)


TestPropertyTransfers = Transfers.TestCase
TestPropertyTransfers.settings = settings(
    # Each example is a day in an office: some tenths of a second.
    max_examples=max(40, settings.default.max_examples // 5),
    stateful_step_count=40,
)
