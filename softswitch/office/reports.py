"""The section `reports:`: who gets the figures of a day or a week by mail, and when."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from pydantic import Field, field_validator

from softswitch.office.fields import Emails, Model, Option
from softswitch.wording import Slip, say

WEEK = timedelta(days=7)
DAY = timedelta(days=1)


class Period(StrEnum):
    """What one report is about: the day before, or the week from Monday to Sunday before."""

    DAY = "day"
    WEEK = "week"


class Report(Model):
    """One mail that comes regularly. A period without any call has none."""

    every: Period = Field(Period.DAY, description="Of each day or week.", examples=["week"])
    at: time = Field(
        time(7, 0),
        description="When it is sent, on the day after (on Mondays for a week).",
        examples=['"07:00"'],
    )
    mail: Emails = Field(
        min_length=1, description="Who gets it.", examples=["[biuro@kancelaria.example]"]
    )
    language: str | None = Option(
        pattern="^[a-z]{2}$", description="Language of the mail.", examples=["pl"]
    )

    @field_validator("at", mode="before")
    @classmethod
    def _clock(cls, value: object) -> object:
        # Without quotes YAML 1.1 readers make 420 minutes of 7:00.
        if isinstance(value, int):
            raise Slip(say("no_time_of_day", value=value), say("no_time_of_day_remedy"))
        return value


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days, both included, of the office's calendar."""

    first: date
    last: date


def last_span(report: Report, now: datetime) -> Span:
    """The period whose report was due last, at `now` on the office's clock."""
    today = now.date() if now.time() >= report.at else now.date() - DAY
    if report.every is Period.DAY:
        return Span(today - DAY, today - DAY)
    monday = now.date() - timedelta(days=now.weekday())
    if now.date() == monday and now.time() < report.at:
        monday -= WEEK
    return Span(monday - WEEK, monday - DAY)
