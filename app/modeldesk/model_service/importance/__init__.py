"""What drives a version's answers over many rows: contributions, shuffled inputs, moved inputs.

Each is an ``Analysis``: steps that may be taken by anybody, in any order and more than once, and that
give the same each time.
"""
