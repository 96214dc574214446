"""All verbs of the language: one list, in the order of the manual."""

from collections.abc import Mapping

from softswitch.routing.verbs.base import AnyVerb
from softswitch.routing.verbs.callback import Callback
from softswitch.routing.verbs.collect import Collect
from softswitch.routing.verbs.conference import ConferenceVerb
from softswitch.routing.verbs.contact import ContactVerb
from softswitch.routing.verbs.dial_by_name import DialByName
from softswitch.routing.verbs.forward import Forward
from softswitch.routing.verbs.goto import Goto
from softswitch.routing.verbs.hangup import Hangup
from softswitch.routing.verbs.hours import Hours
from softswitch.routing.verbs.language import Language
from softswitch.routing.verbs.menu import Menu
from softswitch.routing.verbs.play import Play
from softswitch.routing.verbs.queue import Queue
from softswitch.routing.verbs.ring import Ring
from softswitch.routing.verbs.roster import Roster
from softswitch.routing.verbs.say import Say
from softswitch.routing.verbs.switch import Set, SwitchVerb
from softswitch.routing.verbs.voicemail import Voicemail
from softswitch.routing.verbs.webhook import Webhook

VERBS: Mapping[str, AnyVerb] = {
    verb.name: verb
    for verb in (
        Play(),
        Say(),
        Menu(),
        Collect(),
        DialByName(),
        Hours(),
        Roster(),
        ContactVerb(),
        Webhook(),
        SwitchVerb(),
        Set(),
        Ring(),
        Forward(),
        Queue(),
        Voicemail(),
        Callback(),
        ConferenceVerb(),
        Language(),
        Goto(),
        Hangup(),
    )
}
