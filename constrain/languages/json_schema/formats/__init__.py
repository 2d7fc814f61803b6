"""The values of ``format`` that the drafts define, as expressions of string contents.

Reading order: ``notation`` (how grammar rules are written), then a format in ``FORMATS`` and the module it names.
Each is exactly the language of its RFC, with these exceptions, which are narrower, never wider:

* ``hostname``: of the labels in Punycode, those with a single letter beyond ASCII (``a_labels``);
* ``idn-hostname``, ``idn-email``: labels of a bounded weight, four of them at most (``idn``, ``idn_labels``);
* ``regex``: a part of the syntax, nested up to a depth (``patterns``);
* ``uri-template``: without the operators that are reserved for extensions;
* ``relative-json-pointer``: without the index manipulation of its last draft (``identifiers``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from constrain.languages.json_schema.formats import (
    addresses,
    dates,
    hosts,
    identifiers,
    idn,
    mail,
    patterns,
    uris,
)
from constrain.languages.json_schema.formats.notation import Notation
from constrain.languages.json_schema.text.json_text import UNICODE, JsonText

if TYPE_CHECKING:
    from constrain.engine import Engine

__all__ = ["FORMATS", "KNOWN", "LENGTHS", "format_contents"]

FORMATS: dict[str, Callable[[Notation], Any]] = {
    "date-time": dates.date_time,
    "date": dates.date,
    "time": dates.time,
    "duration": dates.duration,
    "email": mail.email,
    "idn-email": idn.idn_email,
    "hostname": hosts.hostname,
    "idn-hostname": idn.idn_hostname,
    "ipv4": addresses.ipv4,
    "ipv6": addresses.ipv6,
    "uri": uris.uri,
    "uri-reference": uris.uri_reference,
    "iri": uris.iri,
    "iri-reference": uris.iri_reference,
    "uri-template": identifiers.uri_template,
    "uuid": identifiers.uuid,
    "json-pointer": identifiers.json_pointer,
    "relative-json-pointer": identifiers.relative_json_pointer,
    "regex": patterns.regex,
}

# The first draft that defines each name; later ones keep it. A name that the draft of a schema does not define yet
# is meant as the later draft defines it: schemas of draft 4 say "date" and "uuid".
KNOWN: dict[str, int] = {
    **dict.fromkeys(["date-time", "email", "hostname", "ipv4", "ipv6", "uri"], 4),
    **dict.fromkeys(["uri-reference", "uri-template", "json-pointer"], 6),
    **dict.fromkeys(["date", "time", "idn-email", "idn-hostname", "iri", "iri-reference"], 7),
    **dict.fromkeys(["relative-json-pointer", "regex"], 7),
    **dict.fromkeys(["duration", "uuid"], 2019),
}

# Bounds on the number of characters (None: no bound), so that minLength and maxLength need no intersection where
# the format implies them. Both are reached.
LENGTHS: dict[str, tuple[int, int | None]] = {
    "date-time": (20, None),
    "date": (10, 10),
    "time": (9, None),
    "duration": (3, None),
    "email": (3, None),
    "idn-email": (3, None),
    "hostname": (1, hosts.NAME),
    "idn-hostname": (1, hosts.NAME),
    "ipv4": (7, 15),
    "ipv6": (2, 45),
    "uri": (2, None),
    "uri-reference": (0, None),
    "iri": (2, None),
    "iri-reference": (0, None),
    "uri-template": (0, None),
    "uuid": (36, 36),
    "json-pointer": (0, None),
    "relative-json-pointer": (1, None),
    "regex": (0, None),
}


def format_contents(arena: Engine, name: str, alphabet: JsonText = UNICODE) -> Any:
    """The contents (between the quotes) of the JSON strings that the format ``name`` allows.

    A regular expression over the characters of ``alphabet``, not marked as a leaf. Raises
    KeyError for a name that is not in ``FORMATS``.
    """
    return FORMATS[name](Notation(arena, alphabet))
