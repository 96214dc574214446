"""The test phones proved against each other, with no server between: who judges the judge."""

import smtplib
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.helpers import audio
from tests.live import namespace, sipp
from tests.live.baresip import Baresip
from tests.live.mailserver import MailServer
from tests.live.namespace import Namespace, Router
from tests.live.ports import free_port
from tests.live.process import until
from tests.live.pyvoip_phone import PyVoipPhone
from tests.live.rtp_peer import ScriptedPhone

CALLER, CALLED = 440, 1000


def pair_of_scripted() -> tuple[ScriptedPhone, ScriptedPhone]:
    ports = free_port(), free_port()
    here = "127.0.0.1"
    return (
        ScriptedPhone("101", (here, ports[1]), port=ports[0]),
        ScriptedPhone("102", (here, ports[0]), port=ports[1]),
    )


def test_scripted_phones_talk_hold_and_press() -> None:
    anna, piotr = pair_of_scripted()
    with anna, piotr:
        call = anna.dial("102", name="Anna")
        answered = piotr.incoming()
        assert answered.invite and '"Anna" <sip:101@' in answered.invite.get("From")
        answered.ring()
        call.wait_status(180)
        answered.answer().wait_answered()
        call.wait_answered()
        call.say(CALLER), answered.say(CALLED)
        call.wait_heard(CALLED)
        answered.wait_heard(CALLER)
        call.press("159#*0")
        until(lambda: answered.heard.digits_text == "159#*0", "six digits")
        first = answered.heard.digits()[0]
        assert (first.milliseconds, first.ends) == (160.0, 3)
        call.hold()
        assert answered.directions[-1] == "sendonly"
        call.resume()
        assert answered.directions[-1] == "sendrecv"
        answered.hang_up()
        assert call.wait_over().ended_by == "bye"


def test_scripted_phone_refuses_cancels_and_loses_packets() -> None:
    anna, piotr = pair_of_scripted()
    with anna, piotr:
        refused = anna.dial("102")
        piotr.incoming().refuse(486)
        assert refused.wait_final() == 486
        cancelled = anna.dial("102")
        ringing = piotr.incoming()
        ringing.ring()
        cancelled.wait_status(180)
        cancelled.hang_up()
        assert ringing.wait_over().ended_by == "cancel"
        assert cancelled.wait_final() == 487

        anna.mangle = lambda index, packet: [] if index % 10 == 3 else [packet, packet]
        call = anna.dial("102")
        answered = piotr.incoming().answer().wait_answered()
        call.wait_answered().say(CALLER)
        until(lambda: len(answered.heard.packets) > 90, "packets")
        numbers = [packet.sequence for packet in answered.heard.packets]
        assert len(set(numbers)) < len(numbers)
        span = (max(numbers) - min(numbers)) % 0x10000 + 1
        assert len(set(numbers)) < span


def test_baresip_and_the_scripted_phone_hear_each_other(tmp_path: Path) -> None:
    with Baresip("102", None, tmp_path, say=CALLED) as piotr:
        with ScriptedPhone("101", ("127.0.0.1", piotr.sip_port)) as anna:
            call = anna.dial("102")
            piotr.wait_incoming()
            piotr.answer()
            call.wait_answered().say(CALLER)
            call.wait_heard(CALLED)
            call.press("42")
            piotr.press("7#")
            until(lambda: call.heard.digits_text == "7#", "digits of baresip")
            until(lambda: piotr.command("listcalls") and piotr.digits == "42", "digits to baresip")
            piotr.wait_heard(CALLER)
            call.hang_up()
            piotr.wait_closed()
        assert audio.seconds_of(piotr.heard(), CALLER) >= 0.5, "the same when it is closed"


def test_two_baresips_hear_each_other(tmp_path: Path) -> None:
    with (
        Baresip("101", None, tmp_path, say=CALLER) as anna,
        Baresip("102", None, tmp_path, say=CALLED) as piotr,
    ):
        anna.dial(f"sip:102@127.0.0.1:{piotr.sip_port}")
        piotr.wait_incoming()
        piotr.answer()
        anna.wait_established()
        piotr.wait_established()
        anna.press("1")
        until(lambda: piotr.command("listcalls") and piotr.digits == "1", "a digit")
        piotr.wait_heard(CALLER)
        anna.wait_heard(CALLED)
        anna.hang_up()
        piotr.wait_closed()
        anna.wait_closed()


def test_sipp_calls_sipp(tmp_path: Path) -> None:
    port = free_port()
    far = sipp.Sipp(sipp.answering(), ("127.0.0.1", free_port()), tmp_path / "uas", port=port)
    with (
        far,
        sipp.Sipp(
            sipp.outgoing_call(milliseconds=500), ("127.0.0.1", port), tmp_path / "uac"
        ) as near,
    ):
        near.wait()
        far.wait()


