"""Masks: from a token trie and a state to a bitmask. This layer knows tokens and expressions, but not JSON.

Start at ``walk/`` (how a mask is made), then ``leaves/`` (what is looked up instead of walked), ``budgets/`` (what a
budget of tokens allows) and ``bits/`` (bitmasks). ``vocabulary_index.py`` holds what all grammars of a vocabulary
share.
"""
