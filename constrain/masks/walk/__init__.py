"""The walk of the token trie along an expression, which makes a mask.

This package knows all kinds of expressions. Start at ``masker.py``: ``Masker.follow`` tells the kinds apart, and
``Masker.mask`` is what the rest of the library asks for. Each part knows one kind: ``leaf_walk.py``,
``alternatives.py``, ``captures.py`` (keys that an object does not declare), ``records.py`` (items that must differ);
``derivatives.py`` is the slow fallback. ``walk.py`` holds what they share, ``collected.py`` what they collect.
"""
