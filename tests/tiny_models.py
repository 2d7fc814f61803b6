"""Models with random weights and a small byte-level tokenizer, for tests of decoding without any download."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
tokenizers = pytest.importorskip("tokenizers")

from constrain.vocabulary.readers.byte_level import BYTE_OF_CHARACTER  # noqa: E402 - after the skips

EOS, END_OF_TURN, PAD, BOS = "<eos>", "<turn>", "<pad>", "<bos>"
MERGES = [
    '{ "',
    '" :',
    '" ,',
    '" }',
    ": Ġ",
    ", Ġ",
    "t r",
    "u e",
    "tr ue",
    "n a",
    "m e",
    "na me",
    '{" name',
    "1 2",
]
PADDING = 9  # columns of the model's head beyond the tokenizer

torch.set_num_threads(1)


@lru_cache(maxsize=1)
def tiny_tokenizer() -> Any:
    """A byte-level BPE tokenizer with tokens that cross the boundaries of JSON's own."""
    merges = [tuple(merge.split(" ")) for merge in MERGES]
    pieces = [*sorted(BYTE_OF_CHARACTER), *("".join(pair) for pair in merges)]
    model = tokenizers.models.BPE({piece: i for i, piece in enumerate(pieces)}, merges)
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    tokenizer.add_special_tokens([EOS, END_OF_TURN, PAD, BOS])
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=EOS, pad_token=PAD, bos_token=BOS, padding_side="left"
    )


def ascii_tokenizer() -> Any:
    """A new tokenizer of printable ASCII characters, with ids of its own."""
    pieces = [chr(code) for code in range(33, 127)] + ["Ġ", "Ċ"]
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE({piece: i for i, piece in enumerate(pieces)}, []))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    tokenizer.add_special_tokens(["<end>"])
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>")


@lru_cache(maxsize=1)
def byte_fallback_tokenizer() -> Any:
    """A tokenizer as SentencePiece makes them, with bytes for what it has no piece for; decoding strips a space."""
    pieces = [
        "<unk>",
        "<s>",
        "</s>",
        *(f"<0x{byte:02X}>" for byte in range(256)),
        "▁",
        *'{}":,-',
        "yes",
        "▁{",
    ]
    merges = [("▁", "{")]
    vocabulary = {piece: i for i, piece in enumerate([*pieces, *"aABCD0123456789"])}
    model = tokenizers.models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    tokenizer = tokenizers.Tokenizer(model)
    prefix = [tokenizers.normalizers.Prepend("▁"), tokenizers.normalizers.Replace(" ", "▁")]
    tokenizer.normalizer = tokenizers.normalizers.Sequence(prefix)
    decoders = tokenizers.decoders
    steps = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    tokenizer.decoder = decoders.Sequence(steps)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="</s>",
        pad_token="</s>",
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )


@lru_cache(maxsize=1)
def unigram_tokenizer() -> Any:
    """A tokenizer as T5 has them: pieces of text with a mark for spaces, and no bytes."""
    pieces = ["<unk>", "</s>", "<pad>", "▁", "yes", '{"', '":', "é", *map(chr, range(33, 127))]
    model = tokenizers.models.Unigram([(piece, -1.0) for piece in pieces], 0, False)
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()
    tokenizer.decoder = tokenizers.decoders.Metaspace()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="<unk>",
        eos_token="</s>",
        pad_token="<pad>",
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )


def tiny_llama(tokenizer: Any, seed: int = 0, padding: int = PADDING, hidden: int = 32) -> Any:
    """A Llama model with random weights, whose head is wider than the tokenizer by ``padding``."""
    torch.manual_seed(seed)
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer) + padding,
        hidden_size=hidden,
        intermediate_size=2 * hidden,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=2048,
        initializer_range=0.3,  # so that the next token depends on those before it
        **_ids(tokenizer),
    )
    return transformers.LlamaForCausalLM(config).eval()


def tiny_t5(tokenizer: Any) -> Any:
    """An encoder-decoder model with random weights."""
    torch.manual_seed(0)
    ids = _ids(tokenizer)
    config = transformers.T5Config(
        vocab_size=len(tokenizer) + PADDING,
        d_model=32,
        d_kv=16,
        d_ff=64,
        num_layers=2,
        num_heads=2,
        decoder_start_token_id=ids["pad_token_id"],
        eos_token_id=ids["eos_token_id"],
        pad_token_id=ids["pad_token_id"],
    )
    return transformers.T5ForConditionalGeneration(config).eval()


def _ids(tokenizer: Any) -> dict[str, int]:
    pad = tokenizer.pad_token_id
    return {
        "bos_token_id": tokenizer.eos_token_id if tokenizer.bos_token_id is None else tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.eos_token_id if pad is None else pad,
    }
