"""Inputs that a fuzzer makes of bytes, and what must hold for each of them.

A harness is a module of this folder with two functions: ``check`` tries one input, and raises what it finds wrong;
``seeds`` gives the inputs that a corpus begins with, taken from the data of the tests. ``DICTIONARY``, if there is one,
lists the pieces that its texts are made of. It needs no fuzzer:

    python -m tests.fuzz.schema FILE...           # try these inputs again
    python -m tests.fuzz.schema --shrink FILE     # and make one smaller

``bash .ci/fuzz`` runs all of them by libFuzzer against a build that tells it each edge; ``tests/test_fuzz.py`` runs
each on its seeds and some random inputs.
"""

# By name, what each is about.
HARNESSES = {
    "schema": "schemas against jsonschema",
    "calls": "calls of tools against jsonschema",
    "pattern": "regular expressions against re, and against the slow twin of the engine",
    "grammar": "grammars of Lark and GBNF against the definition of derivation, and against lark",
    "vocabulary": "masks over random vocabularies against the slow twin, and against all sequences of tokens",
    "tokens": "streams of tokens within budgets against all places that tokens lead to",
    "stream": "documents as they are written against json",
    "cached": "packed vocabularies that somebody else may have written",
    "tokenizer": "files of tokenizers that are damaged or lie",
}
