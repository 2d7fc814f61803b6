"""JSON text and the names in it: how values are spelled, JSON pointers, URIs, options for what is written.

It knows nothing of schemas. Start with ``json_text``, which says how each value is spelled, and which values are equal
(``identity``); ``pattern_shape`` reads off the syntax of a pattern what need not be compiled.
"""
