"""The eager check: after it, everything that reads the schema may rely on its form.

A keyword without a rule is an annotation, which says nothing about which documents are valid.
"""

from __future__ import annotations

from constrain.languages.json_schema.document.document import Document
from constrain.languages.json_schema.keywords.groups import SILENT
from constrain.languages.json_schema.keywords.rules import RULES, unknown
from constrain.languages.json_schema.keywords.schema_pass import Rule, SchemaPass
from constrain.languages.json_schema.text.options import Options

NO_RULES: dict[str, Rule | None] = dict.fromkeys(SILENT)
KNOWN = {**NO_RULES, **RULES}


class Check(SchemaPass):
    """The check of one document, by ``RULES`` or other rules."""

    __slots__ = ()

    def __init__(self, document: Document, options: Options, rules: dict[str, Rule] | None = None) -> None:
        super().__init__(document, options, KNOWN if rules is None else {**NO_RULES, **rules}, unknown)
