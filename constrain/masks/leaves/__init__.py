"""Masks of leaves: regular expressions whose tokens are found once and then looked up.

Knows the token trie and the states of one leaf, and nothing of what follows it: of a token that goes on after the leaf
ends, the *tail* is kept. Start at ``leaf.py`` (``LeafCache``), which picks the cheapest way: ``character_run.py``
(strings: one character class again and again), ``bounded.py`` (patterns of limited length), ``loops.py``,
``arithmetic_states.py`` (automata too large to be searched). ``leaf_classes.py``, ``safe_distance.py`` and
``counter_relaxation.py`` tell which whole subtrees of the trie a state takes without a visit.
"""
