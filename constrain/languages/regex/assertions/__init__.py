"""Lookahead, lookbehind and boundaries in expressions. Start at ``borders.py``, then ``continuation.py``."""
