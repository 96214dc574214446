"""Trunks kept registered and watched: what is sent, what it leads to, who is told."""

import asyncio

import pytest
from prometheus_client import REGISTRY

from softswitch.sip.flow import Flow, Transport
from softswitch.trunks import keeper
from softswitch.trunks.registration import Risk
from softswitch.trunks.trunks import contact_user
from tests.softswitch.trunks.house import ADMIN, FIRST, SECOND, House, Sent, account, entry

CHALLENGE = ("WWW-Authenticate", 'Digest realm="op", nonce="n1", algorithm=MD5, qop="auth"')
ANOTHER = ("WWW-Authenticate", 'Digest realm="op", nonce="n2", algorithm=MD5, qop="auth"')


async def registered(**more: object) -> House:
    house = House(operator=account(**more))
    await house.begin()
    house.take("REGISTER").answer(200, ("Expires", "600"))
    assert house.state() == "registered"
    return house


async def test_a_register_with_all_that_belongs_to_it() -> None:
    house = House(operator=account(outbound_proxy="sbc.op.example:5080"))
    await house.begin()
    request = house.take("REGISTER").request
    user = contact_user("operator", house.trunks.trunk("operator"))
    assert str(request.uri) == "sip:sip.op.example"
    assert str(request.to.uri) == str(request.from_.uri) == "sip:u48@sip.op.example"
    assert request.headers.get("Contact") == f"<sip:{user}@10.0.0.5:5060>;expires=600"
    assert request.headers.get("Route") == "<sip:sbc.op.example:5080;transport=udp;lr>"
    assert house.state() == "registering"


async def test_a_challenge_is_answered_in_the_same_dialogue() -> None:
    house = House(operator=account())
    await house.begin()
    first = house.take("REGISTER")
    first.answer(401, CHALLENGE)
    second = house.take("REGISTER")
    assert second.request.call_id == first.request.call_id
    assert second.request.cseq.number == first.request.cseq.number + 1
    assert 'username="u48"' in (second.request.headers.get("Authorization") or "")
    second.answer(200, ("Expires", "600"))
    assert house.state() == "registered" and not house.mails
    refresh = house.until("REGISTER")
    assert "nc=00000002" in (refresh.request.headers.get("Authorization") or "")
    assert refresh.request.cseq.number == second.request.cseq.number + 1


async def test_a_wrong_password_is_an_alarm_and_no_loop() -> None:
    house = House(operator=account())
    await house.begin()
    house.take("REGISTER").answer(401, CHALLENGE)
    house.take("REGISTER").answer(401, ANOTHER)
    assert not [one for one in house.sent if one.method == "REGISTER"]
    status = house.status()
    assert (status["state"], status["error"]) == ("refused", "401 Unauthorized")
    assert house.trunks.ways_out() == []
    (mail,) = house.mails
    assert mail.recipients == (ADMIN,)
    assert mail.subject == "Kancelaria: operator operator odrzuca rejestrację"
    assert "401 Unauthorized" in mail.body and "+48221234567" in mail.body
    assert "tajne" not in mail.body + mail.subject
    begin = house.now
    house.until("REGISTER")
    assert house.now - begin > 240


async def test_what_was_granted() -> None:
    """Our own contact's time counts, not another device's of the same account."""
    house = House(operator=account())
    await house.begin()
    user = contact_user("operator", house.trunks.trunk("operator"))
    contacts = f"<sip:phone@192.0.2.77>;expires=5000, <sip:{user}@10.0.0.5>;expires=60"
    house.take("REGISTER").answer(200, ("Contact", contacts), ("Expires", "3600"))
    begin = house.now
    house.until("REGISTER")
    assert 30 <= house.now - begin <= 48


async def test_too_brief() -> None:
    house = House(operator=account())
    await house.begin()
    house.take("REGISTER").answer(423, ("Min-Expires", "3600"))
    again = house.take("REGISTER")
    assert again.expires == "3600"
    again.answer(200)
    assert house.state() == "registered"


async def test_the_next_server_and_the_calls_follow_it() -> None:
    house = House(operator=account())
    house.hops = [FIRST, SECOND]
    await house.begin()
    house.take("REGISTER").fail()
    other = house.until("REGISTER", 1.0)
    assert other.hop == SECOND
    other.answer(200)
    assert [hop for _, hop in house.trunks.ways_out()] == [SECOND, FIRST]
    assert not house.mails


