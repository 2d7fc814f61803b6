"""What all schemas have in common when they are written, and what the writers of single types may ask for.

It knows expressions, but no particular term: ``json_base`` names the expressions that every schema uses, ``output``
is what the writer offers to those who write one type. Start with ``json_base``.
"""
