"""Bitmasks, rows of token ids, and the masking of scores. This package knows neither tries nor expressions.

Start at ``bitmask.py`` (``TokenSet``, the form in which a mask is kept); ``apply.py`` and ``score_rows.py`` mask scores
in place.
"""
