"""The bodies of NOTIFY: dialog-info (RFC 4235), message summary (RFC 3842), PIDF (RFC 3863).

Values in, octets out. Names come from the outside world: what XML 1.0 cannot hold is left out.
"""

import re
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from softswitch.presence.things import Activity, Availability, LampDialog, Party, Summary

_NOTES = {
    Activity.ON_THE_PHONE: "On the phone",
    Activity.DO_NOT_DISTURB: "Do not disturb",
    Activity.ABSENT: "Absent",
}
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
# XML 1.0 2.2, by what it leaves out.
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def dialog_info(entity: str, version: int, dialogs: Iterable[LampDialog]) -> bytes:
    """RFC 4235 4.1: full state. `entity`: the URI that is watched."""
    parts = [
        _HEAD,
        '<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info"',
        f' version="{version}" state="full" entity={_attribute(entity)}>\n',
        *(_dialog(entity, dialog) for dialog in dialogs),
        "</dialog-info>\n",
    ]
    return "".join(parts).encode()


def _dialog(entity: str, dialog: LampDialog) -> str:
    attributes = [("id", dialog.id), ("call-id", dialog.call_id)]
    attributes += [("local-tag", dialog.local_tag), ("remote-tag", dialog.remote_tag)]
    if dialog.role is not None:
        attributes.append(("direction", dialog.role.value))
    opening = " ".join(f"{name}={_attribute(value)}" for name, value in attributes)
    lines = [f"<dialog {opening}>", f"<state>{dialog.state.value}</state>"]
    lines += ["<local>", *_identity(entity, None), "</local>"]
    other = dialog.other
    if other is not None and other.number:
        lines += ["<remote>", *_identity(_beside(entity, other), other.name), "</remote>"]
    return "\n".join([*lines, "</dialog>\n"])


def _identity(uri: str, name: str | None) -> list[str]:
    """RFC 4235 4.1.6: who it is, and where requests would go."""
    display = f" display={_attribute(name)}" if name else ""
    return [f"<identity{display}>{_text(uri)}</identity>", f"<target uri={_attribute(uri)}/>"]


def _beside(entity: str, other: Party) -> str:
    """The other one's address in the domain of the watched one, so that a phone can dial it."""
    scheme, _, rest = entity.partition(":")
    host = rest.rpartition("@")[2]
    return f"{scheme}:{other.number}@{host}"


def message_summary(account: str, summary: Summary) -> bytes:
    """RFC 3842 5.2; `account`: the address of the mailbox."""
    waiting = "yes" if summary.new else "no"
    lines = [
        f"Messages-Waiting: {waiting}",
        f"Message-Account: {_NO_XML.sub('', account)}",
        f"Voice-Message: {summary.new}/{summary.old} (0/0)",
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


def pidf(entity: str, availability: Availability) -> bytes:
    """RFC 3863 4.1 with RFC 4480's activity. `entity`: the URI that is watched (RFC 3856 6.6)."""
    basic = "open" if availability.is_open else "closed"
    activity, note = "", ""
    if availability.activity is not None:
        activity = (
            f'<dm:person id="p1"><rpid:activities><rpid:{availability.activity}/></rpid:activities>'
            "</dm:person>\n"
        )
        note = f"<note>{_NOTES[availability.activity]}</note>"
    parts = [
        _HEAD,
        '<presence xmlns="urn:ietf:params:xml:ns:pidf"',
        ' xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"',
        f' xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity={_attribute(entity)}>\n',
        f'<tuple id="t1"><status><basic>{basic}</basic></status>{note}</tuple>\n',
        activity,
        "</presence>\n",
    ]
    return "".join(parts).encode()


def _attribute(value: str) -> str:
    return quoteattr(_NO_XML.sub("", value))


def _text(value: str) -> str:
    return escape(_NO_XML.sub("", value))