def test_sipp_talks_to_the_scripted_phone(tmp_path: Path) -> None:
    talk = sipp.talk_file(tmp_path, CALLER)
    with ScriptedPhone("102", ("127.0.0.1", 1)) as piotr:
        server = ("127.0.0.1", piotr.port)
        with sipp.Sipp(sipp.outgoing_call(talk), server, tmp_path / "talk") as caller:
            call = piotr.incoming().answer().wait_answered()
            call.wait_heard(CALLER)
            caller.wait()
        assert call.invite and "+48600100200" in call.invite.get("From")


@pytest.mark.skipif(not sipp.can_send_pcaps(), reason="SIPp's digits need a raw socket (root)")
def test_sipp_presses_to_the_scripted_phone(tmp_path: Path) -> None:
    with ScriptedPhone("102", ("127.0.0.1", 1)) as piotr:
        server = ("127.0.0.1", piotr.port)
        with sipp.Sipp(sipp.outgoing_call(digits="15#"), server, tmp_path / "dtmf") as caller:
            call = piotr.incoming().answer().wait_answered()
            until(lambda: call.heard.digits_text == "15#", "digits of sipp")
            caller.wait()


def test_sipp_cancels(tmp_path: Path) -> None:
    with (
        ScriptedPhone("102", ("127.0.0.1", 1)) as piotr,
        sipp.Sipp(sipp.cancelled_call(), ("127.0.0.1", piotr.port), tmp_path / "c") as caller,
    ):
        call = piotr.incoming()
        call.ring()
        assert call.wait_over().ended_by == "cancel"
        caller.wait()


def test_pyvoip_registers_and_answers(tmp_path: Path) -> None:
    with ScriptedPhone("101", ("127.0.0.1", free_port())) as anna:
        server = ("127.0.0.1", anna.port)
        with PyVoipPhone("110", server, tmp_path, "secret", say=CALLED) as jan:
            jan.wait_registered()
            anna.server = ("127.0.0.1", _port_of_contact(anna))
            anna.codecs = ("PCMU",)
            call = anna.dial("110")
            jan.wait_event("incoming")
            call.wait_answered().say(CALLER)
            call.wait_heard(CALLED, timeout=30)
            call.hang_up()
            jan.wait_event("ended")
            heard = jan.heard()
    assert audio.seconds_of(heard, CALLER) > 0.2, audio.describe(heard, (CALLER, CALLED))


def _port_of_contact(phone: ScriptedPhone) -> int:
    assert phone.registrations
    contact = phone.registrations[-1].get("Contact")
    return int(contact.split(":")[2].split(";")[0].split(">")[0])


@pytest.mark.skipif(namespace.why_not() is not None, reason=f"namespace: {namespace.why_not()}")
def test_baresip_behind_a_router(tmp_path: Path) -> None:
    """It announces an address that cannot be reached; the way in is only the way out."""
    with ScriptedPhone("102", ("127.0.0.1", 1)) as piotr, Namespace() as network:
        sound = free_port()
        with (
            Router(network, [piotr.port, sound]) as router,
            Baresip(
                "101", f"127.0.0.1:{piotr.port}", tmp_path, say=CALLER, network=network
            ) as anna,
        ):
            anna.wait_registered()
            assert "10.9.0.2" in piotr.registrations[-1].get("Contact")
            anna.dial(f"sip:102@127.0.0.1:{piotr.port}")
            call = piotr.incoming()
            call.media.move(sound)
            call.answer().wait_answered()
            call.wait_heard(CALLER)
            assert call.heard.packets[0].source[1] in router.outside_ports(sound)
            anna.hang_up()
            call.wait_over()


def test_mail_server_keeps_refuses_and_stops(tmp_path: Path, mail_server: MailServer) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Wiadomość", "a@x.example", "b@x.example"
    message.set_content("Zażółć gęślą jaźń")
    wav = audio.write_wav(tmp_path / "tone.wav", audio.tone(CALLER, 1.0))
    message.add_attachment(wav.read_bytes(), maintype="audio", subtype="wav", filename="a.wav")
    with smtplib.SMTP(mail_server.host, mail_server.port) as client:
        client.send_message(message)
        mail_server.refusal = "451 later"
        with pytest.raises(smtplib.SMTPDataError):
            client.send_message(message)
    mail = mail_server.wait()
    assert (mail.subject, mail.text.strip()) == ("Wiadomość", "Zażółć gęślą jaźń")
    assert audio.strength(mail.sound(tmp_path), CALLER) > 7000
    mail_server.stop()
    with pytest.raises(OSError):
        smtplib.SMTP(mail_server.host, mail_server.port)
    mail_server.start()
    smtplib.SMTP(mail_server.host, mail_server.port).close()
