"""The `conferences:` of an office file: rooms in which several people talk."""

from pydantic import Field

from softswitch.office.fields import Duration, Extension, Model, Option, Word


class Conference(Model):
    """A room in which everybody hears everybody."""

    name: str | None = Option(description="Shown on the phones.", examples=["Zebranie"])
    number: Extension | None = Option(description="Internal number.", examples=["350"])
    pin: Word | None = Option(
        pattern="^[0-9]{4,12}$",
        description="Digits that everybody enters first. Without it, whoever dials is in.",
        examples=['"4711"'],
    )
    places: int = Field(20, ge=2, le=50, description="People at once.", examples=["20"])
    music: Word = Field("calm", description="What a lone one hears.", examples=["calm"])
    alone: Duration = Field(
        600.0, ge=1, description="Who is alone for so long leaves by `alone`.", examples=["10m"]
    )
