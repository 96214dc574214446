"""Whom people call and what they do when it rings: drawn once for a story, then by each call."""

from functools import partial
from random import Random
from typing import TYPE_CHECKING

from tests.helpers.stories.call import Call

if TYPE_CHECKING:
    from tests.helpers.stories.story import Story

COLLEAGUES = ("101", "102", "103", "104", "121", "122", "123")
GROUPS, QUEUES, ROUTES = ("320", "321", "322"), ("300", "301"), ("810", "351", "350", "600")
SLOTS = ("701", "702", "703")
MOBILE, LANDLINE = "601202303", "225550123"
OUTSIDE = (MOBILE, LANDLINE)
PUBLIC = ("+48221234567", "+48221234569", "+48221234570", "+48221234571")
CLIENTS = ("+48600100200", "+48600100201", "anonymous")
TARGETS = (*COLLEAGUES * 3, *GROUPS * 2, *QUEUES * 2, *ROUTES, *OUTSIDE * 2, *SLOTS)
NOBODY = ("999", "nobody", "190", "0")
REFUSALS = (486, 486, 603, 480, 404, 500)
# How long somebody thinks before he takes the receiver.
THINKS = (0.0, 0.003, 0.2, 2.0, 5.0, 12.0)


def star_codes(chance: Random) -> str:
    """What somebody may set for himself, or do with a code."""
    colleague, target = chance.choice(COLLEAGUES), chance.choice((*COLLEAGUES, *TARGETS))
    return chance.choice(
        (
            *("*26", "#26", "*22", "#22", "*43", "#43", "*#26"),
            *(f"*21*{target}", "#21", f"*61*{target}*10", "#61", f"*62*{target}", "#62"),
            *(f"*67*{target}", "#67", "*28", "#28", "801", "*21", "*99"),
            *("*7", "*7702", "*8", f"*8{colleague}", "*8", f"*8{colleague}"),
            *("*8320", "*8300", "*8301", "*8701", "*8702", f"*5{colleague}", f"*5{colleague}"),
        )
    )


class Moods:
    """What the phones of a story do when they ring."""

    def __init__(self, story: "Story") -> None:
        self._story = story
        chance = story.chance
        self._eager = {name: chance.choice((0.2, 0.6, 0.95)) for name in (*COLLEAGUES, "operator")}

    def rung(self, call: Call) -> None:
        """A phone rings."""
        story, chance, phone = self._story, self._story.chance, call.phone
        if chance.random() < 0.04:
            return  # rings without a word
        is_outside = phone.password is None
        with_sound = is_outside and chance.random() < 0.5
        phone.ring(call, 183 if with_sound else 180)
        pause = chance.choice(THINKS)
        if chance.random() < self._eager[phone.user]:
            story.later(pause, partial(self._answer, call))
        elif chance.random() < 0.35:
            story.later(pause, partial(self._refuse, call))

    def _answer(self, call: Call) -> None:
        story = self._story
        if not call.is_ringing:
            return
        story.tell(f"{call} answers")
        call.phone.answer(call)
        if call.phone.password is None and story.chance.random() < 0.7:
            # "To accept it, press one."
            story.later(story.chance.choice((0.1, 1.0, 3.0)), partial(self._accept, call))

    def _accept(self, call: Call) -> None:
        if call.is_up:
            call.phone.press(call, "1")

    def _refuse(self, call: Call) -> None:
        story = self._story
        if not call.is_ringing:
            return
        if story.chance.random() < 0.12 and call.phone.password is not None:
            target = story.chance.choice(COLLEAGUES)
            story.tell(f"{call} sends it on to {target}")
            domain = f"{call.phone.server[0]}:{call.phone.server[1]}"
            call.phone.answer(call, 302, ("Contact", f"<sip:{target}@{domain}>"))
            return
        status = story.chance.choice(REFUSALS)
        story.tell(f"{call} refuses with {status}")
        call.phone.answer(call, status)
