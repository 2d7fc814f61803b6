"""From a grammar and a vocabulary to masks, token by token: what a user holds.

Start at ``compilation.py`` (``compile``) and ``matcher.py`` (``Constraint``, ``Matcher``); ``automaton.py`` has states,
masks and moves in bounded memory, ``steps.py`` sequences of tokens and budgets; ``forced.py`` and ``explanation.py``
tell what must come, and why a token is refused.
"""
