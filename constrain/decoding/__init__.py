"""From a grammar and a vocabulary to masks, token by token: the objects that users hold.

Start at ``compilation.py`` (``compile``) and ``matcher.py`` (``Constraint``, ``Matcher``); ``automaton.py`` keeps
states, masks and moves in bounded memory; ``steps.py`` has sequences of tokens and budgets; ``forced.py`` and
``explanation.py`` tell what text is forced, and why a token is refused.
"""
