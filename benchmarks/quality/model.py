"""The model that answers. Kept apart: this is all that knows where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers

from constrain import Vocabulary
from constrain.integrations.transformers import vocabulary_of

__all__ = ["Loaded", "load"]


@dataclass(frozen=True)
class Loaded:
    """A model with its tokenizer, and the tokens as constrain reads them."""

    model: Any
    tokenizer: Any
    vocabulary: Vocabulary
    name: str

    def prompt(self, message: str) -> list[int]:
        """The tokens of a conversation in which it is the model's turn to answer ``message``."""
        text = self.tokenizer.apply_chat_template(
            [{"role": "user", "content": message}], tokenize=False, add_generation_prompt=True
        )
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False)
        return ids

    def text(self, tokens: list[int]) -> str:
        """What ``tokens`` spell; a character that is cut off at the end is a replacement character."""
        return self.vocabulary.decode(tokens).decode("utf-8", "replace")


def load(path: Path) -> Loaded:
    """A model of transformers from a folder, or of llama.cpp from a ``.gguf`` file (needs gguf and accelerate)."""
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    folder, options = (path.parent, {"gguf_file": path.name}) if path.suffix == ".gguf" else (path, {})
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **options)
    model: Any = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, **options)
    ends = model.generation_config.eos_token_id
    return Loaded(model.eval(), tokenizer, vocabulary_of(tokenizer, ends), path.stem)
