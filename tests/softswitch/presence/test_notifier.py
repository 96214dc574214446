"""The notifier over real stacks in virtual time: what watchers get, and when it ends."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from softswitch.office.models import Office
from softswitch.presence import notifier
from softswitch.presence.things import Kind, Thing
from softswitch.presence.watch import GAP
from softswitch.sip.flow import Flow, Transport
from softswitch.store.event import Event
from softswitch.store.messages import MailboxCount
from tests.softswitch.presence.desk import OFFICE, SERVER, Desk, Phone

AT = datetime(2026, 1, 1, tzinfo=UTC)


def story(desk: Desk, kind: str, call: str = "k1", /, **data: object) -> None:
    desk.lamps.see(Event(call, AT, kind, data))
    desk.run()


def ring(desk: Desk, who: str = "102", call: str = "k1", number: str = "+48600100200") -> None:
    story(desk, "call.started", call, direction="in", number=number, name="Klient", called="x")
    story(desk, "ring.started", call, who=[who], kind="person", key=who)


def shown(phone: Phone) -> list[list[str]]:
    """The states of the dialogs in each NOTIFY."""
    return [re.findall("<state>(.*?)</state>", told.text) for told in phone.told]


def versions(phone: Phone) -> list[int]:
    return [int(re.findall('version="([0-9]+)"', told.text)[0]) for told in phone.told]


def test_a_lamp_over_a_call() -> None:
    desk = Desk()
    anna = Phone(desk, "101")
    first = anna.watch("102")
    assert first.status == 200
    assert first.headers.get("Expires") == "600"
    assert len(anna.told) == 1
    ring(desk)
    story(desk, "call.answered", who="102")
    story(desk, "party.left", who="102")
    assert shown(anna) == [[], ["early"], ["confirmed"], ["terminated"]]
    assert versions(anna) == [0, 1, 2, 3]
    assert 'direction="recipient"' in anna.told[1].text
    ids = {re.findall('id="(.*?)"', told.text)[0] for told in anna.told[1:]}
    assert len(ids) == 1
    ring(desk, call="k2")
    assert shown(anna)[-1] == ["early"]  # the one that ended is told once


def test_the_caller_is_seen_by_himself_alone() -> None:
    desk = Desk()
    anna, own = Phone(desk, "101"), Phone(desk, "102", port=5070)
    anna.watch("102")
    own.watch("102")
    ring(desk)
    assert "48600100200" not in anna.told[-1].text
    assert "Klient" not in anna.told[-1].text
    assert "sip:+48600100200@office.example" in own.told[-1].text
    assert "Klient" in own.told[-1].text


def test_several_watchers_each_count_for_themselves() -> None:
    desk = Desk()
    anna, jan = Phone(desk, "101"), Phone(desk, "103", port=5070)
    anna.watch("102")
    ring(desk)
    jan.watch("102")
    story(desk, "call.ended")
    assert (versions(anna), versions(jan)) == ([0, 1, 2], [0, 1])
    assert shown(jan) == [["early"], ["terminated"]]


def test_a_queue_with_somebody_waiting() -> None:
    desk = Desk()
    anna = Phone(desk, "101")
    anna.watch("300")
    story(desk, "call.started", direction="in", number="x", name=None, called="300")
    story(desk, "queue.entered", queue="reception", position=1)
    story(desk, "queue.left", queue="reception", outcome="abandoned")
    assert shown(anna) == [[], ["confirmed"], ["terminated"]]


def test_refresh_goes_on_counting_and_unsubscribe_ends() -> None:
    desk = Desk()
    anna = Phone(desk, "101")
    first = anna.watch("102")
    again = anna.again(first, "102")
    assert (again.status, again.headers.get("Expires")) == (200, "600")
    assert versions(anna) == [0, 1]
    last = anna.again(first, "102", expires=0)
    assert (last.status, last.headers.get("Expires")) == (200, "0")
    assert anna.told[-1].state == "terminated;reason=timeout"
    assert versions(anna) == [0, 1, 2]
    assert anna.again(first, "102").status == 481
    desk.wait(40)
    assert not any(desk.dump().values())
    assert desk.stack.dump()["dialogs"] == 0
    assert desk.shelf.rows == {}


def test_a_subscription_that_is_not_refreshed_runs_out() -> None:
    desk = Desk()
    anna = Phone(desk, "101")
    first = anna.watch("102", expires=100)
    desk.wait(60)
    anna.again(first, "102", expires=100)
    desk.wait(90)
    assert [told.state.split(";")[0] for told in anna.told] == ["active", "active"]
    desk.wait(20)
    assert anna.told[-1].state == "terminated;reason=timeout"
    desk.wait(40)
    assert not any(desk.dump().values())


def test_a_state_asked_for_once() -> None:
    desk = Desk()
    anna = Phone(desk, "101")
    ring(desk)
    assert anna.watch("102", expires=0).status == 200
    assert [told.state for told in anna.told] == ["terminated;reason=timeout"]
    assert shown(anna) == [["early"]]
    assert desk.dump()["subscriptions"] == 0


@pytest.mark.parametrize("status", [481, 408, 404, 489])
def test_a_phone_that_knows_nothing_of_it_is_told_no_more(status: int) -> None:
    desk = Desk()
    anna = Phone(desk, "101")
    anna.watch("102")
    anna.status = status
    ring(desk)
    assert desk.dump()["subscriptions"] == 0
    story(desk, "call.ended")
    assert len(anna.told) == 2
    assert desk.shelf.rows == {}


def test_a_phone_that_is_silent_is_told_no_more() -> None:
    desk = Desk()
    anna = Phone(desk, "101")
    anna.watch("102")
    anna.status = None
    ring(desk)
    desk.wait(31)
    assert desk.dump()["subscriptions"] == 1
    desk.wait(2)
    assert desk.dump()["subscriptions"] == 0


def test_a_slow_phone_gets_the_newest_state_when_it_is_back() -> None:
    desk = Desk()
    anna = Phone(desk, "101")
    anna.watch("102")
    anna.status = None
    ring(desk)
    story(desk, "call.answered", who="102")
    anna.status = 200
    desk.wait(1)
    assert {told.cseq for told in anna.told} == {1, 2, 3}
    assert shown(anna)[-1] == ["confirmed"]


def test_a_refusal_of_one_notify_is_no_end() -> None:
    desk = Desk()
    anna = Phone(desk, "101")
    anna.watch("102")
    anna.status = 500
    ring(desk)
    anna.status = 200
    story(desk, "call.answered", who="102")
    assert shown(anna)[-1] == ["confirmed"]


def test_a_phone_that_moved_is_found_by_its_refresh() -> None:
    desk = Desk()
    anna = Phone(desk, "101")
    first = anna.watch("102")
    anna.status = None  # behind a router that has forgotten it
    ring(desk)
    del desk.phones[anna.host, anna.port]
    desk.phones[anna.host, 5062] = Phone(desk, "nobody", port=5062)
    desk.phones[anna.host, 5062].status = None
    anna.status = 200
    anna.move(desk, port=6000)
    anna.again(first, "102")
    assert shown(anna)[-1] == ["early"]
    desk.wait(60)  # the lost one's silence does not count
    assert desk.dump()["subscriptions"] == 1


def test_a_connection_that_is_gone_is_not_the_end() -> None:
    desk = Desk()
    anna = Phone(desk, "101")
    anna.watch("102")
    desk.dead.add(anna.flow)
    ring(desk)
    assert desk.dump()["subscriptions"] == 1
    assert len(anna.told) == 1
    desk.notifier.look_again()
    desk.run()
    assert len(anna.told) == 1
    anna.move(desk, port=6000)  # registered anew
    desk.flows["101"] = Flow(Transport.UDP, SERVER, (anna.host, 6000))
    desk.notifier.look_again()
    desk.run()
    assert shown(anna)[-1] == ["early"]


def test_after_a_restart_a_phone_by_tcp_is_told_when_it_is_back() -> None:
    desk = Desk()
    anna = Phone(desk, "101")
    anna.transport = Transport.TCP
    anna.watch("102")
    desk = desk.restarted()
    lost = Flow(Transport.TCP, SERVER, (anna.host, anna.port))  # no connection any more
    desk.dead.add(lost)
    desk.wait(60)
    ring(desk)
    desk.notifier.look_again()
    assert len(anna.told) == 1
    assert desk.dump()["subscriptions"] == 1
    anna.move(desk, port=6000)
    desk.flows["101"] = anna.flow
    desk.notifier.look_again()
    desk.run()
    assert shown(anna) == [[], ["early"]]


def test_a_stored_subscription_that_cannot_be_read_is_left_out() -> None:
    desk = Desk()
    Phone(desk, "101").watch("102")
    ((key, record),) = desk.shelf.rows.items()
    for number, change in enumerate(
        ({"target": "<<<"}, {"transport": "pigeon"}, {"package": "x"}, {"watched": "tel:102"})
    ):
        desk.shelf.rows[f"bad{number}", "", ""] = replace(record, call_id=f"bad{number}", **change)
    again = desk.restarted()
    assert again.dump()["subscriptions"] == 1
    assert {row[0] for row in again.shelf.rows if row == key} == {key[0]}


@pytest.mark.parametrize(
    ("what", "event", "status"),
    [("102", "conference", 489), ("999", "dialog", 404), ("102", "message-summary", 403)],
)
def test_what_is_refused(what: str, event: str, status: int) -> None:
    desk = Desk()
    anna = Phone(desk, "101")
    assert anna.watch(what, event).status == status
    assert anna.watch("102", expires=30).status == 423
    assert (anna.told, desk.dump()["subscriptions"]) == ([], 0)


def test_only_its_owner_refreshes_a_subscription() -> None:
    desk = Desk()
    anna = Phone(desk, "101")
    first = anna.watch("102")
    anna.user = "103"
    stolen = anna.watch("102", call="c1", to_tag=first.to.tag or "")
    assert stolen.status == 481  # another Call-ID, another dialog
    assert desk.dump()["subscriptions"] == 1


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifier, "MOST_OF_A_PHONE", 2)
    monkeypatch.setattr(notifier, "MOST", 3)
    desk = Desk()
    anna, jan = Phone(desk, "101"), Phone(desk, "103", port=5070)
    assert [anna.watch("102", call=f"c{number}").status for number in range(3)] == [200, 200, 403]
    assert jan.watch("102").status == 200
    full = jan.watch("102", call="c9")
    assert (full.status, full.headers.get("Retry-After")) == (500, "60")


def test_a_restart_goes_on_in_the_same_dialog_with_higher_numbers() -> None:
    desk = Desk()
    anna, jan = Phone(desk, "101"), Phone(desk, "103", port=5070)
    first = anna.watch("102")
    jan.watch("300", expires=100)
    ring(desk)
    before = anna.told[-1]
    desk.now += 200
    desk = desk.restarted()
    desk.wait(2)
    after = anna.told[-1]
    assert before.request.call_id == after.request.call_id
    assert before.request.from_.tag == after.request.from_.tag
    assert before.request.to.tag == after.request.to.tag
    assert after.cseq > before.cseq
    assert versions(anna)[-1] > versions(anna)[-2]
    assert shown(anna)[-1] == []  # the call did not survive
    assert jan.told[-1].state == "active;expires=100"  # it ran out meanwhile: nothing is said
    assert desk.dump()["subscriptions"] == 1
    ring(desk)
    assert shown(anna)[-1] == ["early"]
    assert anna.again(first, "102").status == 200
    counted = [told.cseq for told in anna.told]
    assert counted == sorted(set(counted))


def test_the_counter_on_the_disk_is_never_behind() -> None:
    desk = Desk()
    anna = Phone(desk, "101")
    anna.watch("102")
    for number in range(2 * GAP):
        ring(desk, call=f"k{number}")
        story(desk, "call.ended", f"k{number}")
        (record,) = desk.shelf.rows.values()
        assert record.notified > anna.told[-1].cseq + GAP // 4
    assert desk.shelf.saves < 12
    last = anna.told[-1].cseq
    desk.restarted().restarted().wait(2)
    assert anna.told[-1].cseq > last


def test_a_restart_is_told_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifier, "RESUMED_A_TICK", 2)
    desk = Desk()
    anna = Phone(desk, "101")
    for number in range(5):
        anna.watch("102", call=f"c{number}")
    anna.told.clear()
    desk = desk.restarted()
    ring(desk)
    assert anna.told == []
    counts = []
    for _ in range(4):
        desk.notifier.tick()
        desk.run()
        counts.append(len(anna.told))
    assert counts == [2, 4, 5, 5]
    assert shown(anna) == [["early"]] * 5


async def test_messages_waiting() -> None:
    desk = Desk()
    desk.store.boxes["102"] = MailboxCount(1, 2)
    await desk.mailboxes.count()
    piotr, other = Phone(desk, "102"), Phone(desk, "101", port=5070)
    assert piotr.watch("102", "message-summary", expires=None).status == 200
    assert other.watch("101", "message-summary").status == 200
    desk.store.boxes["102"] = MailboxCount(2, 2)
    await desk.mailboxes.count()
    desk.run()
    desk.store.boxes["102"] = MailboxCount(0, 4)
    await desk.mailboxes.count()
    desk.run()
    assert [told.text.split("\r\n")[::2][:2] for told in piotr.told] == [
        ["Messages-Waiting: yes", "Voice-Message: 1/2 (0/0)"],
        ["Messages-Waiting: yes", "Voice-Message: 2/2 (0/0)"],
        ["Messages-Waiting: no", "Voice-Message: 0/4 (0/0)"],
    ]
    assert [told.text.split("\r\n")[0] for told in other.told] == ["Messages-Waiting: no"]


def test_presence_of_a_person() -> None:
    desk = Desk()
    anna = Phone(desk, "101")
    anna.watch("102", "presence")
    ring(desk)
    story(desk, "call.answered", who="102")  # looks the same: nothing is said
    story(desk, "call.ended")
    desk.registered.discard("102")
    desk.notifier.look_again()
    desk.run()
    basics = [re.findall("<basic>(.*?)</basic>", told.text)[0] for told in anna.told]
    assert basics == ["open", "open", "open", "closed"]
    assert ["on-the-phone" in told.text for told in anna.told] == [False, True, False, False]


def test_a_change_that_is_taken_back_at_once_is_not_told() -> None:
    desk = Desk()
    anna = Phone(desk, "101")
    anna.watch("102")
    for kind, data in (
        ("call.started", {"direction": "in", "number": "x", "called": "y"}),
        ("ring.started", {"who": ["102"], "kind": "person"}),
        ("call.ended", {}),
    ):
        desk.lamps.see(Event("k1", AT, kind, data))
    desk.run()
    assert len(anna.told) == 1


def test_after_a_reload_what_is_gone_is_not_watched() -> None:
    desk = Desk()
    anna = Phone(desk, "101")
    anna.watch("102")
    anna.watch("300", call="c2")
    people = {key: one for key, one in OFFICE.model_dump()["people"].items() if key != "102"}
    desk.office = Office.model_validate(
        {"office": {"name": "K", "safe": "r"}, "people": {k: {"name": "N"} for k in people}}
        | {"queues": {"reception": {"number": "300", "agents": ["101"]}}}
    )
    desk.notifier.office_changed()
    desk.run()
    assert anna.told[-1].state == "terminated;reason=noresource"
    assert desk.dump()["subscriptions"] == 1


def test_many_watchers_are_told_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifier, "TOLD_A_TURN", 2)
    desk = Desk()
    anna = Phone(desk, "101")
    first = [anna.watch("102", call=f"c{number}") for number in range(5)][0]
    anna.told.clear()
    desk.lamps.see(Event("k1", AT, "call.started", {"direction": "in", "number": "x"}))
    desk.lamps.see(Event("k1", AT, "ring.started", {"who": ["102"], "kind": "person"}))
    counts = []
    while desk.deferred:
        (work,) = desk.deferred
        desk.deferred.clear()
        work()
        counts.append(desk.dump()["notifies under way"])
    assert counts == [2, 4, 5]
    desk.lamps.see(Event("k1", AT, "call.ended", {}))
    assert anna.again(first, "102", expires=0, call="c0").status == 200  # while he is due
    assert shown(anna).count(["early"]) == 5
    assert desk.dump()["to be told"] == 0


def test_a_thing_nobody_watches_costs_nothing() -> None:
    desk = Desk()
    desk.notifier.changed(Thing(Kind.PERSON, "102"))
    assert desk.deferred == []
