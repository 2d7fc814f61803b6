"""Bitmasks, rows of token ids, and how scores are masked. Knows nothing of tries or expressions.

Start at ``bitmask.py`` (``TokenSet``, what a mask is kept as); ``apply.py`` and ``score_rows.py`` mask scores in place.
"""
