"""Masks of leaves, which are regular expressions whose tokens are found once and then looked up.

This package knows the token trie and the states of one leaf, but not what follows the leaf: of a token that goes on
after the leaf ends, the *tail* is kept. Start at ``leaf.py`` (``LeafCache``), which picks the cheapest way:
``character_run.py``
(strings: one character class again and again), ``bounded.py`` (patterns of limited length), ``loops.py``,
``arithmetic_states.py`` (automata too large to be searched). ``leaf_classes.py``, ``safe_distance.py`` and
``counter_relaxation.py`` tell which subtrees of the trie a state accepts as a whole, without a visit.
"""
