"""Vocabularies in GGUF files: what each kind of tokenizer prints, and which tokens end a generation."""

from __future__ import annotations

from pathlib import Path

import pytest

import constrain as cn
from constrain.demo import model_directory
from constrain.vocabulary.readers.gguf import MARKED_PRETOKENIZERS, MODELS
from tests.data_folder import data_path
from tests.gguf_files import BYTE, CONTROL, NORMAL, UNKNOWN, UNUSED, USER_DEFINED, converted, write

pytest.importorskip("gguf")


@pytest.mark.parametrize("name", ["demo", "llama3", "llama4", "mistral"])
def test_the_same_as_the_tokenizer_json(name: str, tmp_path: Path) -> None:
    folder = Path(model_directory()) if name == "demo" else data_path("tokenizers", name)
    expected = cn.Vocabulary.from_tokenizer_json(folder)
    found = cn.Vocabulary.from_gguf(converted(folder, tmp_path / "model.gguf"))
    assert found.size == expected.size
    assert set(expected.eos_token_ids) <= set(found.eos_token_ids)
    ends = set(found.eos_token_ids)
    assert all(
        a == b for i, (a, b) in enumerate(zip(found.tokens, expected.tokens, strict=True)) if i not in ends
    )


# -- what tokens print ------------------------------------------------------------------------

PIECES = ["<unk>", "<s>", "</end>", "<0x0A>", "▁a▁b", "é", "▁▁", "<|im_end|>", "[PAD8]", "<0x41>", "Ġa"]
TYPES = [UNKNOWN, CONTROL, CONTROL, BYTE, *[NORMAL] * 2, USER_DEFINED, CONTROL, UNUSED, *[NORMAL] * 2]
MARKED = (None, None, None, b"\n", b" a b", "é".encode(), "▁▁".encode(), None, None, b"<0x41>", "Ġa".encode())
BYTE_LEVEL = (None, None, None, b"\n", None, b"\xe9", "▁▁".encode(), None, None, b"<0x41>", b" a")
PLAIN = (*MARKED[:4], "▁a▁b".encode(), *MARKED[5:])


@pytest.mark.parametrize(
    ("model", "pretokenizer", "texts"),
    [
        ("llama", "default", MARKED),
        ("t5", "default", MARKED),
        ("gemma4", "default", MARKED),
        *[("gpt2", name, MARKED) for name in sorted(MARKED_PRETOKENIZERS)],
        ("gpt2", "default", BYTE_LEVEL),
        ("gpt2", "one that is new", BYTE_LEVEL),
        ("whitespace", "whitespace", BYTE_LEVEL),
        ("hybriddna", "qwen2", BYTE_LEVEL),
        ("plamo2", "default", PLAIN),
    ],
)
def test_what_each_kind_prints(
    model: str, pretokenizer: str, texts: tuple[bytes | None, ...], tmp_path: Path
) -> None:
    path = write(tmp_path / "m.gguf", model, PIECES, TYPES, pre=pretokenizer, eos_token_id=2)
    vocabulary = cn.Vocabulary.from_gguf(path)
    assert vocabulary.tokens == texts
    assert vocabulary.eos_token_ids == (2, 7)


def test_escapes_of_rwkv(tmp_path: Path) -> None:
    pieces = ["<s>", r"\x00", r"\xff\x41", r"\t\n\r", r"\\ \'", "a b", "[PAD6]", "é\\xe9"]
    types = [CONTROL, *[NORMAL] * 5, UNUSED, NORMAL]
    vocabulary = cn.Vocabulary.from_gguf(write(tmp_path / "m.gguf", "rwkv", pieces, types, eos_token_id=0))
    texts = (None, b"\0", b"\xffA", b"\t\n\r", b"\\ '", b"a b", None, "é".encode() + b"\xe9")
    assert vocabulary.tokens == texts


def test_runs_of_nucleotides_beside_equal_pieces(tmp_path: Path) -> None:
    pieces = ["CCCCCC", "x\ue000", "<oov>", "CCCCCC\ue000", "\ue000", "</dna>"]
    types = [NORMAL, NORMAL, CONTROL, NORMAL, NORMAL, CONTROL]
    path = write(tmp_path / "m.gguf", "hybriddna", pieces, types, eos_token_id=5)
    assert cn.Vocabulary.from_gguf(path).tokens == (b"CCCCCC", None, None, b"CCCCCC", None, None)


def test_a_space_at_the_start_is_text(tmp_path: Path) -> None:
    """llama.cpp prints tokens one by one, and drops a space nowhere."""
    pieces, types = ["<end>", "▁a", "a", "▁"], [CONTROL, NORMAL, NORMAL, NORMAL]
    path = write(tmp_path / "m.gguf", "llama", pieces, types, eos_token_id=0, add_space_prefix=True)
    vocabulary = cn.Vocabulary.from_gguf(path)
    assert not vocabulary.leading_space
    for text, allowed in [("a", [2]), (" a", [1, 3])]:
        assert cn.compile(cn.choice([text]), vocabulary).matcher().allowed_tokens() == allowed


