"""Days at the queues by chance: nobody is lost, overtaken or left waiting beside a free agent.

`make fuzz` tells twenty thousand of them; `QUEUE_STORIES=N` another number, and
`QUEUE_STORIES_FROM=N` leaves out so many, to tell them in parts.
"""

import os
from collections import Counter

import pytest
from hypothesis import settings

from tests.helpers.queue_story import QueueStory

FEW, MANY = 300, 20_000
FIRST = 20_261_129


def wanted() -> int:
    usual = MANY if settings().max_examples > 1000 else FEW
    return int(os.environ.get("QUEUE_STORIES", usual))


@pytest.mark.timeout(7200)
def test_property_queue_stories() -> None:
    ends: Counter[str] = Counter()
    first = FIRST + int(os.environ.get("QUEUE_STORIES_FROM", 0))
    for number in range(wanted()):
        ends.update(QueueStory(first + number).run().ends.values())
    # Stories in which nothing happens would prove nothing.
    assert set(ends) >= {"answered", "abandoned", "full", "nobody", "unreachable"}, ends
    assert ends["answered"] > sum(ends.values()) / 3, ends
