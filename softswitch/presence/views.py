"""What each watcher is shown of a thing: a value to compare, and the body of his NOTIFY.

Two states that look alike to him are told once. Who a call is with is left out of his view where
he may not see it, so he learns nothing from the moments of the NOTIFYs either.
"""

from collections.abc import Callable

from msgspec.structs import replace

from softswitch.office.codes import Setting
from softswitch.presence.documents import dialog_info, message_summary, pidf
from softswitch.presence.lamps import Lamps
from softswitch.presence.mailboxes import Mailboxes
from softswitch.presence.rights import may_see_other
from softswitch.presence.things import (
    DIALOG,
    SUMMARY,
    Activity,
    Availability,
    DialogState,
    Kind,
    LampDialog,
    Summary,
    Thing,
    own_switch,
)
from softswitch.presence.watch import Watch

State = tuple[LampDialog, ...] | Summary | Availability


class Views:
    """See the module's docstring. `has_phone`: is a phone of this extension registered now?"""

    def __init__(
        self, lamps: Lamps, mailboxes: Mailboxes, has_phone: Callable[[str], bool]
    ) -> None:
        self._lamps, self._mailboxes, self._has_phone = lamps, mailboxes, has_phone

    def state(self, watch: Watch) -> State:
        """What is true now, as far as this watcher may know it."""
        package, thing = watch.subscription.package, watch.thing
        if package is SUMMARY:
            return self._mailboxes.summary(thing.key)
        if package is not DIALOG:
            return self._availability(thing)
        dialogs = self._lamps.dialogs(thing)
        if thing.kind is Kind.PERSON and not dialogs:
            # Whoever is not to be disturbed looks busy, so that nobody passes a caller on to him.
            dialogs = self._lamps.dialogs(own_switch(thing.key, Setting.DND))
        if may_see_other(watch.watcher, thing):
            return dialogs
        return tuple(replace(dialog, other=None) for dialog in dialogs)

    def _availability(self, thing: Thing) -> Availability:
        """Absence before all, because it says who must not be waited for."""
        if self._lamps.is_lit(own_switch(thing.key, Setting.ABSENT)):
            return Availability(False, Activity.ABSENT)
        has_phone = self._has_phone(thing.key)
        if self._lamps.is_lit(own_switch(thing.key, Setting.DND)):
            return Availability(has_phone, Activity.DO_NOT_DISTURB)
        talks = self._lamps.is_lit(thing)
        return Availability(has_phone, Activity.ON_THE_PHONE if talks else None)

    def body(self, watch: Watch, state: State) -> bytes:
        """The document that tells it. Dialogs that ended since his last one are in it once more."""
        if isinstance(state, Summary):
            return message_summary(watch.uri, state)
        if isinstance(state, Availability):
            return pidf(watch.uri, state)
        alive = {dialog.id: dialog for dialog in state}
        ended = [
            replace(dialog, state=DialogState.TERMINATED)
            for key, dialog in watch.shown.items()
            if key not in alive
        ]
        watch.shown = alive
        # RFC 4235 4.1.1: the version rises by one a document; it is the count of NOTIFYs before.
        return dialog_info(watch.uri, watch.subscription.notified, [*ended, *state])