async def test_the_provider_dies_and_returns() -> None:
    house = await registered(expires="10m")
    died = house.now
    while house.state() == "registered":
        house.until("OPTIONS", 60)
    assert house.state() == "unregistered" and house.now - died <= 60
    assert house.trunks.ways_out() == [] and len(house.mails) == 1
    assert REGISTRY.get_sample_value("softswitch_trunk_up", {"trunk": "operator"}) == 0
    returned = house.now + 900
    while house.now < returned:
        house.until("REGISTER")
    house.until("REGISTER").answer(200, ("Expires", "600"))
    assert house.now - returned <= 60 and house.state() == "registered"
    assert REGISTRY.get_sample_value("softswitch_trunk_up", {"trunk": "operator"}) == 1
    assert len(house.mails) == 2 and "znów działa" in house.mails[1].subject


async def test_a_provider_that_answers_no_questions_stays_registered() -> None:
    house = await registered()
    for _ in range(10):
        house.until("REGISTER", 60).answer(200, ("Expires", "600"))
    assert house.state() == "registered" and not house.mails


@pytest.mark.parametrize("what", ["our address", "his view of it", "a connection"])
async def test_what_moved_is_registered_at_once(what: str) -> None:
    house = await registered()
    house.take("OPTIONS").answer(200)
    question = house.until("OPTIONS")
    if what == "our address":
        house.contact = "10.0.0.9:5060"
        question.answer(200)
    elif what == "his view of it":
        question.answer(200, seen="203.0.113.99")
    else:
        question.answer(200)
        flow = Flow(Transport.TCP, ("10.0.0.5", 40000), ("192.0.2.1", 5060), 7)
        house.keeper.flow_lost(flow)
    again = house.until("REGISTER", 31.0 if what == "our address" else 0.1)
    again.answer(200, ("Expires", "600"), seen="203.0.113.99")
    assert house.contact in (again.request.headers.get("Contact") or "")


@pytest.mark.parametrize("registers", [True, False])
async def test_calls_are_told_that_we_moved_and_only_then(registers: bool) -> None:
    """Also over a trunk that knows us by our address; while there is no route, nothing is told."""
    told: list[str] = []
    house = House(operator=account() if registers else entry())
    house.trunks.readdress = told.append  # type: ignore[method-assign]
    await house.begin()
    if registers:
        house.take("REGISTER").answer(200, ("Expires", "600"))
    house.until("OPTIONS").answer(200)
    before, house.contact = house.contact, ""
    house.until("OPTIONS", 31.0).answer(200)
    assert told == []
    house.contact = before
    house.until("OPTIONS", 31.0).answer(200)
    assert told == []
    house.contact = "10.0.0.9:5060"
    house.until("OPTIONS", 31.0).answer(200)
    assert told == ["operator"]
    house.until("OPTIONS", 31.0).answer(200, seen="203.0.113.99")
    assert told == ["operator", "operator"]


async def test_a_move_is_seen_between_two_questions_also_where_none_are_asked() -> None:
    told: list[str] = []
    house = House(operator=entry(watch="none"))
    house.trunks.readdress = told.append  # type: ignore[method-assign]
    await house.begin()
    house.keeper.look_at_ourselves()
    house.keeper.look_at_ourselves()
    assert told == []
    house.contact = "10.0.0.9:5060"
    house.keeper.look_at_ourselves()
    house.keeper.look_at_ourselves()
    assert told == ["operator"]


async def test_another_server_in_the_dns() -> None:
    house = await registered()
    house.hops = [SECOND]
    await house.trunks.refresh()
    house.keeper.use()
    assert house.until("REGISTER", 1.0).hop == SECOND


