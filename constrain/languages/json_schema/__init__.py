"""JSON Schema, drafts 4 to 2020-12, as expressions over bytes.

Reading order, which is the order in which data flows:

* ``document``: the schema and what can be referred to, with ``dialects``, ``resources``, ``library``;
* ``keywords``: every keyword, and the eager check; ``circles``: schemas that may mean nothing;
* ``term`` and ``terms``: what a value must satisfy, as formulas over schemas;
* ``reading`` and ``unevaluated``: from keywords to terms and parts;
* ``normal``: unions of parts, closed under conjunction and complement, with ``overlap`` and ``clause``;
* the parts of each type: ``strings`` with ``patterns`` and ``formats``, ``numbers`` with ``multiples``,
  ``arrays``, ``objects`` with ``keys``, and ``finite`` values;
* ``formula``, ``cells``, ``object_states`` with ``object_formula``, ``asked``, ``other_names``, ``object_search``,
  ``substitution`` and ``rivals``, ``array_states`` with ``array_dive`` and ``variety``: what remains to be
  satisfied while an object or array is read, where its members cannot each be decided by themselves;
* ``writer`` with ``members``, ``object_writer``, ``used_names``, ``array_writer``, ``read_numbers``, ``intervals``,
  ``numerals`` with ``magnitudes`` and ``levels``: terms to expressions; ``spelling`` says how values are spelled,
  ``shared`` what all schemas have in common;
* ``explanation`` with ``conjuncts``: why no value validates; ``in_force`` with ``begun``: which subschemas speak of the
  place where a text breaks off.

The texts are one well-defined subset J of JSON; within J a text is accepted exactly if its value
validates: no duplicate keys, keys in schema order or in any, each string in one spelling
(``spelling``), whitespace and digits bounded (``Options``), exponents only where no numeric keyword
applies.
"""

from __future__ import annotations

from constrain.languages.json_schema.compile import build, check
from constrain.languages.json_schema.in_force import InForce
from constrain.languages.json_schema.json_base import Shared
from constrain.languages.json_schema.keywords import Check
from constrain.languages.json_schema.options import Options
from constrain.languages.json_schema.shared import build_shared

__all__ = ["Check", "InForce", "Options", "Shared", "build", "build_shared", "check"]
