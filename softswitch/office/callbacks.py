"""The section `callbacks:`: who calls back clients whom nobody talked with, and how soon."""

from pydantic import Field, model_validator

from softswitch.office.durations import format_duration
from softswitch.office.fields import Duration, Emails, Model, Option, Phones, Word
from softswitch.wording import Slip, say


class Callbacks(Model):
    """Every inbound call without a human talk becomes an item here; nothing switches that off."""

    owner: Word | None = Option(
        description="Person, group or queue for calls whose queue, person or team is not known. "
        "Without it, everybody.",
        examples=["reception"],
    )
    hours: Word | None = Option(
        description="Hours in which time counts for `due` and `escalate`. Without it, always.",
        examples=["office"],
    )
    due: Duration = Field(
        1800.0,
        description="From then on the lamp is lit; who was promised a call back is due at once.",
        examples=["30m"],
    )
    escalate: Duration = Field(
        7200.0, description="After this a mail says that nobody has called.", examples=["2h"]
    )
    mail: Emails = Field(
        (),
        description="Who gets that mail, and the one of the nightly check when it is not right.",
        examples=["[biuro@kancelaria.example]"],
    )
    language: str | None = Option(
        pattern="^[a-z]{2}$", description="Language of these mails.", examples=["pl"]
    )
    talk: Duration = Field(
        10.0, description="A talk so long, in either direction, closes an item.", examples=["10s"]
    )
    shortest: Duration = Field(
        0.0,
        le=60,
        description="Who hangs up sooner is no item, but counted; `0s` keeps everybody.",
        examples=["3s"],
    )
    spam: Phones = Field(
        (), description="Numbers that nobody calls back.", examples=['["+48 22 000 00 00"]']
    )

    @model_validator(mode="after")
    def _in_order(self) -> "Callbacks":
        if self.escalate < self.due:
            due = format_duration(self.due)
            raise Slip(say("escalated_before_due"), say("escalated_before_due_remedy", due=due))
        return self
