"""From terms to expressions, each written when it is first reached.

It knows how values stand in a text; what they are, others have worked out. Start with ``writer``, whose table says who
writes which type, then ``ordered_properties`` for simple objects, and ``object_writer`` for all others.
"""
