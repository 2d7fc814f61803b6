"""What remains to be satisfied while an array or object is read whose members cannot each be decided alone.

It knows nothing of bytes and expressions, but for the languages of property names. Start with ``object_state`` and
``object_transitions``; ``object_search`` says from which states an object can be completed, and ``object_states`` are
those. Arrays have the same three tiers. ``value_partition`` divides the values of a member by what is asked of them.
"""