def test_options(tmp_path: Path) -> None:
    path = write(tmp_path / "m.gguf", "t5", PIECES, TYPES, eos_token_id=2)
    vocabulary = cn.Vocabulary.from_gguf(path, [0], encode=lambda text: [5])
    assert vocabulary.eos_token_ids == (0, 2, 7)
    assert vocabulary.encode is not None and vocabulary.encode("é") == [5]
    assert cn.Vocabulary.from_gguf(path).encode is None


# -- which tokens end a generation ------------------------------------------------------------


@pytest.mark.parametrize(
    ("pieces", "named", "ends"),
    [
        (["a", "b", "c"], {"eos": 2}, (2,)),
        (["a", "b", "c", "d"], {"eos": 1, "eot": 2, "eom": 3}, (1, 2, 3)),
        (["a", "<|eot_id|>", "<|im_end|>", "</s>", "<turn|>"], {"eos": 0}, (0, 1, 2, 3, 4)),
        (["a", "<|end|>", "<|return|>"], {"eos": 2}, (1, 2)),
        # the harmony format: <|end|> is between messages
        (["a", "<|end|>", "<|return|>", "<|call|>"], {"eos": 2}, (2, 3)),
        (["a", "<|end|>", "<|flush|>", "<|calls|>"], {"eos": 1}, (2, 3)),
        # struck-out text in HTML
        (["</s>", "<eos>", "<|tool_response>"], {"eos": 1}, (1, 2)),
        (["</s>", "<|plamo:eos|>"], {"eos": 1}, (1,)),
        # gaps to be filled
        (["a", "<fim_prefix>", "<fim_pad>", "<reponame>", "<|file_sep|>"], {"eos": 0}, (0, 2, 3, 4)),
        (["a", "<fim_pad>", "b"], {"eos": 0, "fim_pad": 2}, (0, 2)),
        (["a", "<fim_pad>", "[PAD]"], {"eos": 0}, (0,)),  # one of these, nobody knows which
        # out of range
        (["a", "b"], {"eos": 0, "eot": 7}, (0,)),
        (["a", "b", "c"], {"eos": 9}, (2,)),
    ],
)
def test_ends(pieces: list[str], named: dict[str, int], ends: tuple[int, ...], tmp_path: Path) -> None:
    named = {f"{key}_token_id": token_id for key, token_id in named.items()}
    path = write(tmp_path / "m.gguf", "llama", pieces, [NORMAL] * len(pieces), **named)
    assert cn.Vocabulary.from_gguf(path).eos_token_ids == ends


def test_tokens_that_are_text_against_their_type(tmp_path: Path) -> None:
    pieces = [
        "a",
        "<|end|>",
        "<|return|>",
        "<|call|>",
        "<|channel|>",
        "<PRE>",
        "<SUF>",
        "</s>",
        "<|tool_response>",
    ]
    path = write(tmp_path / "m.gguf", "llama", pieces, [CONTROL] * 9, eos_token_id=0, fim_suf_token_id=0)
    vocabulary = cn.Vocabulary.from_gguf(path)
    texts = [None, b"<|end|>", None, None, b"<|channel|>", None, None, b"</s>", None]
    assert vocabulary.tokens == tuple(texts)
    path = write(tmp_path / "m.gguf", "llama", pieces, [NORMAL] * 9, eos_token_id=0, fim_suf_token_id=0)
    texts[6] = b"<SUF>"  # the file names another token for this
    assert cn.Vocabulary.from_gguf(path).tokens == tuple(texts)


@pytest.mark.parametrize(
    ("model", "end"), [("llama", 2), ("t5", 1), ("gpt2", 11), ("plamo2", 2), ("gemma4", None), ("rwkv", None)]
)
def test_ends_where_the_file_names_none(model: str, end: int | None, tmp_path: Path) -> None:
    assert MODELS[model].default_end == end
    pieces = [chr(ord("a") + i) for i in range(12)]
    path = write(tmp_path / "m.gguf", model, pieces, [NORMAL] * 12)
    if end is not None:
        assert cn.Vocabulary.from_gguf(path).eos_token_ids == (end,)
        return
    with pytest.raises(cn.VocabularyError, match="no end-of-sequence token is known"):
        cn.Vocabulary.from_gguf(path)


# -- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("bert", "WordPiece sets spaces"),
        ("test", "print as their numbers"),
        ("no_vocab", "no tokenizer"),
        ("new", "not known"),
    ],
)
def test_refused(model: str, reason: str, tmp_path: Path) -> None:
    path = write(tmp_path / "m.gguf", model, PIECES, TYPES, eos_token_id=2)
    with pytest.raises(cn.VocabularyError, match=f"'{model}' cannot be read: .*{reason}"):
        cn.Vocabulary.from_gguf(path)


def test_a_new_pretokenizer_that_marks_spaces(tmp_path: Path) -> None:
    pieces, types = ["<end>", "▁", "a"], [CONTROL, NORMAL, NORMAL]
    path = write(tmp_path / "m.gguf", "gpt2", pieces, types, pre="new", eos_token_id=0)
    with pytest.raises(cn.VocabularyError, match=r"pre-tokenizer 'new' cannot be read: .*gemma4, granite"):
        cn.Vocabulary.from_gguf(path)
