"""Does a constraint cost right answers, or save them? ``python -m benchmarks.quality --help``.

A small instruction-tuned model answers generated questions whose answers are known: freely, under each option of
constrain, and under other engines. Reading order: ``task``, the questions in ``records`` and ``answers``; ``ways`` to
write an answer; ``decoding``, the loop that all ways use; ``reading``, the interpretation of a text;
``report``.
"""
