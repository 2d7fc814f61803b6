"""URI references (RFC 3986), as far as names of schemas need them: relative ones are resolved, nothing is fetched.

``urllib.parse.urljoin`` knows a fixed list of schemes below which references may be relative; schemas are
named under any scheme.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# RFC 3986, appendix B, without the fragment.
_PARTS = re.compile(r"(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?")


class Parts(NamedTuple):
    """The components of a URI reference; None: the component is absent."""

    scheme: str | None
    authority: str | None
    path: str
    query: str | None

    def __str__(self) -> str:
        """RFC 3986, section 5.3."""
        scheme = "" if self.scheme is None else f"{self.scheme}:"
        authority = "" if self.authority is None else f"//{self.authority}"
        query = "" if self.query is None else f"?{self.query}"
        return f"{scheme}{authority}{self.path}{query}"


def join(base: str, reference: str) -> str:
    """``reference`` resolved against ``base`` (RFC 3986, section 5.2.2); neither has a fragment.

    Without a base, ``reference`` stays relative.
    """
    given, own = _split(base), _split(reference)
    if own.scheme is not None:
        return str(own._replace(path=_without_dots(own.path)))
    if own.authority is not None:
        return str(own._replace(scheme=given.scheme, path=_without_dots(own.path)))
    if not own.path:
        return str(given if own.query is None else given._replace(query=own.query))
    path = own.path if own.path.startswith("/") else _merged(given, own.path)
    return str(given._replace(path=_without_dots(path), query=own.query))


def _split(uri: str) -> Parts:
    match = _PARTS.match(uri)
    assert match is not None  # every part may be absent
    return Parts(match[1], match[2], match[3], match[4])


def _merged(base: Parts, path: str) -> str:
    """RFC 3986, section 5.2.3."""
    if base.authority is not None and not base.path:
        return f"/{path}"
    return base.path[: base.path.rfind("/") + 1] + path


def _without_dots(path: str) -> str:
    """RFC 3986, section 5.2.4, for whole segments; a relative path stays relative."""
    if "." not in path:
        return path
    segments = path.split("/")
    result: list[str] = []
    for segment in segments:
        if segment == "..":
            if result and result != [""]:
                result.pop()
        elif segment != ".":
            result.append(segment)
    if segments[-1] in (".", ".."):
        result.append("")
    return "/".join(result)
