"""JSON Schema, drafts 4 to 2020-12, as expressions over bytes.

Sub-packages in the order in which data flows; none imports one below it in this list (``tests/test_layers.py``):

* ``text``: JSON text, pointers, URIs, options; ``document``: the schema and what can be referred to; ``formats``: the
  languages of ``format``; ``terms``: what a value must satisfy, as formulas over schemas;
* ``keywords``: every keyword, and the eager check;
* ``values``: sets of values, by type, closed under conjunction and complement;
* ``states``: what remains to be satisfied while an object or array is read, where its members cannot each be decided
  by themselves;
* ``reading``: from keywords to terms and sets of values;
* ``solver``: the terms of one document, what they mean, and which of them have a value;
* ``output``, ``numerals``, ``writing``: terms to expressions;
* ``diagnostics``: why no value validates; which subschemas apply at the place where a text breaks off;
* ``compile``: all of these in their order; ``report``: what there is to say about a schema before it is used.

The texts are one well-defined subset J of JSON; within J a text is accepted exactly if its value
validates: no duplicate keys, keys in schema order or in any, each string in one spelling
(``text.json_text``), whitespace and digits bounded (``Options``), exponents only where no numeric keyword
applies.
"""

from __future__ import annotations

from constrain.languages.json_schema.compile import build, check
from constrain.languages.json_schema.diagnostics.active_subschemas import ActiveSubschemas
from constrain.languages.json_schema.keywords.schema_check import Check
from constrain.languages.json_schema.output.json_base import Shared
from constrain.languages.json_schema.output.json_base_builder import build_shared
from constrain.languages.json_schema.text.options import Options

__all__ = ["ActiveSubschemas", "Check", "Options", "Shared", "build", "build_shared", "check"]
