"""From a grammar and a vocabulary to masks, token by token: what a user holds.

Start at ``decoding/compilation.py`` (``compile``) and ``decoding/matcher.py`` (``Constraint``, ``Matcher``); ``decoding/automaton.py`` has states,
masks and moves in bounded memory, ``decoding/steps.py`` sequences of tokens and budgets; ``decoding/forced.py`` and ``decoding/explanation.py``
tell what must come, and why a token is refused.
"""
