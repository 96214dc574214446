"""What a change of the office changes for callers.

Time falls into classes in which all opening hours and rosters of both versions stand still
(`classes`). In one class a node does one thing (`behaviour`), so both versions can be walked side
by side over everything that callers and people may do (`compare`). What differs is told with the
times, the numbers called and the way there (`words`). Exact for the time looked at: nothing is
told exactly when nothing differs.
"""
