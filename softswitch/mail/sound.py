"""A message's sound as it is attached: the WAV as it lies on the disk, or MP3 made of it (PyAV)."""

import io
from pathlib import Path

import av
from av.audio.stream import AudioStream

# Speech of a telephone; a minute is 180 kB, the WAV 960.
BIT_RATE = 24_000


def to_mp3(path: Path) -> bytes:
    """The sound of this file as MP3. Raises OSError (PyAV's errors are such) and ValueError."""
    made = io.BytesIO()
    with av.open(str(path)) as source, av.open(made, "w", format="mp3") as target:
        spoken = source.streams.audio[0]
        stream = target.add_stream("libmp3lame", rate=spoken.rate or 8000)
        assert isinstance(stream, AudioStream)
        # A WAV does not say that its one channel is the middle, and LAME wants to know.
        stream.bit_rate, stream.layout, stream.format = BIT_RATE, "mono", "s16p"
        resampler = av.AudioResampler(stream.format, stream.layout, stream.rate)
        for frame in source.decode(spoken):
            for piece in resampler.resample(frame):
                target.mux(stream.encode(piece))
        for piece in resampler.resample(None):
            target.mux(stream.encode(piece))
        target.mux(stream.encode(None))
    return made.getvalue()
