"""Every keyword, and the eager check: one linear pass over all schemas that can be reached.

Three lists say what is known: ``RULES`` (enforced; the function checks the form of the value),
``UNSUPPORTED`` (some draft gives it a meaning that cannot be enforced yet) and, by not being in
either, annotations: they say nothing about which documents are valid. After this pass everything
that reads the schema may rely on its form.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from constrain.errors import InvalidSchema, RegexError, SchemaError, UnsupportedKeyword
from constrain.languages.json_schema.document import Document
from constrain.languages.json_schema.patterns import is_plain
from constrain.languages.json_schema.spelling import exact, is_number
from constrain.languages.regex import parse

TYPE_NAMES = frozenset(["null", "boolean", "string", "number", "integer", "array", "object"])

# Formats that a draft defines (2020-12, section 7.3, and those that older drafts had).
FORMATS = frozenset([
    "date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6",
    "uri", "uri-reference", "iri", "iri-reference", "uuid", "uri-template", "json-pointer",
    "relative-json-pointer", "regex", "color", "phone", "ip-address", "host-name", "utc-millisec", "style",
])  # fmt: skip

# A schema whose numbers have exponents beyond this would need spellings as long.
MAX_EXPONENT = 400
SMALL = 10**18
MAX_COUNT = 2**31 - 1
MAX_VALUE_DEPTH = 100


class Check:
    """The state of one pass: schemas yet to be looked at, and those that were.

    Attributes:
        difficult: schemas and patterns that only compiling will show to be regular.
        unknown_formats: names of formats that no draft defines (keys), which are annotations.
    """

    __slots__ = (
        "difficult",
        "document",
        "embedded",
        "pending",
        "references",
        "schema",
        "seen",
        "unknown_formats",
    )

    def __init__(self, document: Document) -> None:
        self.document = document
        self.pending: list[Any] = [document.root]
        self.seen: set[int] = set()
        self.schema: dict[str, Any] = {}  # the one being looked at
        self.references: list[dict[str, Any]] = []
        self.embedded: list[dict[str, Any]] = []
        self.unknown_formats: dict[str, None] = {}
        self.difficult: list[tuple[dict[str, Any], str]] = []

    def run(self) -> None:
        """Look at every schema that is reachable through keywords and references.

        Raises:
            InvalidSchema: a keyword has a value of the wrong form, or a reference leads nowhere.
            UnsupportedKeyword: a keyword, or its value, cannot be enforced.
        """
        pending, seen, rules = self.pending, self.seen, RULES
        references_alone = self.document.draft <= 7  # $ref hides the keywords beside it
        while pending:
            schema = pending.pop()
            if schema is True or schema is False:
                continue
            if id(schema) in seen:
                continue
            seen.add(id(schema))
            self.schema = schema
            if references_alone and "$ref" in schema:
                _reference(self, "$ref", schema["$ref"])
                continue
            for keyword, value in schema.items():
                rule = rules.get(keyword)
                if rule is not None:
                    rule(self, keyword, value)
        if self.embedded and self.references:
            self._check_identities()

    def push(self, keyword: str, schema: Any) -> None:
        if isinstance(schema, (dict, bool)):
            self.pending.append(schema)
        else:
            raise self.invalid(keyword, f"a schema is an object or a boolean, not {_kind(schema)}")

    def invalid(self, keyword: str, reason: str) -> SchemaError:
        return self.document.error(InvalidSchema, self.schema, keyword, reason)

    def unsupported(self, keyword: str, reason: str, hint: str = "") -> SchemaError:
        return self.document.error(UnsupportedKeyword, self.schema, keyword, reason, hint)

    def _check_identities(self) -> None:
        """References inside a schema with an ``$id`` of its own resolve against that, which is not supported."""
        inside: set[int] = set()
        pending: list[Any] = list(self.embedded)
        while pending:
            place = pending.pop()
            inside.add(id(place))
            values = place.values() if isinstance(place, dict) else place
            pending.extend(value for value in values if isinstance(value, (dict, list)))
        for schema in self.references:
            if id(schema) in inside:
                self.schema = schema
                raise self.unsupported(
                    "$ref", f"it stands in a schema with an {self.document.id_keyword!r} of its own"
                )


# -- rules: each checks the form of one keyword's value, and passes subschemas on -------------


def _schema(check: Check, keyword: str, value: Any) -> None:
    check.push(keyword, value)


def _named_schemas(check: Check, keyword: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise check.invalid(keyword, f"must be an object of schemas, not {_kind(value)}")
    for name, schema in value.items():
        if not isinstance(name, str):
            raise check.invalid(keyword, f"the key {name!r} is not a string")
        if isinstance(schema, (dict, bool)):
            check.pending.append(schema)
        else:
            raise check.invalid(keyword, f"{name!r} has no schema but {_kind(schema)}")


def _schemas(check: Check, keyword: str, value: Any) -> None:
    if not isinstance(value, list) or not value:
        raise check.invalid(keyword, "must be a list of at least one schema")
    for schema in value:
        check.push(keyword, schema)


def _prefix_items(check: Check, keyword: str, value: Any) -> None:
    _since(check, keyword, 2020)
    _schemas(check, keyword, value)


def _items(check: Check, keyword: str, value: Any) -> None:
    if not isinstance(value, list):
        check.push(keyword, value)
        return
    if "prefixItems" in check.schema:
        raise check.invalid(keyword, "a list of schemas beside prefixItems")
    for schema in value:
        check.push(keyword, schema)


def _additional_items(check: Check, keyword: str, value: Any) -> None:
    if isinstance(check.schema.get("items"), list):  # without a list before it, no draft gives it a meaning
        check.push(keyword, value)


def _reference(check: Check, keyword: str, value: Any) -> None:
    if not isinstance(value, str):
        raise check.invalid(keyword, "a reference is a string")
    try:
        check.pending.append(check.document.resolve(value))
    except LookupError as problem:
        raise check.invalid(keyword, f"{value!r} leads nowhere: {problem.args[0]}") from None
    except NotImplementedError as problem:
        raise check.unsupported(keyword, f"{value!r} cannot be followed: {problem.args[0]}") from None
    check.references.append(check.schema)


def _identity(check: Check, keyword: str, value: Any) -> None:
    document = check.document
    if (
        keyword == document.id_keyword
        and check.schema is not document.root
        and document.has_identity(check.schema)
    ):
        check.embedded.append(check.schema)


def _dialect(check: Check, keyword: str, value: Any) -> None:
    """Below the root, a schema with an identity of its own may be written in another draft."""
    document = check.document
    own = check.schema is not document.root and document.has_identity(check.schema)
    if own and value != document.root.get("$schema"):
        raise check.unsupported(keyword, "a schema in another dialect than the document")


def _type(check: Check, keyword: str, value: Any) -> None:
    if isinstance(value, str):
        if value in TYPE_NAMES:
            return
        raise check.invalid(keyword, f"{value!r} is not a type")
    if not isinstance(value, list) or not value:
        raise check.invalid(keyword, "must be the name of a type or a list of at least one")
    for name in value:
        if not isinstance(name, str) or name not in TYPE_NAMES:
            raise check.invalid(keyword, f"{name!r} is not a type")


def _names(check: Check, keyword: str, value: Any) -> None:
    if not isinstance(value, list):
        raise check.invalid(keyword, f"must be a list of strings, not {_kind(value)}")
    for name in value:
        if not isinstance(name, str):
            raise check.invalid(keyword, f"must be a list of strings, and {name!r} is none")


def _enum(check: Check, keyword: str, value: Any) -> None:
    if not isinstance(value, list):
        raise check.invalid(keyword, f"must be a list of values, not {_kind(value)}")
    for item in value:
        if not isinstance(item, str):
            _value(check, keyword, item)


def _const(check: Check, keyword: str, value: Any) -> None:
    _since(check, keyword, 6)
    _value(check, keyword, value)


def _value(check: Check, keyword: str, value: Any) -> None:
    """Any JSON value."""
    pending = [(value, 0)]
    while pending:
        item, depth = pending.pop()
        if item is None or isinstance(item, (str, bool)):
            continue
        if isinstance(item, (int, float, Decimal)):
            _number(check, keyword, item)
        elif depth == MAX_VALUE_DEPTH:
            raise check.unsupported(keyword, f"the value is nested more than {MAX_VALUE_DEPTH} deep")
        elif isinstance(item, list):
            pending.extend((child, depth + 1) for child in item)
        elif isinstance(item, dict) and all(isinstance(key, str) for key in item):
            pending.extend((child, depth + 1) for child in item.values())
        else:
            raise check.invalid(keyword, f"{item!r} is not a JSON value")


def _number(check: Check, keyword: str, value: Any) -> None:
    if not is_number(value):
        raise check.invalid(keyword, f"must be a number, not {_kind(value)}")
    if isinstance(value, int) and -SMALL < value < SMALL:
        return
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise check.invalid(keyword, f"{value!r} is not a JSON number")
    if (number and abs(number.adjusted()) > MAX_EXPONENT) or len(number.as_tuple().digits) > MAX_EXPONENT:
        raise check.unsupported(keyword, f"the number has more than {MAX_EXPONENT} digits when written out")


def _bound(check: Check, keyword: str, value: Any) -> None:
    """``exclusiveMinimum`` and ``exclusiveMaximum``: in draft 4 a boolean that qualifies minimum or maximum."""
    if not isinstance(value, bool):
        _number(check, keyword, value)


def _count(check: Check, keyword: str, value: Any) -> None:
    _number(check, keyword, value)
    number = exact(value)
    if number < 0 or not isinstance(number, int):
        raise check.invalid(keyword, f"must be a whole number from 0 on, not {_kind(value)}")
    if number > MAX_COUNT and keyword.startswith("min"):
        raise check.unsupported(keyword, f"no text can be that long: {value}")


def _since(check: Check, keyword: str, draft: int) -> None:
    """A keyword of a later draft: ignoring it follows the letter, enforcing it the intent; so neither."""
    if check.document.draft < draft:
        reason = f"draft {check.document.draft} does not have this keyword"
        raise check.unsupported(keyword, reason, 'leave it out, or declare a later draft with "$schema"')


def _pattern(check: Check, keyword: str, value: Any) -> None:
    if not isinstance(value, str):
        raise check.invalid(keyword, f"a pattern is a string, not {_kind(value)}")
    try:
        if not is_plain(parse(value, "ecma")):
            check.difficult.append((check.schema, value))
    except RegexError as problem:
        raise check.unsupported(keyword, f"the pattern cannot be enforced: {problem}") from problem


def _format(check: Check, keyword: str, value: Any) -> None:
    if not isinstance(value, str):
        raise check.invalid(keyword, f"a format is a string, not {_kind(value)}")
    if value in FORMATS:
        raise check.unsupported(keyword, f"the format {value!r} cannot be enforced yet")
    check.unknown_formats[value] = None


def _unsupported(check: Check, keyword: str, value: Any) -> None:
    harmless = HARMLESS.get(keyword)
    if type(value) is not type(harmless) or value != harmless:
        raise check.unsupported(keyword, "this keyword cannot be enforced yet")


def _kind(value: Any) -> str:
    return f"{value!r:.60}" if isinstance(value, (bool, int, float, str)) else type(value).__name__


# -- the lists --------------------------------------------------------------------------------

Rule = Callable[[Check, str, Any], None]

RULES: dict[str, Rule] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "properties": _named_schemas,
    "required": _names,
    "additionalProperties": _schema,
    "items": _items,
    "prefixItems": _prefix_items,
    "additionalItems": _additional_items,
    "anyOf": _schemas,
    "allOf": _schemas,
    "$ref": _reference,
    "minLength": _count,
    "maxLength": _count,
    "pattern": _pattern,
    "minItems": _count,
    "maxItems": _count,
    "minimum": _number,
    "maximum": _number,
    "exclusiveMinimum": _bound,
    "exclusiveMaximum": _bound,
    "format": _format,
    "$id": _identity,
    "id": _identity,
    "$schema": _dialect,
}

# Values with which an unsupported keyword says nothing.
HARMLESS: dict[str, Any] = {
    "uniqueItems": False,
    "minProperties": 0,
    "patternProperties": {},
    "dependencies": {},
    "dependentRequired": {},
    "dependentSchemas": {},
}

# What decides which documents are valid: without any of these a schema admits everything.
ASSERTING = frozenset(RULES) - {"format", "$id", "id", "$schema", "additionalItems"}

UNSUPPORTED = (
    "oneOf", "not", "if", "then", "else", "multipleOf", "uniqueItems", "contains", "minContains", "maxContains",
    "minProperties", "maxProperties", "patternProperties", "propertyNames", "dependencies", "dependentRequired",
    "dependentSchemas", "unevaluatedItems", "unevaluatedProperties", "$recursiveRef", "$dynamicRef",
    "disallow", "divisibleBy", "extends",
)  # fmt: skip
RULES.update(dict.fromkeys(UNSUPPORTED, _unsupported))
