"""From patterns to syntax trees. This package knows the flavours, but not expressions.

Start at ``syntax.py`` (the tree) and ``reader.py`` (what all flavours share); ``python.py``, ``ecma.py`` and
``schema.py`` (JSON Schema) are the flavours. ``ordered.py`` and ``conditionals.py`` rewrite what depends on the order
of matching, ``analysis.py`` answers questions about trees, ``foreign.py`` finds what was most likely meant in another
dialect.
"""
