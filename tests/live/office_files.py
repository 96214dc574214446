"""The office that is tested: its YAML, its passwords, and prompts that are tones.

Each prompt is a tone of its own, so that what a caller hears names the prompt. The greeting begins
with 200 ms of a tone that is heard nowhere else: who does not hear it missed the first syllable.
"""

from pathlib import Path

from softswitch.office.secrets import write_secret
from tests.helpers import audio

CALLER, AGENT = 440, 1000  # what the people say
MUSIC = 700
GREETING_START, GREETING = 1300, 1600
MENU = 1900
LEAVE_MESSAGE = 2200
WAIT = 2500
SIGN = 3000  # every other prompt that a scenario may meet

GREETING_START_SECONDS, GREETING_SECONDS, MENU_SECONDS = 0.2, 1.3, 2.0

MAIN, SINGLE, MAILBOX, SHORT = "+48221234567", "+48221234568", "+48221234569", "+48221234570"
PASSWORD = "tajne-haslo-{}"
REALM = "softswitch"
PEOPLE = ("101", "102", "110", "111", "120")
RECIPIENTS = ("biuro@kancelaria.example", "anna@kancelaria.example")

_OFFICE = """\
office:
  name: Kancelaria Nowak i Wspólnicy
  country: PL
  timezone: Europe/Warsaw
  language: pl
  number: "+48 22 123 45 67"
  safe: reception

people:
  101: {name: Anna Zielińska}
  102: {name: Piotr Wójcik}
  110: {name: mec. Jan Nowak, email: nowak@kancelaria.example}
  111: {name: mec. Ewa Kowalska}
  120: {name: Marta Lis}
secrets: secrets.yaml
prompts: prompts

groups:
  payroll: {number: 320, ring: [120, 102], how: together}

queues:
  reception: {number: 300, agents: [101, 102], how: longest_idle, music: calm, longest_wait: 60s}
  single: {number: 310, agents: [111], how: in_order, music: calm, longest_wait: 60s, places: 2,
           announce: {every: 10s, position: true}}

conferences:
  board: {number: 350}

mailboxes:
  office: {name: Sekretariat, greeting: leave_message, mail: [RECIPIENTS], language: pl}

trunks:
  operator: {server: "TRUNK", watch: none, numbers: ["+48 22 123 45 67",
             "+48 22 123 45 68", "+48 22 123 45 69", "+48 22 123 45 70"]}

numbers:
  "+48 22 123 45 67": welcome
  "+48 22 123 45 68": single_line
  "+48 22 123 45 69": message
  "+48 22 123 45 70": short_ring

routes:
  welcome:     {play: welcome, then: menu}
  menu:        {menu: menu_main, first: 2s, repeats: 1, 1: reception, 2: single_line,
                no_key: reception, wrong_key: reception}
  reception:   {queue: reception, too_long: message, full: message, no_agents: message}
  single_line: {queue: single, too_long: message, full: message, no_agents: message}
  short_ring:  {ring: 102, for: 3s, no_answer: message, busy: message, unreachable: message,
                declined: message}
  message:     {voicemail: office}
"""


def write_office(folder: Path, trunk: str) -> Path:
    """Write everything into `folder`; returns the office file. `trunk` is host:port."""
    folder.mkdir(parents=True, exist_ok=True)
    text = _OFFICE.replace("TRUNK", trunk).replace("RECIPIENTS", ", ".join(RECIPIENTS))
    path = folder / "office.yaml"
    path.write_text(text, encoding="utf-8")
    for extension in PEOPLE:
        write_secret(folder / "secrets.yaml", extension, REALM, PASSWORD.format(extension))
    _write_prompts(folder / "prompts")
    return path


def _write_prompts(folder: Path) -> None:
    greeting = [
        audio.tone(GREETING_START, GREETING_START_SECONDS),
        audio.tone(GREETING, GREETING_SECONDS),
    ]
    audio.write_wav(folder / "welcome.wav", audio.joined(greeting))
    audio.write_wav(folder / "menu_main.wav", audio.tone(MENU, MENU_SECONDS))
    audio.write_wav(folder / "leave_message.wav", audio.tone(LEAVE_MESSAGE, 1.0))
    for name in ("queue_wait", "queue_still"):
        audio.write_wav(folder / f"{name}.wav", audio.tone(WAIT, 0.4))
    for name in ("message_saved", "invalid_key"):
        audio.write_wav(folder / f"{name}.wav", audio.tone(SIGN, 0.4))
    audio.write_wav(folder / "music" / "calm.wav", audio.tone(MUSIC, 10.0))
