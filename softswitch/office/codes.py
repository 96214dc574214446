"""Star codes: what people dial to tell the switch something, and how such digits are read.

The grammar is the one that European phones and mobiles share (3GPP TS 22.030 6.5.2, ETSI EN 300
738): `*21*600100200#` switches on, `#21#` switches off, `*#21#` asks. The last `#` may be left out,
because many phones keep it for "send"; an argument may follow at once, as in `*8101`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from softswitch.office.fields import Model, Word
from softswitch.wording import Slip, say

MAX_ARGUMENTS = 4
# The field of the one code that takes no argument, so that it may begin like another.
CALLBACK = "callback"


class Act(StrEnum):
    """What is asked of a feature."""

    ON = "on"  # *21…
    OFF = "off"  # #21…
    ASK = "ask"  # *#21…


class Setting(StrEnum):
    """What somebody sets for himself; codes too, by the same names, but for the last two."""

    DND = "dnd"
    FORWARD_ALL = "forward_all"
    FORWARD_BUSY = "forward_busy"
    FORWARD_NO_ANSWER = "forward_no_answer"
    FORWARD_UNREACHABLE = "forward_unreachable"
    ABSENT = "absent"
    CALL_WAITING = "call_waiting"
    HIDE_NUMBER = "hide_number"
    AGENT = "agent"  # answers for his queues; so does whoever has never said otherwise
    PAUSE = "pause"  # logged in, and not rung by a queue; its target is the digit of the reason
    PRESENT = "present"  # back before the absence of the office file is over
    STOPPED = "stopped"  # his calls abroad, by the switch: `apps/spending`

    @property
    def is_forward(self) -> bool:
        return self.value.startswith("forward_")

    @property
    def is_own(self) -> bool:
        """Set by the person, with a code."""
        return self not in (Setting.PRESENT, Setting.STOPPED)


# What a lamp shows; that calls may wait is the usual state and needs none.
SHOWN_SETTINGS = tuple(
    one for one in Setting if one.is_own and one not in (Setting.CALL_WAITING, Setting.HIDE_NUMBER)
)


class Lit(IntEnum):
    """How the lamp of a setting burns; each but the first is on."""

    OFF = 0
    ON = 1
    PARTLY = 2  # it blinks: logged out of some queues, and in at others


@dataclass(frozen=True, slots=True)
class Asked:
    """Dialled digits read as a code. `name`: a field of `Codes`; arguments as they were dialled."""

    name: str
    act: Act
    arguments: tuple[str, ...] = ()


def _code(value: object) -> object:
    """`*21`; nothing for `none`, `no` and `off`, so that a code can be taken away."""
    if value in ("none", "no", "off", False):
        return None
    text = str(value)
    if not re.fullmatch(r"\*[0-9]{1,4}", text):
        raise Slip(say("no_star_code", text=text), say("no_star_code_remedy"))
    return text


Code = Annotated[Word | None, BeforeValidator(_code)]


class Codes(Model):
    """The star codes of the office, by what they do."""

    pickup: Code = Field("*8", description="Take a call that rings elsewhere.", examples=['"*8"'])
    park: Code = Field("*7", description="Park a call for a colleague.", examples=['"*7"'])
    intercom: Code = Field("*5", description="Speak to a colleague at once.", examples=['"*5"'])
    dnd: Code = Field("*26", description="Do not disturb.", examples=['"*26"'])
    forward_all: Code = Field("*21", description="Forward every call.", examples=['"*21"'])
    forward_no_answer: Code = Field(
        "*61", description="Forward what is not answered.", examples=['"*61"']
    )
    forward_unreachable: Code = Field(
        "*62", description="Forward while no phone is registered.", examples=['"*62"']
    )
    forward_busy: Code = Field("*67", description="Forward while busy.", examples=['"*67"'])
    absent: Code = Field(
        "*22", description="The deputy takes the calls until I am back.", examples=['"*22"']
    )
    call_waiting: Code = Field(
        "*43", description="A second call may ring while I talk.", examples=['"*43"']
    )
    hide_number: Code = Field(
        "*31",
        description="My number is shown to nobody outside. For one call: `#31#` and the number; "
        "shown for one call: `*31#` and the number.",
        examples=['"*31"'],
    )
    agent: Code = Field(
        "*30",
        description="Answer for my queues, or no longer; with a queue's number, for it alone.",
        examples=['"*30"'],
    )
    pause: Code = Field(
        "*32",
        description="A pause from my queues, with the digit of its reason (`pauses:`).",
        examples=['"*32"'],
    )
    listen: Code = Field(
        "*34",
        description="Supervisors: hear the talk of an agent, unheard.",
        examples=['"*34"'],
    )
    whisper: Code = Field(
        "*35",
        description="Supervisors: speak to the agent alone during his talk.",
        examples=['"*35"'],
    )
    barge: Code = Field("*36", description="Supervisors: join an agent's talk.", examples=['"*36"'])
    mailbox: Code = Field(
        "*97",
        description="Hear my messages; with a number, those of a team's mailbox.",
        examples=['"*97"'],
    )
    emergency_test: Code = Field(
        "*90",
        description="With a number for help, like `*90112`: everything but the call itself.",
        examples=['"*90"'],
    )
    emergency_alarm: Code = Field(
        "*91",
        description="Who has called for help; whoever is to be told of it (`emergency:`) has been, "
        "then. Its lamp is lit until somebody was.",
        examples=['"*91"'],
    )
    callback: Code = Field(
        "*55", description="Call the next client who waits for it.", examples=['"*55"']
    )

    @model_validator(mode="after")
    def _told_apart(self) -> "Codes":
        """Every dialled code is one code: none may begin another one."""
        codes = dict(self.configured())
        for name, code in codes.items():
            for other, longer in codes.items():
                if other == CALLBACK and len(longer) == len(code) + 1:
                    continue  # is read whole, and no number has one digit
                if name != other and longer.startswith(code):
                    raise Slip(
                        say("code_hides_code", name=name, code=code, other=other, longer=longer),
                        say("code_hides_code_remedy"),
                    )
        return self

    def configured(self) -> Iterator[tuple[str, str]]:
        """Each feature that has a code."""
        for name in type(self).model_fields:
            code = getattr(self, name)
            if code is not None:
                yield name, code

    def understand(self, digits: str) -> Asked | None:
        """What dialled digits ask for; None when they are no code of this office."""
        if self.callback is not None and digits.removesuffix("#") == self.callback:
            return Asked(CALLBACK, Act.ON)
        return read_code(self.configured(), digits)


@dataclass(frozen=True, slots=True)
class Prefixed:
    """A number dialled behind a code for one call."""

    digits: str
    is_hidden: bool


def hidden_or_shown(code: str | None, digits: str) -> Prefixed | None:
    """`#31#600100200` hides our number for this call, `*31#600100200` shows it; None: neither.

    As on a mobile (3GPP TS 22.030 annex B). `code`: that of `hide_number`.
    """
    if code is None:
        return None
    for sign, is_hidden in (("#", True), ("*", False)):
        head = f"{sign}{code[1:]}#"
        if digits.startswith(head) and len(digits) > len(head):
            return Prefixed(digits.removeprefix(head), is_hidden)
    return None


def read_code(codes: Iterable[tuple[str, str]], digits: str) -> Asked | None:
    """Dialled digits as one of these codes (name, code)."""
    act, rest = _act(digits)
    for name, code in codes:
        if rest.startswith(code[1:]):
            said = rest.removeprefix(code[1:]).removesuffix("#").removeprefix("*")
            arguments = tuple(said.split("*")) if said else ()
            if len(arguments) > MAX_ARGUMENTS or "#" in said:
                return None
            return Asked(name, act, arguments)
    return None


def _act(digits: str) -> tuple[Act, str]:
    if digits.startswith("*#"):
        return Act.ASK, digits[2:]
    return (Act.OFF if digits.startswith("#") else Act.ON), digits[1:]
