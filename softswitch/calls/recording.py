"""A recording that runs in the media engine, as the call sees it: stop it, wait for its file."""

import asyncio
from typing import TYPE_CHECKING

from media.api import RecordingEnded, StopRecording

if TYPE_CHECKING:
    from softswitch.calls.sound import SoundDesk

# A file is closed long before this, unless its worker never heard of the recording.
CLOSING_PATIENCE = 5.0


class SoundError(Exception):
    """The media engine could not do what was asked of it."""


class Recording:
    """A recording that runs; `ended` tells the file, its length and why it ended."""

    def __init__(self, desk: "SoundDesk", number: int) -> None:
        self._desk = desk
        self.number = number
        self.ended: asyncio.Future[RecordingEnded] = asyncio.get_running_loop().create_future()

    def stop(self) -> None:
        """Finish the file; `ended` follows."""
        if not self.ended.done():
            self._desk.send(StopRecording(recording=self.number))

    async def finished(self) -> RecordingEnded:
        """`stop`, then the closed file. Raises `SoundError` when there is none."""
        self.stop()
        try:
            async with asyncio.timeout(CLOSING_PATIENCE):
                ended = await asyncio.shield(self.ended)
        except TimeoutError:
            self._desk.forget_recording(self.number)
            raise SoundError("the recording was never closed") from None
        if ended.error:
            raise SoundError(ended.error)
        return ended
