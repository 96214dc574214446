"""An office in process that owes its clients a call back, and what its list says."""

from pathlib import Path

from softswitch.store.callback_table import read_callbacks
from softswitch.store.callbacks import Item
from softswitch.store.reconcile import Sums, reconcile
from tests.helpers.hand_phone import Phone
from tests.helpers.office_in_process import MAIN, OfficeInProcess

OFFERED, WAITED = "+48221234572", "+48221234573"
CLIENT, SPAMMER = "+48600100200", "+48600666666"

_SECTION = f"""\
callbacks: {{owner: payroll, due: 1h, escalate: 2h, talk: 0s, mail: [biuro@kancelaria.example],
            spam: ["{SPAMMER}"]}}
"""
_NUMBERS = f"""\
  "{OFFERED}": offered
  "{WAITED}": waited
"""
_ROUTES = """\
  offered: {callback: payroll, first: 1s, declined: message, no_key: message, withheld: message}
  waited:  {queue: single, too_long: message, full: message, no_agents: message, key_1: offered}
"""


class CallbackOffice(OfficeInProcess):
    """The office of the other tests, with a section `callbacks:` and two numbers more."""

    def _write(self) -> None:
        super()._write()
        path = self.folder / "office.yaml"
        text = path.read_text()
        for before, after in (
            ("numbers: [", f'numbers: ["{OFFERED}", "{WAITED}", '),
            ("\nnumbers:\n", f"\n{_SECTION}numbers:\n{_NUMBERS}"),
            ("\nroutes:\n", f"\nroutes:\n{_ROUTES}"),
        ):
            assert text.count(before) == 1, before
            text = text.replace(before, after)
        path.write_text(text)

    @property
    def database_url(self) -> str:
        return self.settings.database_url

    @property
    def data(self) -> Path:
        return self.settings.data

    def waiting(self) -> list[Item]:
        """The open items, the next one first."""
        return self.ask(lambda server: server.desk.callbacks.items())

    async def talk(self, provider: Phone, agent: Phone) -> None:
        """A client and an agent of the reception; all of it is over."""
        before = len(self.calls())
        out = await (await provider.dial(MAIN)).answered()
        rung = await agent.rung()
        rung.answer()
        await self.until(lambda: len(self.calls()) > before, "he is here")
        await self.until(lambda: "bridge.started" in self.kinds(), "they talk")
        out.bye()
        await rung.over()
        await self.calm()

    async def missed(self, provider: Phone, number: str) -> None:
        """He hangs up before a human comes."""
        before, provider.user = len(self.calls()), number
        out = await (await provider.dial(MAIN)).answered()
        await self.until(lambda: len(self.calls()) > before, "he is here")
        out.bye()
        await self.calm()
        provider.user = CLIENT

    async def stored(self, *, only_open: bool = False) -> list[Item]:
        """What the store has."""

        async def read(server):  # type: ignore[no-untyped-def]
            database = server.desk.outbox._store
            await database.flush()
            return await read_callbacks(database, only_open=only_open)

        return await self.run(read)

    async def sums(self) -> Sums:
        """Over everything that has ended."""

        async def read(server):  # type: ignore[no-untyped-def]
            database = server.desk.outbox._store
            await database.flush()
            now = server.desk.exchange.clock()
            return await reconcile(database, now.replace(year=2020), now.replace(year=2040))

        return await self.run(read)


__all__ = ["MAIN", "OFFERED", "SPAMMER", "WAITED", "CallbackOffice"]
