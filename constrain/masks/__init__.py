"""Masks: token trie x states -> bitmask. Knows tokens and expressions, and nothing of JSON."""
