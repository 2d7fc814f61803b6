"""A small language model of the project's own, and sentences to try it on.

The model reads a short English sentence about an invented person, order or event and writes its record as
JSON. It is small (a few megabytes, part of the package) and not clever: sampled without a constraint, a good
part of what it writes does not parse or does not fit the record's schema, which makes it a useful subject.

Importing this module needs neither torch nor transformers; loading the model does::

    AutoModelForCausalLM.from_pretrained(model_directory(), dtype=torch.float32)
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from constrain.demo.sentences import HELD_OUT, KINDS, Example, draw, load_schema, prompt_for

__all__ = ["Example", "examples", "model_directory", "prompt_for", "tasks"]


def model_directory() -> Path:
    """Return the folder that holds the model: weights, tokenizer, configuration and model card.

    Raises:
        FileNotFoundError: the package was installed without the model's files, or is in an archive.
    """
    folder = Path(str(files("constrain.demo").joinpath("model")))
    if not (folder / "model.safetensors").is_file():
        command = f"python -m constrain.demo.train --out {folder}"
        raise FileNotFoundError(f"no model at {folder}; write one with: {command}")
    return folder


def tasks() -> dict[str, Mapping[str, Any]]:
    """Return each kind of record the model knows, with its JSON Schema."""
    return {kind: load_schema(kind) for kind in KINDS}


def examples(n: int, seed: int = 0) -> list[Example]:
    """Return `n` held-out examples, the same ones for the same seed; the kinds take turns.

    The model was not trained on them: they are drawn independently of its training data.
    """
    return [draw(HELD_OUT, seed, index) for index in range(n)]
