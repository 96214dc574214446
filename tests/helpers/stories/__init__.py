"""Random stories of calls in virtual time, and an independent judge of what the switch made of them.

phone    a user agent that reacts by itself; call: one call of it, and its own log
office   a virtual office with nine devices and a trunk, whose media engine remembers
acts     what people, phones and operators may do
story    one story from its seed: told, ended, judged
judge    what the history says against what the phones and the media engine saw
"""