async def test_trouble_looks_the_server_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that moves and switches his old server off is found within seconds."""
    monkeypatch.setattr(keeper, "LOOK_UP_IN_TROUBLE", 0.01)
    house = await registered()
    looking = asyncio.create_task(house.keeper.look_up())
    await asyncio.sleep(0.02)
    house.hops = [SECOND]
    assert house.trunks.hops("operator") == [FIRST], "nothing is asked for a minute"
    registration = house.keeper._links["operator"].registration
    assert registration is not None
    registration.risk = Risk.UNANSWERED
    house.keeper.tick()
    async with asyncio.timeout(30):
        while house.trunks.hops("operator") != [SECOND]:
            await asyncio.sleep(0.01)
    looking.cancel()
    assert house.until("REGISTER", 1.0).hop == SECOND


async def test_a_stop_takes_our_contact_away() -> None:
    house = await registered()
    await house.keeper.close()  # nobody answers it: two seconds
    gone = house.take("REGISTER")
    assert gone.expires == "0" and ";expires=0" in (gone.request.headers.get("Contact") or "")
    assert not house.owners


async def test_a_reload_that_removes_a_trunk_unregisters_it() -> None:
    house = await registered()
    await house.use({"other": entry()})
    gone = house.take("REGISTER")
    assert gone.expires == "0"
    gone.answer(401, CHALLENGE)
    house.take("REGISTER").answer(200)
    house.keeper.tick()
    assert {key.method for key in house.owners} == {"OPTIONS"}
    assert REGISTRY.get_sample_value("softswitch_trunk_up", {"trunk": "operator"}) is None


async def test_a_reload_that_changes_the_password_registers_at_once() -> None:
    house = House(operator=account())
    await house.begin()
    house.take("REGISTER").answer(403)
    assert house.state() == "refused"
    await house.use({"operator": account(password="inne")})
    asked = house.until("REGISTER", 1.0)
    assert asked.expires == "600"  # the same contact: nothing takes it away under the new one
    asked.answer(200)
    assert house.state() == "registered"


async def test_a_reload_that_changes_numbers_leaves_the_registration_alone() -> None:
    house = await registered()
    await house.use({"operator": account(calls=5)})
    assert house.state() == "registered"
    assert not [one for one in house.sent if one.method == "REGISTER"]
    assert house.status()["limit"] == 5


def silence(house: House) -> Sent:
    """Three questions without an answer."""
    for _ in range(3):
        house.until("OPTIONS", 60)
    return house.until("OPTIONS", 60)


async def test_an_ip_trunk_is_left_out_while_it_is_silent() -> None:
    house = House(operator=entry(), other=entry(server="192.0.2.9", watch="none"))
    await house.begin()
    house.take("OPTIONS").answer(404)
    assert house.state() == "up" and house.state("other") == "unknown"
    died = house.now
    asked = silence(house)
    assert house.state() == "silent" and house.now - died <= 60
    assert {name for name, _ in house.trunks.ways_out()} == {"other"}
    assert house.mails[0].subject == "Kancelaria: operator operator nie odpowiada"
    assert "Ostatni błąd: brak odpowiedzi." in house.mails[0].body, "in the office's language"
    asked.answer(200)
    assert [name for name, _ in house.trunks.ways_out()] == ["operator", "other"]


async def test_a_call_of_his_brings_an_ip_trunk_back() -> None:
    house = House(operator=entry())
    await house.begin()
    house.take("OPTIONS").answer(200)
    silence(house)
    assert house.state() == "silent"
    house.trunks.heard("operator")
    assert house.state() == "up" and house.trunks.ways_out()


async def test_a_silent_call_leads_to_a_question() -> None:
    house = House(operator=entry())
    await house.begin()
    house.take("OPTIONS").answer(200)
    house.trunks.unanswered("operator")
    begin = house.now
    silence(house)
    assert house.now - begin < 30 and house.trunks.ways_out() == []


async def test_one_of_two_servers_answers() -> None:
    house = House(operator=entry())
    house.hops = [FIRST, SECOND]
    await house.begin()
    asked = house.take("OPTIONS")
    for _ in range(20):
        if asked.hop == SECOND:
            asked.answer(200)
        asked = house.until("OPTIONS", 60)
    assert house.state() == "up" and not house.mails
    assert [hop for _, hop in house.trunks.ways_out()] == [SECOND, FIRST]


async def test_a_trunk_that_comes_and_goes_sends_few_mails() -> None:
    house = House(operator=entry())
    await house.begin()
    house.take("OPTIONS").answer(200)
    begin = house.now
    while house.now - begin < 3000:
        silence(house).answer(200)
    assert len(house.mails) == 6 and "rzadsze" in house.mails[-1].body


async def test_nobody_to_tell() -> None:
    house = House(operator=entry())
    house.recipients = ()
    await house.begin()
    house.take("OPTIONS").answer(200)
    silence(house)
    assert house.state() == "silent" and not house.mails


async def test_a_server_that_nobody_finds() -> None:
    house = House(operator=account())
    house.hops = []
    await house.begin()
    house.keeper.tick()
    assert house.status()["error"] == "the server cannot be found"
    house.hops = [FIRST]
    await house.begin()
    house.until("REGISTER", 1.0).answer(200)
    assert house.state() == "registered"


async def test_nothing_spins() -> None:
    """Whatever goes wrong, an hour brings a few hundred packets and no more."""
    for hops in ([], [FIRST], [FIRST, SECOND]):
        house = House(operator=account(), other=entry())
        house.hops = list(hops)
        await house.begin()
        begin, ticks, count = house.now, 0, 0
        while house.now - begin < 3600:
            house.now += house.keeper.tick()
            ticks += 1
            waiting, house.sent = house.sent, []
            count += len(waiting)
            for one in waiting:
                one.fail()
        assert ticks < 3000 and count < 1500, (hops, ticks, count)
