"""The values of ``format`` that the drafts define, as expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from constrain.languages.json_schema.formats import addresses, dates, hosts, identifiers, idn, mail, patterns, uris
from constrain.languages.json_schema.formats.notation import Notation

if TYPE_CHECKING:
    from constrain.engine import Engine

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
    "regex": patterns.regex,
    "uuid": identifiers.uuid,
    "json-pointer": identifiers.json_pointer,
    "relative-json-pointer": identifiers.relative_json_pointer,
}


def format_contents(arena: Engine, name: str) -> Any:
    """The contents (between the quotes) of the JSON strings that the format ``name`` allows."""
    return FORMATS[name](Notation(arena))
