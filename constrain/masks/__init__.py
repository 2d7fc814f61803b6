"""Masks: token trie and state to bitmask. Knows tokens and expressions, and nothing of JSON.

Start at ``walk/`` (how a mask is made), then ``leaves/`` (what is looked up instead of walked), ``budgets/`` (what a
budget of tokens allows) and ``bits/`` (bitmasks). ``vocabulary_index.py`` is what all grammars of a vocabulary share.
"""
