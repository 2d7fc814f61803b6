"""The walk of the token trie along an expression, which makes a mask.

Knows all kinds of expressions. Start at ``walker.py`` (``Walker.walk``); ``captures.py`` and ``records.py`` add texts
that decide what may follow them, and ``masker.py`` is what the rest of the library holds.
"""
