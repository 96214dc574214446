"""The real server behind a reload: states of its trunks, faults of its calls, the mail, verbs."""

import asyncio
from pathlib import Path

from softswitch.office_files import Source
from softswitch.reload import Reloader
from softswitch.reloading import reloading_verbs, signs
from softswitch.store.event import Event
from softswitch.store.outbox import Mail
from softswitch.trial import FAULTS
from softswitch.wiring import Server
from tests.helpers.office_in_process import OfficeInProcess


class Office(OfficeInProcess):
    """With somebody to be told, and a way to save another version."""

    def _write(self) -> None:
        super()._write()
        self.file = self.folder / "office.yaml"
        self.first = (
            self.file.read_text().replace("prompts: prompts\n", "")
            + "alarms: [it@kancelaria.example]\n"
        )
        self.file.write_text(self.first)

    def write_second(self) -> None:
        self.file.write_text(self.first.replace("name: Kancelaria", "name: Kancelaria Nowa"))


async def test_the_version_before_comes_back(tmp_path: Path) -> None:
    async with Office(tmp_path / "office") as office:

        async def work(server: Server) -> tuple[list[Mail], str, str]:
            source = Source(office.file, "softswitch")
            reloader = Reloader(
                source, tmp_path / "office" / "data", server.use, signs(office.settings, server)
            )
            reloader.begin(server.desk.office)
            await reloader.look()
            office.write_second()
            verb = reloading_verbs(reloader)
            answer = verb["reload"]({"confirm_within": 600})
            assert not isinstance(answer, dict)
            await answer
            middle = server.desk.office.office.office.name
            clock = server.desk.exchange.clock
            for number in range(FAULTS):
                server.desk.exchange.events.append(Event(f"c{number}", clock(), "call.started", {}))
                data = {"node": "welcome", "outcome": "failed", "reason": "no place"}
                server.desk.exchange.events.append(Event(f"c{number}", clock(), "route.left", data))
            await reloader.look()
            assert verb["confirm"]({}) == {"version": None}
            await server.desk.exchange.events.flush()
            mails = list(await server.desk.outbox.list_mails())
            return mails, middle, server.desk.office.office.office.name

        mails, middle, last = await office.run(work)
        assert (middle, last) == ("Kancelaria Nowa", "Kancelaria")
        assert await asyncio.to_thread(office.file.read_text) == office.first
        (mail,) = mails
        assert mail.recipients == ("it@kancelaria.example",)
        assert mail.subject == "Kancelaria: przywrócono poprzednią wersję pliku biura"
        assert "Powód: błąd centrali dotknął 2 połączeń." in mail.body


async def test_the_states_of_trunks(tmp_path: Path) -> None:
    async with Office(tmp_path / "office") as office:
        found = office.ask(lambda server: dict(signs(office.settings, server).trunks()))
        assert list(found) == ["operator"] and found["operator"] != "registered"
