"""Explanations: why no value validates, and which subschemas apply at the place where a text breaks off.

Nothing here takes part in compiling a schema that has values. Start with ``unsatisfiable`` and ``conjuncts``, or with
``active_subschemas`` and ``partial_json``.
"""
