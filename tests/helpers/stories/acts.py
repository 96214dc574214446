"""What may happen next in a story: each act says what it did, or None when it cannot be done."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

from softswitch.presence.things import Kind, Thing
from tests.helpers.stories.call import Call
from tests.helpers.stories.people import (
    CLIENTS,
    COLLEAGUES,
    NOBODY,
    PUBLIC,
    SLOTS,
    TARGETS,
    star_codes,
)
from tests.helpers.stories.phone import Phone

if TYPE_CHECKING:
    from tests.helpers.stories.story import Story

Act = Callable[["Story"], str | None]
MOST_CALLS = 3  # of one phone; the provider has lines for more
LINES = 6


def _one(story: "Story", calls: list[Call]) -> Call | None:
    return story.chance.choice(calls) if calls else None


def _free_phone(story: "Story") -> Phone | None:
    phone = story.chance.choice(story.office.phones)
    is_free = not phone.is_gone and len(phone.calls) < MOST_CALLS
    return phone if is_free else None


def _domain(phone: Phone) -> str:
    return f"{phone.server[0]}:{phone.server[1]}"


def dial(story: "Story") -> str | None:
    phone, number = _free_phone(story), story.chance.choice((*TARGETS * 2, *NOBODY))
    return phone and _dial(story, phone, number)


def dial_code(story: "Story") -> str | None:
    phone = _free_phone(story)
    return phone and _dial(story, phone, star_codes(story.chance))


def _dial(story: "Story", phone: Phone, number: str, *lines: tuple[str, str]) -> str:
    if story.chance.random() < 0.05:
        lines = (*lines, ("Privacy", "id"))
    if phone.reliable and story.chance.random() < 0.3:
        lines = (*lines, ("Require", "100rel"))
    offers = story.chance.random() > 0.05
    call = phone.dial(number, *lines, offers=offers)
    return f"{call} dials {number}" + ("" if offers else " without an offer")


def client_calls(story: "Story") -> str | None:
    provider, chance = story.office.provider, story.chance
    if provider.is_gone or len(provider.calls) >= LINES:
        return None
    call = provider.dial(chance.choice(PUBLIC), who=chance.choice(CLIENTS))
    return f"{call} from {call.who} calls {call.number}"


def give_up(story: "Story") -> str | None:
    call = _one(story, story.dialled())
    if call is None:
        return None
    call.phone.cancel(call)
    return f"{call} gives up"


def answer(story: "Story") -> str | None:
    call = _one(story, story.ringing())
    if call is None:
        return None
    call.phone.answer(call)
    return f"{call} answers"


def hang_up(story: "Story") -> str | None:
    call = _one(story, story.up())
    if call is None:
        return None
    call.phone.bye(call)
    return f"{call} hangs up"


def hold(story: "Story") -> str | None:
    call, chance = _one(story, story.up()), story.chance
    if call is None:
        return None
    way = chance.choice(("sendonly", "inactive", "0.0.0.0", "sendrecv", "sendrecv", "late"))
    method = chance.choice(("INVITE", "INVITE", "UPDATE"))
    if way == "late":
        call.phone.change(call, call.direction, call.host, "INVITE", False)
        return f"{call} asks for an offer"
    host = way if way == "0.0.0.0" else "127.0.0.1"
    direction = "sendrecv" if way == "0.0.0.0" else way
    call.phone.change(call, direction, host, method, True)
    return f"{call} {method} {way}"


def resume(story: "Story") -> str | None:
    call = _one(story, [one for one in story.up() if one.holds and len(one.holds[-1]) == 1])
    if call is None:
        return None
    call.phone.change(call, "sendrecv", "127.0.0.1", "INVITE", True)
    return f"{call} takes back"


def refer(story: "Story") -> str | None:
    call, chance = _one(story, story.up()), story.chance
    if call is None:
        return None
    code = chance.choice(("*7", "*7701", "*8", star_codes(chance)))
    target = chance.choice((*TARGETS * 2, *NOBODY, *SLOTS * 2, code, call.who))
    domain = _domain(call.phone)
    uri = f"sip:{quote(target, safe='*')}@{domain}"
    odd = chance.random()
    if odd < 0.03:
        uri = chance.choice((f"tel:{target}", f"mailto:x@{domain}", "sip:", f"sip:{domain}"))
    elif odd < 0.05:
        uri += ";method=BYE"
    lines = (("Refer-Sub", "false"),) if chance.random() < 0.1 else ()
    call.phone.refer(call, uri, *lines)
    return f"{call} REFER {uri}"


def refer_to_own(story: "Story") -> str | None:
    """Attended, or half so: the other call may ring yet, or belong to somebody else."""
    call, chance = _one(story, story.up()), story.chance
    if call is None:
        return None
    others = [one for one in (*story.up(), *story.dialled()) if one is not call and one.far]
    own = [one for one in others if one.phone is call.phone]
    other = _one(story, own if own and chance.random() < 0.85 else others)
    if other is None:
        return None
    number = other.number or "101"
    uri = f"sip:{quote(number, safe='*+')}@{_domain(call.phone)}"
    uri += f"?Replaces={quote(other.replaces, safe='')}"
    call.phone.refer(call, uri)
    return f"{call} REFER to {other}"


def take_over(story: "Story") -> str | None:
    """An INVITE with Replaces: of a talk, of a phone that rings, of a lamp."""
    phone, chance = _free_phone(story), story.chance
    if phone is None:
        return None
    named = [one.replaces for one in (*story.up(), *story.ringing()) if one.far]
    lamps = story.office.server.presence.lamps
    for thing in (*((Kind.PERSON, one) for one in COLLEAGUES), *((Kind.SWITCH, s) for s in SLOTS)):
        for made in lamps.dialogs(Thing(*thing)):
            named.append(f"{made.call_id};to-tag={made.local_tag};from-tag={made.remote_tag}")
    if not named:
        return None
    value = chance.choice(named) + chance.choice(("", "", "", ";early-only"))
    return _dial(story, phone, chance.choice(COLLEAGUES), ("Replaces", value)) + " by Replaces"


def press_code(story: "Story") -> str | None:
    call, chance = _one(story, story.up()), story.chance
    if call is None:
        return None
    number = "".join(one for one in chance.choice((*TARGETS, *NOBODY)) if one.isdigit())
    codes = (f"*1{number}#", f"*2{number}#", f"*2{number}#", "*2", "*0", "*7", "*7", "#", "*1")
    keys = chance.choice(codes)
    call.phone.press(call, keys)
    return f"{call} presses {keys}"


def press_key(story: "Story") -> str | None:
    call = _one(story, story.up())
    if call is None:
        return None
    keys = story.chance.choice(("1", "1", "2", "9", "4711#", "#", "123"))
    call.phone.press(call, keys)
    return f"{call} presses {keys}"


def write(story: "Story") -> str | None:
    phone = _free_phone(story)
    if phone is None:
        return None
    number = story.chance.choice(COLLEAGUES)
    phone.text(number)
    return f"{phone.name} writes to {number}"


def power_off(story: "Story") -> str | None:
    phone = story.chance.choice((*story.office.phones, story.office.provider))
    if phone.is_gone:
        phone.restart()
        return f"{phone.name} is there again"
    if story.chance.random() < 0.5 or not story.may_vanish:
        return None
    phone.power_off()
    return f"{phone.name} vanishes"


def go_deaf(story: "Story") -> str | None:
    phone = story.chance.choice(story.office.phones)
    phone.is_deaf = not phone.is_deaf
    return f"{phone.name} answers {'no' if phone.is_deaf else 'each'} NOTIFY"


def reload(story: "Story") -> str | None:
    version = story.chance.randrange(2)
    story.office.do(story.office.reload(version))
    return f"version {version} of the office is loaded"


def lose_media(story: "Story") -> str | None:
    if not story.may_lose_media or not story.office.media.alive:
        return None
    story.office.media.lose_worker()
    return "the media worker dies"


WEIGHTS: dict[Act, int] = {
    dial: 14,
    client_calls: 10,
    dial_code: 8,
    give_up: 3,
    answer: 8,
    hang_up: 5,
    hold: 5,
    resume: 3,
    refer: 8,
    refer_to_own: 6,
    take_over: 4,
    press_code: 6,
    press_key: 3,
    write: 1,
    power_off: 1,
    go_deaf: 1,
    reload: 1,
    lose_media: 1,
}
