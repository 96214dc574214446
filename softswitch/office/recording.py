"""What of an office's calls is recorded: a section of the office file as values."""

from typing import Annotated

from pydantic import Field, model_validator

from softswitch.office.fields import Duration, Extension, Model, NumberKey, Option, Word


class RecordingPolicy(Model):
    """What is recorded, why, for how long. Without such a policy nothing is ever recorded."""

    queue: Word | None = Option(description="Calls of this queue.", examples=["reception"])
    number: NumberKey | None = Option(
        description="Calls to this number.", examples=['"+48 22 123 45 67"']
    )
    person: Extension | None = Option(description="Calls of this person.", examples=["101"])
    purpose: str = Field(
        min_length=3, description="Why it is recorded.", examples=["ustalenia z klientem"]
    )
    keep: Duration = Field(ge=60, description="How long it is kept.", examples=["90d"])
    notice: Word = Field(
        description="Prompt that tells the caller before.", examples=["notice_recorded"]
    )
    opt_out_key: Annotated[Word, Field(pattern="^[0-9]$")] | None = Option(
        description="Key by which the caller refuses.", examples=["9"]
    )

    @model_validator(mode="after")
    def _one_subject(self) -> "RecordingPolicy":
        named = [key for key in ("queue", "number", "person") if getattr(self, key) is not None]
        if len(named) != 1:
            raise ValueError(
                "a recording policy names exactly one of `queue`, `number` and `person`. "
                "Write one policy for each"
            )
        return self
