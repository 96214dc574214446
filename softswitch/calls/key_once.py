"""One press of a key is one key, though the phone told it twice.

Some phones send a key by INFO and let it sound as well (as a telephone event or as a tone): there
is no agreement about INFO by which one of the two could be refused. Pure: time is a parameter.
"""

from collections import deque

# Behind the press by how long a key is held, a repeated INFO and a block of sound. A press is told
# of by each way once, so the same key twice in a row by one way is two presses however quick.
APART = 2.0
# More presses in that time are no finger's.
MOST = 32


class KeyOnce:
    """The keys of one leg that came by one way and might still come by the other."""

    def __init__(self) -> None:
        self._alone: deque[tuple[str, bool, float]] = deque(maxlen=MOST)

    def is_again(self, key: str, is_heard: bool, now: float) -> bool:
        """Whether the other way told of this press already. `is_heard`: it came in the sound."""
        while self._alone and now - self._alone[0][2] > APART:
            self._alone.popleft()
        for one in self._alone:
            if one[:2] == (key, not is_heard):
                self._alone.remove(one)
                return True
        self._alone.append((key, is_heard, now))
        return False
