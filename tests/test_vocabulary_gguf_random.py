"""Random GGUF vocabularies of every kind, against llama.cpp's own code: what each token prints, and which ones end.

The program ``llama_pieces`` is compiled by ``.ci/llama_vocabularies.py``.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from random import Random

import pytest

import constrain as cn
from constrain.vocabulary.readers.byte_level import BYTE_OF_CHARACTER
from constrain.vocabulary.readers.gguf import MARKED_PRETOKENIZERS, MODELS
from constrain.vocabulary.readers.gguf_special import END_NAMES, INFILL, SHOWN
from tests.data_folder import gguf_path
from tests.gguf_files import BYTE, CONTROL, NORMAL, UNKNOWN, UNUSED, USER_DEFINED, write

pytest.importorskip("gguf")

UNDEFINED = 0
INFILL_NAMES = [names.split() for _, names in INFILL.values()]
NAMES = [*sorted(END_NAMES), *SHOWN, *(name for names in INFILL_NAMES for name in names), "<|plamo:eos|>"]
WORDS = "▁a a▁b ▁▁ Ġabc 日本 Ä ĠĠ hello CCCCCC CCCCCC\ue000 \ue000 [PAD1] ok <unused5> AC\ue000".split()
RWKV = [r"\n\n", r"ab\xc3\x84", r"it\'s", "Ä", r"\\x", "xy z"]
KEYS = "eos eot eom fim_pre fim_suf fim_mid fim_pad fim_rep fim_sep prefix suffix middle".split()


def base(model: str) -> list[tuple[str, int]]:
    """What llama.cpp needs of a vocabulary: all bytes, in the way of its kind."""
    if model == "rwkv":
        single = [repr(bytes([byte]))[2:-1] for byte in range(256)]
        return [(piece, NORMAL) for piece in [*single, *RWKV]]
    if MODELS[model].normal is None:  # byte-level
        return [(character, NORMAL) for character in BYTE_OF_CHARACTER]
    return [(f"<0x{byte:02X}>", BYTE) for byte in range(256)]


def random_file(chance: Random, path: Path) -> tuple[str, dict[str, int]]:
    """Write a vocabulary; its kind, and the type of each piece."""
    model = chance.choice(sorted(MODELS))
    tokens = dict([("<unk>", UNKNOWN), ("<s>", CONTROL), ("<end>", CONTROL), *base(model)])
    kinds = [UNDEFINED, UNKNOWN, CONTROL, UNUSED, *[NORMAL, USER_DEFINED] * 4]
    for word in chance.sample(WORDS, 8):
        tokens.setdefault(word, chance.choice(kinds))
    tokens.setdefault("<oov>", CONTROL)
    tokens.setdefault("GG\ue000", NORMAL)
    for name in chance.sample(NAMES, chance.randint(0, 14)):
        tokens.setdefault(name, chance.choice([NORMAL, CONTROL, USER_DEFINED]))
    size = len(tokens)
    ids = [chance.randrange(size), chance.randrange(size), size + 5]
    named = {f"{key}_token_id": chance.choice(ids) for key in KEYS if chance.random() < 0.15}
    pretokenizer = chance.choice([*sorted(MARKED_PRETOKENIZERS), "default", "gpt-2", "qwen2", "llama-bpe"])
    write(path, model, list(tokens), list(tokens.values()), pre=pretokenizer, **named)
    return model, tokens


END = 2


@pytest.mark.parametrize("seed", range(10))
def test_thirty_random_vocabularies(seed: int, tmp_path: Path) -> None:
    program = gguf_path("llama_pieces")
    for number in range(30):
        check(program, Random(30 * seed + number), tmp_path / f"{number}.gguf")


def check(program: Path, chance: Random, path: Path) -> None:
    model, tokens = random_file(chance, path)
    lines = subprocess.run([program, path], capture_output=True, text=True, check=True).stdout.splitlines()
    ends = {i for i, line in enumerate(lines) if line[0] == "1"}
    # Where llama.cpp knows several tokens for one use, it takes one of them by chance: none is text, none an end.
    several = {name for names in INFILL_NAMES if len(tokens.keys() & names) > 1 for name in names}
    left_to_chance = {i for i, piece in enumerate(tokens) if piece in several}
    vocabulary = cn.Vocabulary.from_gguf(path, END)  # some have no other
    found = set(vocabulary.eos_token_ids)
    assert found <= ends | {END} and ends - found <= left_to_chance
    for token_id, (piece, kind) in enumerate(tokens.items()):
        data, printed = vocabulary.tokens[token_id], bytes.fromhex(lines[token_id][2:])
        padding = model in ("rwkv", "plamo2") and kind in (UNUSED, UNDEFINED)
        if data is None and (padding or token_id in left_to_chance | ends or b"[UNK_BYTE_0x" in printed):
            continue
        assert (data or b"") == printed, (model, piece, kind)
