"""URI references: the examples of RFC 3986, section 5.4, and ``urllib`` as the oracle."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constrain.languages.json_schema.text.uri import join

BASE = "http://a/b/c/d;p?q"
EXAMPLES = """g:h g:h|g http://a/b/c/g|./g http://a/b/c/g|g/ http://a/b/c/g/|/g http://a/g|//g http://g|?y http://a/b/c/d;p?y
g?y http://a/b/c/g?y|;x http://a/b/c/;x|g;x http://a/b/c/g;x|g;x?y http://a/b/c/g;x?y|. http://a/b/c/|./ http://a/b/c/
.. http://a/b/|../ http://a/b/|../g http://a/b/g|../.. http://a/|../../ http://a/|../../g http://a/g|../../../g http://a/g
../../../../g http://a/g|/./g http://a/g|/../g http://a/g|g. http://a/b/c/g.|.g http://a/b/c/.g|g.. http://a/b/c/g..
..g http://a/b/c/..g|./../g http://a/b/g|./g/. http://a/b/c/g/|g/./h http://a/b/c/g/h|g/../h http://a/b/c/h
g;x=1/./y http://a/b/c/g;x=1/y|g;x=1/../y http://a/b/c/y|g?y/./x http://a/b/c/g?y/./x|g?y/../x http://a/b/c/g?y/../x"""


@pytest.mark.parametrize("example", EXAMPLES.replace("\n", "|").split("|"))
def test_examples_of_the_rfc(example: str) -> None:
    reference, _, expected = example.partition(" ")
    assert join(BASE, reference) == expected


@pytest.mark.parametrize(
    ("base", "reference", "expected"),
    [
        (BASE, "", BASE),
        ("", "a/b", "a/b"),
        ("", "http://a/../b", "http://a/b"),
        ("a/b", "c", "a/c"),
        ("http://a", "b", "http://a/b"),
        ("custom:/a/b", "c", "custom:/a/c"),
        ("urn:a:b", "urn:c:d", "urn:c:d"),
        ("file:///c:/a/b", "c", "file:///c:/a/c"),
    ],
)
def test_other_schemes(base: str, reference: str, expected: str) -> None:
    assert join(base, reference) == expected


PATHS = st.lists(st.sampled_from(["a", "b", ".", "..", "c.d"]), min_size=1, max_size=4).map("/".join)


@given(PATHS, st.sampled_from(["", "/"]), PATHS, st.sampled_from(["", "?q"]))
def test_like_urllib(base: str, slash: str, reference: str, query: str) -> None:
    base = join("", f"http://host/{base}")
    assert join(base, slash + reference + query) == urljoin(base, slash + reference + query)
