"""Terms: what a value must satisfy, as formulas over schemas that have not been read yet.

It knows the laws of formulas, and of values only what the protocols ``Algebra`` and ``Part`` say. Start with
``term``, ``term_table`` and ``algebra``; ``counting_formula`` is what arrays and objects are read by; ``fixpoint`` and
``work_budget`` answer questions about schemas that refer to themselves, and bound the work.
"""
