"""Numbers as expressions: intervals compared digit by digit, multiples decided by arithmetic.

It knows digits, but no other values. Start with ``number_writer``, then ``intervals``; for multiples,
``divisible`` with ``digit_table``, ``tails``, ``unbounded`` and ``bounded``, each built upon the one before.
"""
