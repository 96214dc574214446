"""One watcher of one thing, and how it is kept on the disk.

Between the subscription's values and plain columns; what cannot be read any more is left out.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from softswitch.presence.things import PACKAGES, LampDialog, Thing
from softswitch.sip.dialog import Dialog, DialogId, DialogState
from softswitch.sip.flow import Flow, Transport
from softswitch.sip.headers import NameAddr
from softswitch.sip.subscription import Subscription, Wanted
from softswitch.sip.transaction import TransactionKey
from softswitch.sip.uri import parse_uri
from softswitch.store.subscriptions import SubscriptionRecord

# NOTIFYs between two writes of the counter. After a restart a watcher's versions jump by up to so
# many; the next write is due at half of it, and reaches the disk long before the rest is used.
GAP = 100


@dataclass(slots=True, eq=False)
class Watch:
    """A subscription with its meaning. `uri`: the address that was asked for, the entity."""

    subscription: Subscription
    watcher: str
    thing: Thing
    uri: str
    host: str  # the phone's address when it subscribed, for the bound
    told: Hashable = None  # the state of the last NOTIFY; None: nothing yet, or it did not arrive
    shown: dict[str, LampDialog] = field(default_factory=dict)  # dialogs that he believes alive
    sent: TransactionKey | None = None  # the NOTIFY that is on its way
    counted: int = 0  # the disk says so many NOTIFYs, or more than were sent
    is_resumed: bool = True  # False: restored, and not yet told anything

    @property
    def id(self) -> DialogId:
        return self.subscription.dialog.id

    @property
    def phone(self) -> tuple[str, str]:
        """Whose devices share one bound."""
        return self.watcher, self.host

    def needs_saving(self) -> bool:
        """The counter on the disk is about to be reached."""
        return self.subscription.notified > self.counted - GAP // 2


def to_record(watch: Watch) -> SubscriptionRecord:
    """As the table keeps it; the counter runs ahead by `GAP`, which is noted in the watch."""
    subscription, dialog = watch.subscription, watch.subscription.dialog
    flow = dialog.flow
    assert flow is not None, "a subscription begins with a SUBSCRIBE that came by some way"
    watch.counted = subscription.notified + GAP
    return SubscriptionRecord(
        call_id=dialog.id.call_id,
        local_tag=dialog.id.local_tag,
        remote_tag=dialog.id.remote_tag,
        watcher=watch.watcher,
        package=subscription.package.name,
        event_id=subscription.event_id,
        watched=watch.uri,
        local=str(dialog.local),
        remote=str(dialog.remote),
        target=str(dialog.remote_target),
        routes=tuple(map(str, dialog.route_set)),
        secure=dialog.secure,
        transport=flow.transport.value,
        local_host=flow.local[0],
        local_port=flow.local[1],
        remote_host=flow.remote[0],
        remote_port=flow.remote[1],
        remote_cseq=dialog.remote_cseq or 0,
        notified=watch.counted,
        expires=subscription.expires_at,
    )


def from_record(record: SubscriptionRecord, thing: Thing) -> Watch:
    """The subscription as it was, its counter where it can not have been before.

    Raises ParseError, KeyError or ValueError for a record that cannot be read.
    """
    # Connections died with the process that held them: only the address is left of a stream.
    flow = Flow(
        Transport(record.transport),
        (record.local_host, record.local_port),
        (record.remote_host, record.remote_port),
    )
    dialog = Dialog(
        DialogId(record.call_id, record.local_tag, record.remote_tag),
        DialogState.CONFIRMED,
        NameAddr.parse(record.local),
        NameAddr.parse(record.remote),
        flow,
    )
    dialog.remote_target = parse_uri(record.target)
    dialog.route_set = tuple(map(NameAddr.parse, record.routes))
    dialog.secure = record.secure
    dialog.remote_cseq = record.remote_cseq
    package = PACKAGES[record.package]
    subscription = Subscription(dialog, Wanted(package, record.event_id, 0), record.expires)
    subscription.continued(record.notified)
    return Watch(
        subscription,
        record.watcher,
        thing,
        record.watched,
        record.remote_host,
        is_resumed=False,
    )
