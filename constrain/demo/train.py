"""Train the demonstration model from scratch: tokenizer, weights, configuration.

    python -m constrain.demo.train --out DIR

Needs torch, transformers and tokenizers, and no data: `constrain.demo.sentences` draws every sentence.
Training has two stages: first tidy records alone, then a share of them written carelessly, as larger
models do. The loss counts only the record, not the sentence before it. `constrain.demo.evaluate` measures
the result.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from constrain.demo.sentences import TRAINING, completion, draw

__all__ = ["FIRST", "SECOND", "Stage", "main", "save", "train", "train_tokenizer"]

SPECIAL = BOS, EOS, PAD = "<|bos|>", "<|eos|>", "<|pad|>"  # the first ids of the vocabulary, in this order
NO_LOSS = -100
# Lower-case words take the space before them; capitalised words and digits do not, so that a name or number
# has the same tokens after a space and after a quotation mark and can be copied token by token. Runs of
# punctuation stay together: one token often crosses JSON's own boundaries (`":`, `",`, `"}]`).
PIECES = r" ?\p{Ll}+|\p{Lu}\p{L}*|\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


VOCABULARY, TOKENIZER_EXAMPLES = 2048, 12000
BATCH = 32


@dataclass(frozen=True)
class Stage:
    """One part of the training: which examples, how many, how fast."""

    seed: int
    """Of the examples drawn; stages with different seeds share none."""
    steps: int
    """Each of `BATCH` examples, every one seen once."""
    learning_rate: float
    """The peak: reached after the warm-up, then falling along a cosine to a fiftieth."""
    warmup: int
    careless: float
    """The share of records written in the ways of `constrain.demo.habits`."""


# Learning to copy names takes long (nothing happens for the first 500 steps), so the first stage teaches that from tidy
# records alone.
FIRST: Final = Stage(seed=0, steps=2000, learning_rate=2e-3, warmup=100, careless=0.0)
SECOND: Final = Stage(seed=1, steps=500, learning_rate=6e-4, warmup=50, careless=0.25)


def main() -> None:
    """Parse the command line, train, and write the model after each stage."""
    parser = argparse.ArgumentParser(description="Train constrain's demonstration model.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the model to")
    parser.add_argument("--start", type=Path, help="a model after the first stage; run the second stage only")
    parser.add_argument("--threads", type=int, default=1, help="processor threads for torch")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(FIRST.seed)
    if options.start:
        tokenizer = Tokenizer.from_file(str(options.start / "tokenizer.json"))
        model: Any = LlamaForCausalLM.from_pretrained(options.start, dtype=torch.float32)
    else:
        tokenizer = train_tokenizer()
        model = LlamaForCausalLM(_configuration())
        train(model, tokenizer, FIRST)
        save(model, tokenizer, options.out)
    train(model, tokenizer, SECOND)
    save(model, tokenizer, options.out)


def train_tokenizer() -> Tokenizer:
    """Train a byte-level BPE tokenizer on drawn prompts and records."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_texts(), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A", special_tokens=[(BOS, SPECIAL.index(BOS))]
    )
    return tokenizer


def train(model: Any, tokenizer: Tokenizer, stage: Stage) -> None:
    """Train a causal language model in place through one stage, printing its loss now and then."""
    optimizer = torch.optim.AdamW(_parameter_groups(model), lr=stage.learning_rate, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, stage))
    print(f"{model.num_parameters()} parameters, {stage}", flush=True)
    started, recent = time.monotonic(), 0.0
    model.train()
    for step, (tokens, labels) in enumerate(_batches(stage, tokenizer), start=1):
        with torch.autocast("cpu", dtype=torch.bfloat16):  # a fifth faster, where the processor has it
            loss = model(input_ids=tokens, labels=labels, use_cache=False).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        recent += loss.item()
        if step % 50 == 0:
            print(f"step {step:5d}  loss {recent / 50:.4f}  {time.monotonic() - started:6.0f} s", flush=True)
            recent = 0.0
    model.eval()


