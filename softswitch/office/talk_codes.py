"""Star codes that are pressed during a talk, for phones that have no key for it.

Not the codes that are dialled (`codes.py`): these are heard in the sound of a call, and the far ear
may hear them too. So they are few, begin with a star, and each can be taken away.
"""

from pydantic import Field, model_validator

from softswitch.office.codes import Code
from softswitch.office.fields import Model
from softswitch.wording import Slip, say


class TalkCodes(Model):
    """What people of the office press while they talk, by what it does."""

    blind: Code = Field(
        "*1",
        description="Transfer at once: the code, the number, `#` or three seconds of patience.",
        examples=['"*1"'],
    )
    attended: Code = Field(
        "*2",
        description="Ask a colleague first: the code and his number; the code again, or hanging "
        "up, joins him with the one who waits.",
        examples=['"*2"'],
    )
    cancel: Code = Field(
        "*0", description="Back to the one who waits, without the colleague.", examples=['"*0"']
    )
    pause: Code = Field(
        "*3",
        description="Pause the recording of this talk, or go on with it; the gap is marked.",
        examples=['"*3"'],
    )
    park: Code = Field("*7", description="Park the one whom I talk with.", examples=['"*7"'])

    @model_validator(mode="after")
    def _told_apart(self) -> "TalkCodes":
        """What is pressed is one code: none may begin another one."""
        names = [name for name in type(self).model_fields if getattr(self, name) is not None]
        for name in names:
            for other in names:
                code, longer = getattr(self, name), getattr(self, other)
                if name != other and longer.startswith(code):
                    raise Slip(
                        say(
                            "talk_code_hides_code", name=name, code=code, other=other, longer=longer
                        ),
                        say("talk_code_hides_code_remedy"),
                    )
        return self
