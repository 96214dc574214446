"""Bindings in the store's table: between the registrar's values and plain columns."""

from softswitch.log import get_logger
from softswitch.registrar.binding import Binding
from softswitch.sip.errors import ParseError
from softswitch.sip.flow import Flow, Transport
from softswitch.sip.uri import Uri, parse_uri
from softswitch.store.bindings import BindingRecord, BindingTable

_log = get_logger("registrar")


class PersistentBindings:
    """The registrar's `BindingStore` over a `BindingTable`."""

    def __init__(self, table: BindingTable) -> None:
        self._table = table

    def save(self, binding: Binding) -> None:
        self._table.save(_record(binding))

    def delete(self, binding: Binding) -> None:
        self._table.delete(_record(binding))

    def load(self) -> list[Binding]:
        """What was registered when we stopped; a record that cannot be read is left out."""
        bindings = []
        for record in self._table.load():
            try:
                bindings.append(_binding(record))
            except (ParseError, ValueError) as error:
                _log.warning("a stored registration is unusable", error=str(error))
        return bindings


def _record(binding: Binding) -> BindingRecord:
    flow = binding.flow
    return BindingRecord(
        extension=binding.extension,
        contact=str(binding.contact),
        transport=flow.transport.value,
        local_host=flow.local[0],
        local_port=flow.local[1],
        remote_host=flow.remote[0],
        remote_port=flow.remote[1],
        connection=flow.connection,
        path=binding.path,
        instance=binding.instance,
        reg_id=binding.reg_id,
        q=binding.q,
        expires=binding.expires,
        call_id=binding.call_id,
        cseq=binding.cseq,
        user_agent=binding.user_agent,
        registered=binding.registered,
        behind_nat=binding.is_behind_nat,
        away=binding.is_away,
        latency=binding.latency,
    )


def _binding(record: BindingRecord) -> Binding:
    contact = parse_uri(record.contact)
    if not isinstance(contact, Uri):
        raise ValueError(f"a contact that is no SIP address: {contact}")
    # Connections died with the process that held them: only the address is left of a stream.
    flow = Flow(
        Transport(record.transport),
        (record.local_host, record.local_port),
        (record.remote_host, record.remote_port),
    )
    return Binding(
        extension=record.extension,
        contact=contact,
        flow=flow,
        path=record.path,
        instance=record.instance,
        reg_id=record.reg_id,
        q=record.q,
        expires=record.expires,
        call_id=record.call_id,
        cseq=record.cseq,
        user_agent=record.user_agent,
        registered=record.registered,
        is_behind_nat=record.behind_nat,
        is_away=record.away,
        latency=record.latency,
    )
