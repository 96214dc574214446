"""Prometheus metrics: every counter and gauge of the process in one place.

Names end in their unit (`_total`, `_seconds`); labels never hold a number or a name of a person.
"""

from functools import lru_cache

from prometheus_client import Counter, Gauge, Histogram

calls_started = Counter("softswitch_calls_started_total", "Calls begun.", ["direction"])
calls_ended = Counter("softswitch_calls_ended_total", "Calls ended.", ["result"])
limit = Gauge("softswitch_limit", "Bounds of the house.", ["name"])
used = Gauge("softswitch_used", "How much of each bound is used.", ["name"])
dropped = Counter("softswitch_dropped_total", "Packets not read, by reason.", ["why"])
defended = Counter("softswitch_defended_total", "What the guard did with requests.", ["what"])
stack_events = Counter("softswitch_sip_stack_total", "What the SIP stack counts.", ["what"])
lateness = Gauge("softswitch_late_seconds", "How late the switch is, smoothed.")
shed_level = Gauge("softswitch_shed_level", "0: all new work is taken; 7: one in 128.")
strangers_share = Gauge(
    "softswitch_strangers_share", "Part of a core that unknown senders may have, at most."
)
calls_up = Gauge("softswitch_calls_up", "Calls in progress.")
calls_refused = Counter("softswitch_calls_refused_total", "INVITEs refused.", ["status"])
setup_seconds = Histogram(
    "softswitch_call_setup_seconds",
    "From an INVITE in to the first INVITE out.",
    buckets=(0.001, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 1.0),
)
registrations = Counter("softswitch_registrations_total", "REGISTER answers.", ["status"])
credentials = Counter("softswitch_credentials_total", "Digest outcomes.", ["outcome"])
sip_rejected = Counter("softswitch_sip_rejected_total", "Messages refused by the SIP stack.")
queue_waiting = Gauge("softswitch_queue_waiting", "Callers waiting.", ["queue"])
queue_left = Counter("softswitch_queue_left_total", "Callers who left a queue.", ["queue", "how"])
outside_refused = Counter(
    "softswitch_outside_refused_total", "Calls out refused or ended by a limit.", ["why"]
)
outside_stopped = Counter(
    "softswitch_outside_stopped_total", "People whose calls abroad were stopped."
)
outside_seconds = Counter(
    "softswitch_outside_seconds_total", "Talk with the outside: home, or far.", ["where"]
)
emergency_calls = Counter(
    "softswitch_emergency_calls_total", "Calls for help: dialled, or tested.", ["how"]
)
queue_waited = Histogram(
    "softswitch_queue_wait_seconds",
    "From coming into a queue to leaving it, in whatever way.",
    ["queue"],
    buckets=(5, 10, 20, 30, 60, 120, 180, 300, 600, 1200),
)
queue_longest = Gauge("softswitch_queue_longest_wait_seconds", "Of those who wait now.", ["queue"])
queue_level = Gauge(
    "softswitch_queue_service_level", "Answered in time, since midnight.", ["queue"]
)
queue_agents = Gauge("softswitch_queue_agents", "Agents by state.", ["queue", "state"])
callbacks_open = Gauge("softswitch_callbacks_open", "Clients to be called back.")
callbacks_due = Gauge("softswitch_callbacks_due", "Those whose time has come.")
callbacks_missing = Gauge(
    "softswitch_callbacks_missing", "Inbound calls that are neither talks nor on the list."
)
messages_stored = Counter("softswitch_voicemail_messages_total", "Voicemail messages stored.")
recordings = Counter("softswitch_recordings_total", "Recordings of talks begun.")
recording_troubles = Counter(
    "softswitch_recording_troubles_total", "Recordings that lost sound, or could not begin."
)
texts = Counter("softswitch_texts_total", "Text messages between phones.", ["outcome"])
reloads = Counter("softswitch_reloads_total", "Reloads of the office file.", ["outcome"])
on_trial = Gauge(
    "softswitch_reload_on_trial", "1 while a new version of the office file may be taken back."
)
mails = Counter("softswitch_mails_total", "Mails tried.", ["outcome"])
mail_late = Gauge("softswitch_mail_late_seconds", "How long the oldest unsent mail waits.")
media_late_ticks = Counter(
    "softswitch_media_late_ticks_total", "Steps of 20 ms that the media engine made too late."
)
mos = Histogram(
    "softswitch_mos",
    "How good a leg sounded (ITU-T G.107; wb: G.107.1): from its phone (in), to it (out).",
    ["way", "band"],
    buckets=(2.0, 2.6, 3.1, 3.6, 4.0, 4.2, 4.3, 4.5),
)
poor_sound = Counter(
    "softswitch_poor_sound_total", "Legs that sounded badly for a quarter of a minute.", ["way"]
)
media_compiled = Gauge(
    "softswitch_media_compiled", "1: the packet loop of sound runs compiled; 0: as Python."
)
media_workers_lost = Counter("softswitch_media_workers_lost_total", "Media workers that died.")
store_lost = Gauge("softswitch_store_lost", "Store writes given up: no disk, no memory.")
store_waiting = Gauge("softswitch_store_waiting", "Store writes not yet on disk.")
trunk_up = Gauge("softswitch_trunk_up", "1: calls come and go; 0: at risk.", ["trunk"])
trunk_registered = Gauge("softswitch_trunk_registered", "1: registered there.", ["trunk"])
trunk_moves = Counter(
    "softswitch_trunk_moves_total",
    "Ways to providers that changed: servers, our address, …",
    ["what"],
)
legs_moved = Counter(
    "softswitch_legs_moved_total", "Talks told that our own address is another one."
)
trunk_alarms = Counter("softswitch_trunk_alarms_total", "Trunks found at risk.", ["why"])
webhooks = Counter("softswitch_webhooks_total", "Questions to other systems.", ["outcome"])
contact_lookups = Counter(
    "softswitch_contact_lookups_total", "Callers looked up elsewhere.", ["source", "outcome"]
)
pushes = Counter("softswitch_pushes_total", "Phones to be woken.", ["event", "outcome"])
trace_lost = Counter("softswitch_trace_lost_total", "SIP messages not kept.", ["why"])


@lru_cache(maxsize=256)
def labelled(counter: Counter, value: str) -> Counter:
    """`counter.labels(value)`, kept, for what is counted with each message: `labels` itself takes a
    lock and makes texts of its arguments, and costs as much as reading a header."""
    return counter.labels(value)
