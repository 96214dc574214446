"""What a call costs the media worker when its two sides differ: SRTP to plain, G.722 to PCMA.

    python -m benchmarks.codec_calls [--calls 50 200 500] [--seconds 3]
                                     [--kinds plain srtp srtp_both g722]

One line a figure: CPU of the worker in ms a call-second, beside the bare relay and plain calls of
the same run; the budget of SRTP is twice a plain call. Encrypted calls come in twos, end to end:
a phone, a plain leg, an encrypted one that talks with another encrypted one of the same worker, a
plain leg, a phone. So the load generator needs no cipher, and of each two calls one encrypts and
one decrypts either way. In chains of five calls the inner three are encrypted on both sides; the
line is the mean of all five, and what such an inner one costs is told behind it.
"""

import argparse
import asyncio

from benchmarks.figures import Figures
from benchmarks.media_calls import HOST, Office, office
from benchmarks.phones import Phones
from benchmarks.references import relayed
from media.api import Bridge, Leg, SetRemote, SrtpKeys

KINDS = ("plain", "srtp", "srtp_both", "g722")
# Calls between two phones.
CHAINED = {"srtp": 2, "srtp_both": 5}
# More of these are more than one core; a worker that is late measures nothing.
MOST = {"g722": 400}
# Any key costs the same.
KEYS = SrtpKeys("AES_CM_128_HMAC_SHA1_80", "A" * 40, "A" * 40)


async def pairs(one: Office) -> None:
    """Every two phones talk."""
    legs = one.legs
    for i in range(0, len(legs), 2):
        one.client.send(Bridge(one.client.new_id(), (legs[i], legs[i + 1])))


async def chains(one: Office, calls: int) -> None:
    """So many calls between every two phones, from each to the next by two encrypted legs."""
    send, new_id = one.client.send, one.client.new_id
    for i in range(0, len(one.legs), 2):
        ends = [one.legs[i]]
        for _ in range(calls - 1):
            here, there = [await one.client.open_leg(HOST) for _ in range(2)]
            for leg, other in ((here, there), (there, here)):
                send(_encrypted(leg, other))
            ends += [here.id, there.id]
        ends.append(one.legs[i + 1])
        for pair in zip(ends[::2], ends[1::2], strict=True):
            send(Bridge(new_id(), pair))


def _encrypted(leg: Leg, other: Leg) -> SetRemote:
    return SetRemote(leg.id, HOST, other.port, HOST, other.port + 1, srtp=KEYS)


async def worked(kind: str, calls: int, seconds: float) -> Figures:
    """One measurement in a fresh worker."""
    async with office() as one:
        chained = CHAINED.get(kind, 1)
        phones = await Phones.open(2 * (calls // chained))
        to = await one.open(phones)
        if chained > 1:
            await chains(one, chained)
        else:
            await pairs(one)
        if kind == "g722":
            for leg, port in list(zip(one.legs, phones.ports, strict=True))[::2]:
                # The load's payload type; its octets are as good G.722 as any.
                one.client.send(SetRemote(leg, HOST, port, HOST, phones.rtcp_port, codec="G722"))
        await one.settle()
        (process,) = one.client.processes
        used, load = await phones.measure(to, seconds, process)
        await one.close(0)
    return Figures(kind, calls // chained * chained, used, seconds, load)


def _beside(figures: Figures, plain: Figures | None, one_side: Figures | None) -> str:
    """What it is beside calls of the same run that cost less."""
    if plain is None or plain.is_over or figures.is_over:
        return ""
    told = f"  {figures.cpu / plain.cpu:5.2f} x plain"
    if figures.kind == "srtp_both" and one_side is not None and not one_side.is_over:
        both = (5 * figures.cpu - 2 * one_side.cpu) / 3
        told += f"; on both sides {both:.3f} ms, {both / plain.cpu:.2f} x plain"
    return told


async def run(calls: list[int], seconds: float, kinds: list[str]) -> None:
    for count in calls:
        used, load = await relayed(count, seconds)
        reference = Figures("relay", count, used, seconds, load)
        print(reference.line(), flush=True)
        found = dict[str, Figures]()
        for kind in kinds:
            if count > MOST.get(kind, count):
                print(f"{kind:10} {count:4} calls  are more than one core: not measured")
                continue
            figures = found[kind] = await worked(kind, count, seconds)
            beside = _beside(figures, found.get("plain"), found.get("srtp"))
            print(figures.line(reference) + beside, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--calls", type=int, nargs="+", default=[50, 200, 500])
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    arguments = parser.parse_args()
    asyncio.run(run(arguments.calls, arguments.seconds, arguments.kinds))


if __name__ == "__main__":
    main()
