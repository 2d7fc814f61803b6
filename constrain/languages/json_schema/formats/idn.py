"""Internationalized host names and mail addresses: RFC 5890 to 5893, and RFC 6531.

A name is a sequence of labels (``idn_labels``). Names with right-to-left labels satisfy the Bidi rule.
"""

from __future__ import annotations

from typing import Any

from constrain.languages.json_schema.formats.hosts import hostname
from constrain.languages.json_schema.formats.idn_labels import ascii_label, left_to_right, right_to_left
from constrain.languages.json_schema.formats.mail import address_literal, domain, local_part
from constrain.languages.json_schema.formats.notation import ALPHA, ALPHANUMERIC, NOT_ASCII, Notation

SEPARATORS = ".\u3002\uff0e\uff61"  # RFC 3490, section 3.1
# Each label has at most 62 octets in ASCII, so that four make 251 of the 253 that are allowed.
MOST_LABELS = 4


def idn_hostname(n: Notation) -> Any:
    """A host name, or an internationalized one of up to four labels."""
    return n.either(hostname(n), international(n, SEPARATORS))


def idn_email(n: Notation) -> Any:
    """``Mailbox`` of RFC 6531, section 3.3; its domain is a host name as above, with full stops only."""
    host = n.either(domain(n), international(n, "."), address_literal(n))
    return n.sequence(local_part(n, NOT_ASCII), "@", host)


def international(n: Notation, separators: str) -> Any:
    """Up to four labels: of left-to-right characters; or of right-to-left characters and of ASCII.

    The Bidi rule (RFC 5893, section 2) lets labels of ASCII stand beside right-to-left labels if they
    begin with a letter. Other left-to-right labels beside them are left out here.
    """
    separator = n.one_of(separators)
    kinds = [
        n.either(left_to_right(n), ascii_label(n, ALPHANUMERIC)),
        n.either(right_to_left(n), ascii_label(n, ALPHA)),
    ]
    return n.either(*[n.separated(label, separator, 1, MOST_LABELS) for label in kinds])
