"""Sets of JSON values, by type, closed under conjunction and complement.

It knows arithmetic, regular languages and the terms of members, but not who works out what a term means (it asks an
``Algebra``), nor how values are written. Start with ``normal_form``, then one type: ``strings``, ``numbers``,
``arrays`` or ``objects``; ``normal_algebra`` combines them all.
"""
