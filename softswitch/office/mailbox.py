"""Mailboxes of the office file: who gets the messages, and what a caller hears before the tone."""

from enum import StrEnum

from pydantic import Field

from softswitch.office.fields import Emails, Extension, Model, Option, Word


class Situation(StrEnum):
    """Why a caller comes to a mailbox; each may have a greeting of its own."""

    USUAL = "usual"
    BUSY = "busy"  # whom he wanted talks, or declined
    AWAY = "away"  # nobody answered, or has no phone
    CLOSED = "closed"  # the hours of the route said so


class Greetings(Model):
    """What is said instead of the usual greeting; a greeting recorded by phone comes before it."""

    busy: Word | None = Option(description="Prompt when he talks.", examples=["own_busy"])
    away: Word | None = Option(description="Prompt when nobody answered.", examples=["own_away"])
    closed: Word | None = Option(
        description="Prompt when the office is closed.", examples=["own_closed"]
    )

    def prompt(self, situation: Situation) -> str | None:
        """Of this situation, if it has one."""
        found: str | None = getattr(self, situation.value, None)
        return found


class SoundFormat(StrEnum):
    """In which form a message is attached to its mail."""

    WAV = "wav"
    MP3 = "mp3"  # a sixth of the size


Pin = Field(
    None,
    pattern="^[0-9]{3,12}$",
    description="Digits asked for before messages are heard by phone.",
    examples=['"4711"'],
)


class Mailbox(Model):
    """Where callers leave messages, and who gets them by e-mail."""

    name: str | None = Option(description="Used in the e-mail.", examples=["Recepcja"])
    number: Extension | None = Option(description="Internal number.", examples=["330"])
    greeting: Word = Field(
        "leave_message", description="Prompt before the tone.", examples=["leave_message"]
    )
    greetings: Greetings = Field(
        Greetings.model_validate({}),
        description="Other prompts before the tone, by why the caller comes.",
        examples=["{closed: closed}"],
    )
    mail: Emails = Field(
        (), description="Who gets the message by e-mail.", examples=["[biuro@kancelaria.example]"]
    )
    language: str | None = Option(
        pattern="^[a-z]{2}$", description="Language of the e-mail.", examples=["pl"]
    )
    sound: SoundFormat = Field(
        SoundFormat.WAV, description="How the message is attached: wav or mp3.", examples=["mp3"]
    )
    pin: str | None = Pin
