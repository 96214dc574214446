"""Hostile input by the million: `python -m tests.fuzz`, which `make fuzz` runs.

An input is decided by three words (seed, target, number), so whatever fails can be had again:
`python -m tests.fuzz --target message --seed 7 --only 12345`.
"""
