"""What a foreign phone hears, read from the recording it is still writing.

A test that hangs up because one side has heard enough knows nothing of the other side: on a fast
machine that one has heard a step less. So each is waited for while the call is up.
"""

from abc import ABC, abstractmethod

import numpy as np

from tests.helpers import audio
from tests.live.process import until

_LOOK_AGAIN = 0.1


class Hearing(ABC):
    """A phone that records what it hears."""

    user: str

    @abstractmethod
    def hearing(self) -> tuple[np.ndarray, int]:
        """Samples so far `(n,) int16` and their rate; no samples before there is a recording."""

    def seconds_heard(self, tone: int) -> float:
        """For how long this tone was heard so far."""
        samples, rate = self.hearing()
        return audio.seconds_of(samples, tone, rate)

    def wait_heard(self, tone: int, seconds: float = 0.5, timeout: float = 20.0) -> None:
        """Wait until this tone was heard for so long altogether."""
        try:
            until(
                lambda: self.seconds_heard(tone) >= seconds,
                f"{self.user} hears {seconds:.2f} s of {tone} Hz",
                timeout,
                every=_LOOK_AGAIN,
            )
        except TimeoutError as error:
            samples, rate = self.hearing()
            raise TimeoutError(f"{error}: {audio.describe(samples, (tone,), rate)}") from None

    def wait_more(self, tone: int, seconds: float = 0.5, timeout: float = 20.0) -> None:
        """Wait until this tone was heard for so long from now on."""
        self.wait_heard(tone, self.seconds_heard(tone) + seconds, timeout)


def wait_talk(one: Hearing, says: int, other: Hearing, answers: int, seconds: float = 0.8) -> None:
    """Until each has heard the other for so long from now on."""
    one.wait_more(answers, seconds)
    other.wait_more(says, seconds)
