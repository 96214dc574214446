"""The early dialogs of a leg that we placed: what each fork has said before anybody answered.

RFC 3262 4: a reliable response is acknowledged by PRACK, in order, each once. RFC 3261 13.2.1: a
description in a reliable response *is* the answer, and what its fork describes later is ignored; in
an unreliable one it is a foretaste that the 2xx may change.

Several forks: the caller hears the one that described its sound last, since forks that follow one
another (a number, then its voicemail) are common, and forks that speak at once are not. A repeat of
what an older fork said already does not bring it back.
"""

from typing import TYPE_CHECKING

from softswitch.calls.insisting import insist
from softswitch.calls.part import Part
from softswitch.sip.dialog import Dialog, DialogId
from softswitch.sip.message import Response
from softswitch.sip.offer_answer import AudioStream, OfferAnswer, OfferAnswerError
from softswitch.sip.reliable import ReliableReceiver, Verdict, rack_for

if TYPE_CHECKING:
    from softswitch.calls.outgoing import OutgoingLeg


class Fork:
    """One early dialog."""

    __slots__ = ("dialog", "is_settled", "receiver", "session")

    def __init__(self, dialog: Dialog | None, session: OfferAnswer) -> None:
        self.dialog = dialog
        self.session = session
        self.receiver = ReliableReceiver()
        # Its answer came reliably: it stands.
        self.is_settled = False


class Forks(Part["OutgoingLeg"]):
    """Those of one INVITE; the stack bounds their number. `session` has our offer out."""

    def __init__(self, leg: "OutgoingLeg", session: OfferAnswer) -> None:
        super().__init__(leg)
        self._offered = session
        self._forks: dict[DialogId | None, Fork] = {}

    def of(self, dialog: Dialog | None) -> Fork:
        """The fork with this dialog; a phone of RFC 2543 has none before its 200."""
        key = dialog.id if dialog is not None else None
        fork = self._forks.get(key)
        if fork is None:
            fork = self._forks[key] = Fork(dialog, self._offered)
        return fork

    def find(self, dialog: Dialog | None) -> Fork | None:
        """The same, if it has said anything that counts."""
        return self._forks.get(dialog.id if dialog is not None else None)

    def provisional(self, response: Response, dialog: Dialog | None) -> AudioStream | None:
        """The sound to hear from now on, if this response changes it."""
        fork = self.of(dialog)
        verdict = fork.receiver.take(response)
        if verdict in (Verdict.REPEATED, Verdict.OUT_OF_ORDER):
            return None
        if verdict is Verdict.NEW and dialog is not None:
            self._acknowledge(response, dialog)
        if not response.body or fork.is_settled:
            return None
        before = fork.session.stream
        try:
            fork.session, stream = self._offered.accept_answer(response.body)
        except OfferAnswerError as error:
            self._leg.exchange.log.warning("early sound is unusable", reason=error.reason)
            return None
        fork.is_settled = verdict is Verdict.NEW
        return stream if stream != before else None

    def answered(
        self, response: Response, dialog: Dialog
    ) -> tuple[OfferAnswer, AudioStream | None]:
        """The agreement with the fork that sent this 2xx. Raises `OfferAnswerError`."""
        fork = self.find(dialog) or self.find(None)
        stream = fork.session.stream if fork is not None else None
        # "MUST ignore any session descriptions in subsequent responses" (13.2.1); and many phones
        # describe themselves in the 183 alone.
        if fork is not None and stream is not None and (fork.is_settled or not response.body):
            return fork.session, stream
        return self._offered.accept_answer(response.body)

    def close(self) -> None:
        """One of them is the leg's dialog now, or the leg is over."""
        for fork in self._forks.values():
            if fork.dialog is not None and fork.dialog is not self._leg.dialog:
                self._leg.exchange.dispatcher.disown_dialog(fork.dialog.id)
        self._forks.clear()

    def _acknowledge(self, response: Response, dialog: Dialog) -> None:
        """PRACK, signed where that is asked for. From now on the far side may send UPDATE."""
        leg = self._leg
        leg.exchange.dispatcher.own_dialog(dialog.id, leg)
        if leg.dealings is not None:
            leg.dealings.settled()  # he took our INVITE, so a challenge of the PRACK is a new one
        rack = ("RAck", str(rack_for(response)))
        insist(leg.exchange, dialog, leg.dealings, "PRACK", (rack,))
