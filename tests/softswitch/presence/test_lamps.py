"""Lamps fed with stories of calls: what each person's lamp shows at each step."""

from datetime import UTC, datetime
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from softswitch.presence.lamps import Lamps
from softswitch.presence.things import DialogState, Kind, Party, Role, Thing
from softswitch.store.event import Event

AT = datetime(2026, 1, 1, tzinfo=UTC)
ANNA, PIOTR, JAN = (Thing(Kind.PERSON, one) for one in ("101", "102", "103"))
QUEUE = Thing(Kind.QUEUE, "reception")
EARLY, CONFIRMED = DialogState.EARLY, DialogState.CONFIRMED


class Stage:
    """Lamps, and what changed since the last look."""

    def __init__(self, phones: str = "101 102 103") -> None:
        tokens = count()
        self.changed: list[Thing] = []
        self.phones = set(phones.split())
        self.lamps = Lamps(
            lambda: f"t{next(tokens)}", self.phones.__contains__, self.changed.append
        )

    def see(self, kind: str, call: str = "c1", /, **data: object) -> None:
        self.lamps.see(Event(call, AT, kind, data))

    def begin(self, call: str = "c1", number: str = "101", direction: str = "internal") -> None:
        self.see("call.started", call, direction=direction, number=number, name="X", called="102")

    def states(self, thing: Thing) -> list[tuple[Role | None, DialogState]]:
        return [(one.role, one.state) for one in self.lamps.dialogs(thing)]


def test_a_call_from_first_ring_to_hang_up() -> None:
    stage = Stage()
    stage.begin()
    assert stage.states(ANNA) == [(Role.INITIATOR, EARLY)]
    stage.see("ring.started", who=["102"], kind="person", key="102")
    (ringing,) = stage.lamps.dialogs(PIOTR)
    assert (ringing.role, ringing.state) == (Role.RECIPIENT, EARLY)
    assert ringing.other == Party("101", "X")
    stage.see("call.answered", who="102", after=1.0)
    (talking,) = stage.lamps.dialogs(PIOTR)
    assert talking.state is CONFIRMED
    assert (talking.id, talking.call_id) == (ringing.id, ringing.call_id)
    assert stage.states(ANNA) == [(Role.INITIATOR, CONFIRMED)]
    stage.see("bridge.ended", who="102", seconds=3.0)
    stage.see("party.left", who="102")
    assert stage.states(PIOTR) == []
    stage.see("call.ended", by="caller", status=None, reason="")
    assert not any(stage.lamps.dump().values())


def test_of_a_group_only_who_answers_stays_lit() -> None:
    stage = Stage()
    stage.begin(number="+48600100200", direction="in")
    stage.see("ring.started", who=["101", "102", "103"], kind="group", key="all")
    assert [len(stage.states(one)) for one in (ANNA, PIOTR, JAN)] == [1, 1, 1]
    stage.see("call.answered", who="102")
    assert [len(stage.states(one)) for one in (ANNA, PIOTR, JAN)] == [0, 1, 0]
    assert stage.states(PIOTR) == [(Role.RECIPIENT, CONFIRMED)]


def test_who_has_no_phone_does_not_blink() -> None:
    stage = Stage(phones="101")
    stage.begin(number="+48600100200", direction="in")
    stage.see("ring.started", who=["101", "102"], kind="group", key="all")
    assert (len(stage.states(ANNA)), stage.states(PIOTR)) == (1, [])


def test_nobody_answers() -> None:
    stage = Stage()
    stage.begin()
    stage.see("ring.started", who=["102"], kind="person", key="102")
    stage.see("ring.failed", who=["102"], outcome="no_answer")
    assert stage.states(PIOTR) == []
    stage.see("prompt.played", prompt="mailbox_greeting")
    assert stage.states(ANNA) == [(Role.INITIATOR, CONFIRMED)]


def test_who_takes_a_call_on_his_mobile_is_busy_at_his_desk() -> None:
    stage = Stage()
    stage.begin(number="+48600100200", direction="in")
    stage.see("ring.started", who=["102"], kind="person", key="102")
    stage.see("ring.started", who=["102 mobile"], kind="external", key="operator")
    stage.see("call.answered", who="102")
    talk = {"who": "102", "led": "+48600100200", "people": [], "person": "102"}
    stage.see("bridge.started", **talk)
    assert stage.states(PIOTR) == [(Role.RECIPIENT, CONFIRMED)]
    stage.see("bridge.ended", who="102", seconds=3.0)
    stage.see("party.left", who="102")
    assert stage.states(PIOTR) == []


