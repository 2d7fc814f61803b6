"""From the keywords of a schema to terms and sets of values.

It knows what each keyword means, and relies on the form that ``keywords`` has checked. Start with
``keyword_semantics``; ``unevaluated`` is the one pair of keywords that depends on those beside it.
"""