def save(model: Any, tokenizer: Tokenizer, out: Path) -> None:
    """Write the model for `from_pretrained`, its weights in half precision (computing stays in float32)."""
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=BOS,
        eos_token=EOS,
        pad_token=PAD,
        padding_side="left",
        model_max_length=model.config.max_position_embeddings,
        clean_up_tokenization_spaces=False,
    )
    model.generation_config.max_new_tokens = 320
    model.to(torch.float16).save_pretrained(out)
    # Files in half precision, yet a plain from_pretrained computes in single: half is slow on processors.
    model.to(torch.float32)
    model.config.dtype = torch.float32
    model.config.save_pretrained(out)
    (out / "model.safetensors").chmod(0o644)  # written for its owner alone
    fast.save_pretrained(out)
    _make_portable(out / "tokenizer_config.json")


def _make_portable(path: Path) -> None:
    """Name the tokenizer class that both transformers 4 and 5 know (5 writes a name that 4 lacks).

    And the inputs: by default, 4 adds token types to them, which ``generate`` refuses.
    """
    configuration = json.loads(path.read_text(encoding="utf-8"))
    configuration["tokenizer_class"] = "PreTrainedTokenizerFast"
    configuration["model_input_names"] = ["input_ids", "attention_mask"]
    path.write_text(json.dumps(configuration, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _texts() -> Iterator[str]:
    rng = random.Random(FIRST.seed)
    for index in range(TOKENIZER_EXAMPLES):
        example = draw(TRAINING, FIRST.seed, index)
        yield example.prompt
        yield completion(example, rng, FIRST.careless)


def _configuration() -> LlamaConfig:
    return LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=192,
        intermediate_size=512,
        num_hidden_layers=4,
        num_attention_heads=6,
        num_key_value_heads=6,
        max_position_embeddings=640,
        tie_word_embeddings=True,
        bos_token_id=SPECIAL.index(BOS),
        eos_token_id=SPECIAL.index(EOS),
        pad_token_id=SPECIAL.index(PAD),
    )


def _parameter_groups(model: Any) -> list[dict[str, object]]:
    matrices = [weight for weight in model.parameters() if weight.ndim >= 2]
    vectors = [weight for weight in model.parameters() if weight.ndim < 2]
    return [{"params": matrices, "weight_decay": 0.05}, {"params": vectors, "weight_decay": 0.0}]


def _rate(step: int, stage: Stage) -> float:
    if step < stage.warmup:
        return (step + 1) / stage.warmup
    done = (step - stage.warmup) / max(1, stage.steps - stage.warmup)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done))


def _batches(stage: Stage, tokenizer: Tokenizer) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Draw batches of examples of like length, to save padding: 16 batches are drawn and sorted at a time."""
    rng = random.Random(stage.seed)
    index = 0
    waiting: list[list[tuple[list[int], int]]] = []
    for _ in range(stage.steps):
        if not waiting:
            rows = [_row(tokenizer, stage, index + i, rng) for i in range(16 * BATCH)]
            index += len(rows)
            rows.sort(key=lambda row: len(row[0]))
            waiting = [rows[i : i + BATCH] for i in range(0, len(rows), BATCH)]
            rng.shuffle(waiting)
        yield _tensors(waiting.pop(), tokenizer)


def _row(tokenizer: Tokenizer, stage: Stage, index: int, rng: random.Random) -> tuple[list[int], int]:
    """Return an example's token ids and how many of them are the prompt."""
    example = draw(TRAINING, stage.seed, index)
    prompt: list[int] = tokenizer.encode(example.prompt).ids
    record: list[int] = tokenizer.encode(
        completion(example, rng, stage.careless), add_special_tokens=False
    ).ids
    return [*prompt, *record, SPECIAL.index(EOS)], len(prompt)


def _tensors(rows: list[tuple[list[int], int]], tokenizer: Tokenizer) -> tuple[torch.Tensor, torch.Tensor]:
    """Return token ids and labels, both [rows, longest row].

    Padding comes last, where causal attention needs no mask.
    """
    width = max(len(ids) for ids, _ in rows)
    tokens = torch.full((len(rows), width), SPECIAL.index(PAD))
    labels = torch.full((len(rows), width), NO_LOSS)
    for position, (ids, prompt) in enumerate(rows):
        tokens[position, : len(ids)] = torch.tensor(ids)
        labels[position, prompt : len(ids)] = torch.tensor(ids[prompt:])
    return tokens, labels


if __name__ == "__main__":
    main()