def test_a_number_outside_that_looks_like_an_extension_lights_nobody() -> None:
    stage = Stage()
    stage.begin(direction="out")
    stage.see("ring.started", who=["102"], kind="external", key="operator")
    stage.see("call.answered", who="102")
    assert stage.states(PIOTR) == []
    (mine,) = stage.lamps.dialogs(ANNA)
    assert (mine.state, mine.other) == (CONFIRMED, Party("102"))


def test_two_calls_at_once_are_two_dialogs() -> None:
    stage = Stage()
    for call in ("c1", "c2"):
        stage.begin(call, number="+48600100200", direction="in")
        stage.see("ring.started", call, who=["102"], kind="person", key="102")
    stage.see("call.answered", "c1", who="102")
    assert stage.states(PIOTR) == [(Role.RECIPIENT, CONFIRMED), (Role.RECIPIENT, EARLY)]
    assert len({one.id for one in stage.lamps.dialogs(PIOTR)}) == 2
    stage.see("call.ended", "c1")
    assert stage.states(PIOTR) == [(Role.RECIPIENT, EARLY)]


def test_a_queue_is_lit_while_somebody_waits() -> None:
    stage = Stage()
    for call in ("c1", "c2"):
        stage.begin(call, number="+48600100200", direction="in")
        stage.see("queue.entered", call, queue="reception", position=1)
    lit = stage.lamps.dialogs(QUEUE)
    stage.see("queue.left", "c1", queue="reception", outcome="answered")
    assert stage.lamps.dialogs(QUEUE) == lit
    assert stage.changed.count(QUEUE) == 1
    stage.see("call.ended", "c2")
    assert not stage.lamps.is_lit(QUEUE)
    stage.see("call.ended", "c1")
    assert not any(stage.lamps.dump().values())


def test_an_agent_who_was_being_rung_when_the_caller_left() -> None:
    stage = Stage()
    stage.begin(number="+48600100200", direction="in")
    stage.see("queue.entered", queue="reception", position=1)
    stage.see("ring.started", who=["101"], kind="queue", key="reception")
    stage.see("queue.left", queue="reception", outcome="abandoned")
    assert stage.states(ANNA) == []


def test_nothing_stays_lit_of_somebody_without_calls() -> None:
    stage = Stage()
    stage.begin()
    stage.see("ring.started", who=["102"], kind="person", key="102")
    stage.lamps.person_changed("102", 1)
    stage.lamps.person_changed("102", 0)
    assert stage.states(PIOTR) == []
    stage.see("call.answered", who="103")  # no event may bring him back
    assert stage.states(PIOTR) == []


def test_who_is_busy_without_a_story_is_lit_at_the_second_look() -> None:
    stage = Stage()
    stage.lamps.person_changed("102", 1)
    stage.lamps.reconcile()
    assert stage.states(PIOTR) == []
    stage.lamps.reconcile()
    assert stage.states(PIOTR) == [(None, CONFIRMED)]
    stage.begin("c2", number="102")
    assert stage.states(PIOTR) == [(Role.INITIATOR, EARLY)]
    stage.lamps.person_changed("102", 0)
    stage.see("call.ended", "c2")
    assert not any(stage.lamps.dump().values())


def test_a_made_up_call_id_leads_to_the_call() -> None:
    stage = Stage()
    stage.begin()
    stage.see("ring.started", who=["102"], kind="person", key="102")
    (ringing,) = stage.lamps.dialogs(PIOTR)
    assert stage.lamps.named(ringing.call_id) == ("c1", "102")
    stage.see("call.ended")
    assert stage.lamps.named(ringing.call_id) is None


def test_a_switch_goes_on_and_off() -> None:
    stage, night = Stage(), Thing(Kind.SWITCH, "night")
    for is_on in (True, True, False, False):
        stage.lamps.switch(night, is_on)
    assert stage.changed == [night, night]


KINDS = st.sampled_from(
    ["ring.started", "ring.failed", "call.answered", "bridge.started", "queue.entered"]
    + ["bridge.ended", "party.left", "transfer"]
    + ["queue.left", "prompt.played", "call.early", "transfer.whatever"]
)
WHO = st.sampled_from(["101", "102", "103"])


@given(st.lists(st.tuples(KINDS, st.sampled_from(["c1", "c2"]), WHO)))
def test_property_when_all_calls_ended_all_is_dark(story: list[tuple[str, str, str]]) -> None:
    stage = Stage()
    stage.begin("c1")
    stage.begin("c2", number="+48600100200", direction="in")
    for kind, call, who in story:
        several = kind.startswith("ring.")
        stage.see(kind, call, who=[who] if several else who, queue="reception", kind="group")
    stage.see("call.ended", "c1")
    stage.see("call.ended", "c2")
    assert not any(stage.lamps.dump().values())
