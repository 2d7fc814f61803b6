"""From terms to expressions, each written when it is first reached.

It knows how values are written; which values there are, ``values`` and ``states`` work out. Start with ``writer``,
whose table says which function writes which type, then ``ordered_properties`` for simple objects and
``object_writer`` for all others.
"""
