"""From whom somebody of the office may take a call that rings."""

from enum import StrEnum


class PickupRight(StrEnum):
    """The value of `pickup:`."""

    OFFICE = "office"  # from everybody
    GROUP = "group"  # from those who share a group or a queue with him
