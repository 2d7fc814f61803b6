"""Checks that a token table prints what its tokenizer prints.

When should I use this? After reading a table, with the tokenizer at hand: a wrong table makes every mask
wrong without any other sign. Every token is decoded once, all in one call (80 ms for 128k tokens, 55 of
them inside the tokenizer), and sample texts make the round trip through ids. What counts is the tokenizer's
``decode``, because that is what users read: a normaliser such as NFKC stops a text from coming back and
proves nothing against the table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from constrain.errors import VocabularyError
from constrain.vocabulary.table import Decode, Tokens, start_of_sequence

__all__ = ["SAMPLES", "Encode", "check_table"]

Encode = Callable[[str], Sequence[int]]

SAMPLES = (
    "The quick brown fox jumps over 13 lazy dogs, doesn't it?",
    '{"name": "Ada", "tags": ["a", "b"], "score": -1.5e+10, "none": null}',
    '{\n  "items": [\n    {\n\t\t"id": 1\r\n    }\n  ]\n}\n',
    " leading space",
    "   three spaces before, two after  ",
    "Ünïcödé façade, naïve Ærøskøbing, Ελληνικά, русский, עברית, العربية",
    "日本語のテキスト、中文文本，한국어 텍스트",
    "emoji 😀 👩‍👩‍👧‍👦 🇪🇺, e\u0301 and é",
    "control \x01 \x1b[0m \x7f characters",
    'C:\\temp\\new \\u0041 \\"quoted\\" <b>&amp;</b> https://example.org/?q=1',
)
"""Texts for the round trip: prose, JSON, indentation, spaces, accents, scripts, emoji, control characters."""


def check_table(
    tokens: Tokens, leading_space: bool, encode: Encode, decode: Decode, most: int | None = None
) -> None:
    """Compare a token table with the tokenizer it was read from.

    Args:
        tokens: bytes of each token, or None where the id has no text.
        leading_space: whether ``decode`` drops one space at the start of a sequence.
        encode: text to ids, without special tokens.
        decode: ids to text, with no spaces cleaned up.
        most: how many tokens to decode, evenly spread; None for all.

    Raises:
        VocabularyError: the two differ; names the token id, the text expected and the text decoded.
    """
    ids = [token_id for token_id, data in enumerate(tokens) if data]
    if most is not None and len(ids) > most:
        ids = ids[:: -(-len(ids) // most)]
    _check_start(tokens, leading_space, decode)
    _check_tokens(tokens, ids, _anchor(tokens), decode)
    for text in SAMPLES:
        _check_text(tokens, text, encode, decode)


def _anchor(tokens: Tokens) -> int:
    """A token to put around others, so that they are neither at the start nor at the end of a sequence.

    Not a byte piece, because neighbouring bytes fuse: the first word of several letters, or else the last
    token without spaces (byte pieces come early).
    """
    for token_id, data in enumerate(tokens):
        if data and data.isalpha() and len(data) > 1:
            return token_id
    for token_id in reversed(range(len(tokens))):
        data = tokens[token_id]
        if data and _is_text(data) and data == data.strip():
            return token_id
    raise VocabularyError("no token of this tokenizer is text")


def _check_start(tokens: Tokens, leading_space: bool, decode: Decode) -> None:
    """A word with a space before it, at the start of a sequence."""
    ids = start_of_sequence(tokens)
    expected = b"".join([tokens[token_id] or b"" for token_id in ids])[leading_space:].decode()
    decoded = decode(ids) if ids else ""
    if decoded != expected:
        raise _mismatch(ids[0], expected, decoded, "at the start of a sequence")


def _check_tokens(tokens: Tokens, ids: list[int], anchor: int, decode: Decode) -> None:
    order = [anchor, *(token_id for token_id in ids if _is_text(tokens[token_id]))]
    for token_id in ids:
        if not _is_text(tokens[token_id]):
            # Bytes of one character spread over several tokens would join; apart, each prints as U+FFFD.
            order += (anchor, token_id)
    order.append(anchor)
    expected = b"".join([tokens[token_id] or b"" for token_id in order]).decode(errors="replace")
    decoded = decode(order)
    if decoded != expected:
        raise _first_mismatch(tokens, ids, anchor, decode) or VocabularyError(
            f"decoding {len(order)} tokens at once gives another text than decoding each of them: "
            f"{_difference(expected, decoded)}"
        )


def _first_mismatch(tokens: Tokens, ids: list[int], anchor: int, decode: Decode) -> VocabularyError | None:
    """The token whose text differs. It is searched only when it is known that there is one."""
    around = (tokens[anchor] or b"").decode()
    for token_id in ids:
        expected = around + (tokens[token_id] or b"").decode(errors="replace") + around
        decoded = decode([anchor, token_id, anchor])
        if decoded != expected:
            return _mismatch(token_id, expected, decoded, f"between two {around!r}")
    return None


def _check_text(tokens: Tokens, text: str, encode: Encode, decode: Decode) -> None:
    ids = list(encode(text))
    if max(ids, default=0) >= len(tokens):
        raise VocabularyError(
            f"encoding {text!r} gives token {max(ids)}, but the token table has {len(tokens)} ids"
        )
    parts = [tokens[token_id] for token_id in ids]
    if None in parts:
        return  # not spelled in text tokens (an unknown character), so it says nothing about them
    joined = b"".join(filter(None, parts)).decode(errors="replace")
    decoded = decode(ids)
    if joined.strip() != decoded.strip():  # spaces at the start are judged by _check_start
        raise VocabularyError(f"tokens {ids} of {text!r} spell another text: {_difference(joined, decoded)}")


def _is_text(data: bytes | None) -> bool:
    if data is None or data.isascii():
        return data is not None
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _mismatch(token_id: int, expected: str, decoded: str, place: str) -> VocabularyError:
    return VocabularyError(
        f"token {token_id} {place}: the table reads {expected!r}, but the tokenizer decodes {decoded!r}; "
        "the table cannot be used for masks (if the tokenizer is right, pass its token bytes to Vocabulary)"
    )


def _difference(expected: str, decoded: str) -> str:
    shorter = min(len(expected), len(decoded))
    same = next((i for i in range(shorter) if expected[i] != decoded[i]), shorter)
    window = slice(max(0, same - 10), same + 20)
    return f"expected {expected[window]!r}, got {decoded[window]!r} (at character {same})"
