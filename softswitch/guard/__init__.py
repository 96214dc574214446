"""Order under attack: who is answered late, who is not answered, who waits when there is too much.

Four policies, each of its own file and none with a clock, a socket or a task: `credentials` (wrong
passwords are answered ever later), `scanners` (who looks for victims), `sources` (who may reach the
parser), `load` (how much new work is taken). `guard` puts them together for the house.

The rule above them all: an office is never locked out by one of its own phones. An ordinary
challenge is no failure, and an address with a healthy device is never dropped.
"""
