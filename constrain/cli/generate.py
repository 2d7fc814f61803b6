"""``constrain generate``: one text from a model, constrained, and checked before success is claimed."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from importlib import import_module
from pathlib import Path
from typing import Any

from constrain.cli.source import CommandError, Source
from constrain.errors import BudgetError

__all__ = ["generate"]

VALID, INVALID = 0, 1


def generate(source: Source, prompt: str, options: Namespace) -> int:
    """Generate, print the text, check it, and return the exit code.

    Args:
        source: the constraint on the text.
        prompt: what the model continues.
        options: ``model``, ``stream``, ``seed``, ``max_new_tokens``, ``temperature``, ``greedy``.
    """
    tokenizer, model = _load(options.model)
    started = time.perf_counter()
    ids = _continue(source, prompt, options, tokenizer, model)
    seconds = time.perf_counter() - started
    text = tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
    if not options.stream:
        print(text, flush=True)
    problem = source.problem(text)
    if problem is None:
        _report(f"valid, checked with {source.means}; {len(ids)} tokens in {seconds:.1f} s")
        return VALID
    _report(f"NOT valid, checked with {source.means}: {problem}")
    return INVALID


def _report(message: str) -> None:
    print(f"constrain: {message}", file=sys.stderr)


def _load(name: str | None) -> tuple[Any, Any]:
    """The tokenizer and the model, on the GPU if there is one."""
    try:
        torch: Any = import_module("torch")
        transformers: Any = import_module("transformers")
    except ModuleNotFoundError as error:
        raise CommandError.of_missing(error) from error
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    if name is not None and name.startswith((".", "/", "~")) and not Path(name).expanduser().is_dir():
        raise CommandError(f"cannot load the model {name}: there is no such folder")
    try:
        place = _default_model() if name is None else name
        tokenizer = transformers.AutoTokenizer.from_pretrained(place)
        model = transformers.AutoModelForCausalLM.from_pretrained(place, dtype="auto").eval()
    except (OSError, ValueError) as error:  # transformers raises these if there is no such model
        raise CommandError(
            f"cannot load the model {name or 'of the package'}: {_first_line(error)}"
        ) from error
    return tokenizer, model.to("cuda" if torch.cuda.is_available() else "cpu")


def _default_model() -> Path:
    from constrain.demo import model_directory

    return model_directory()


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _continue(source: Source, prompt: str, options: Namespace, tokenizer: Any, model: Any) -> list[int]:
    """The ids generated."""
    import torch
    from transformers import TextStreamer

    from constrain.integrations.transformers import ConstrainedLogitsProcessor

    ends = model.generation_config.eos_token_id
    try:
        processor = ConstrainedLogitsProcessor(
            tokenizer, grammar=source.grammar, eos_token_ids=ends, max_new_tokens=options.max_new_tokens
        )
    except BudgetError as error:
        raise CommandError(f"--max-new-tokens {options.max_new_tokens}: {error}") from error
    inputs = tokenizer(prompt, return_tensors="pt").to(model.device)
    if options.seed is not None:
        torch.manual_seed(options.seed)
    sampling = (
        {"do_sample": False} if options.greedy else {"do_sample": True, "temperature": options.temperature}
    )
    streamer = None
    if options.stream:
        streamer = TextStreamer(
            tokenizer, skip_prompt=True, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
    first_end = processor.vocabulary.eos_token_ids[0]
    output = model.generate(
        inputs["input_ids"],
        attention_mask=inputs["attention_mask"],
        pad_token_id=first_end if tokenizer.pad_token_id is None else tokenizer.pad_token_id,
        streamer=streamer,
        **processor.options(),
        **sampling,
    )
    ids: list[int] = output[0, inputs["input_ids"].shape[1] :].tolist()
    return ids
