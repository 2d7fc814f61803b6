"""``Vocabulary`` built from token bytes: what it stores, refuses, and keeps when copied."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import pytest

from constrain.errors import VocabularyError
from constrain.vocabulary import Vocabulary

TOKENS = [b"a", b"bc", None, b"a", b"\xc3", b"", b"</s>"]


def small(**options: object) -> Vocabulary:
    return Vocabulary(TOKENS, [6], **options)  # type: ignore[arg-type]


def test_attributes() -> None:
    vocabulary = small()
    assert vocabulary.size == len(vocabulary) == 7
    assert vocabulary.tokens == (b"a", b"bc", None, b"a", b"\xc3", None, None)
    assert vocabulary.eos_token_ids == (6,)
    assert vocabulary.leading_space is False
    assert repr(vocabulary) == "Vocabulary(size=7, text tokens=4, eos_token_ids=(6,))"


def test_empty_and_end_tokens_are_no_text() -> None:
    assert small().tokens[5] is None
    assert small().tokens[6] is None


def test_several_ends_are_sorted_and_distinct() -> None:
    vocabulary = Vocabulary(TOKENS, iter([6, 2, 6]))
    assert vocabulary.eos_token_ids == (2, 6)
    assert Vocabulary(TOKENS, 6).eos_token_ids == (6,)


def test_size_may_exceed_the_tokens() -> None:
    vocabulary = small(size=10)
    assert vocabulary.size == 10
    assert vocabulary.tokens[7:] == (None, None, None)
    assert Vocabulary([b"a"], [3], size=4).eos_token_ids == (3,)


@pytest.mark.parametrize(
    ("tokens", "ends", "size", "message"),
    [
        (TOKENS, [], None, "pass eos_token_ids"),
        (TOKENS, [7], None, "id 7 is not in this vocabulary of 7 ids"),
        (TOKENS, [-1], None, "id -1 is not"),
        (TOKENS, [6], 3, "size is 3, but there are 7"),
        ([b"a", "b"], [0], None, "token 1 is 'b', but tokens are bytes"),
    ],
)
def test_refused(tokens: list[bytes | None], ends: list[int], size: int | None, message: str) -> None:
    with pytest.raises(VocabularyError, match=message):
        Vocabulary(tokens, ends, size=size)


def test_ids_that_are_no_integers() -> None:
    with pytest.raises(TypeError):
        Vocabulary(TOKENS, ["</s>"])  # type: ignore[list-item]


def test_decode() -> None:
    assert small().decode([0, 1, 2, 4, 5, 6, 3]) == b"abc\xc3a"
    assert small().decode([]) == b""


@pytest.mark.parametrize("token_id", [-1, 7])
def test_decode_of_a_foreign_id(token_id: int) -> None:
    with pytest.raises(VocabularyError, match="is not in this vocabulary of 7 ids"):
        small().decode([0, token_id])


def test_immutable() -> None:
    vocabulary = small()
    with pytest.raises(AttributeError):
        vocabulary.size = 3
    with pytest.raises(AttributeError):
        vocabulary.anything = 3  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        del vocabulary.tokens


def test_fingerprint_depends_on_the_content_alone() -> None:
    assert small().fingerprint == small().fingerprint
    assert small() == small()
    assert hash(small()) == hash(small())
    assert small() != "something else"
    others = [
        Vocabulary([*TOKENS[:-1], None], [5]),
        Vocabulary([b"ab", b"c", *TOKENS[2:]], [6]),  # the same bytes, cut elsewhere
        Vocabulary([b"b", *TOKENS[1:]], [6]),
        Vocabulary([*TOKENS[:-1], None], [5, 6]),
        small(leading_space=True),
        small(size=8),
    ]
    assert len({small(), *others}) == 7


def test_copies() -> None:
    vocabulary = small(leading_space=True, size=9)
    assert copy.copy(vocabulary) is vocabulary
    assert copy.deepcopy(vocabulary) is vocabulary
    restored = pickle.loads(pickle.dumps(vocabulary))
    assert restored == vocabulary
    assert (restored.size, restored.tokens, restored.leading_space) == (9, vocabulary.tokens, True)


def test_importing_loads_no_tokenizer_package() -> None:
    heavy = ("torch", "transformers", "tokenizers", "sentencepiece", "tiktoken")
    code = f"import sys, constrain.vocabulary; print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_how_its_tokenizer_encodes_is_no_part_of_the_content() -> None:
    def encode(text: str) -> list[int]:
        return [0] * len(text)

    vocabulary = small(encode=encode)
    assert vocabulary.encode is encode and small().encode is None
    assert vocabulary == small() and hash(vocabulary) == hash(small())
    assert pickle.loads(pickle.dumps(vocabulary)).encode is None
