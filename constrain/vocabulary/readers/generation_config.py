"""Reads the ids that end a sequence from generation_config.json.

When should I use this? Where a model folder is at hand. A tokenizer names one end-of-sequence token; ``generate`` stops
at all ids that the model's ``generation_config.json`` lists (Gemma 3: ``[1, 106]``, the end of a text and that of a
turn). Where a folder has none, ``transformers`` takes them from its ``config.json``, and so does this module.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from constrain.errors import VocabularyError

__all__ = ["ends_beside", "ends_of_folder"]

NAMES = ("generation_config.json", "config.json")

TEXT_PARTS = ("decoder", "generator", "text_config")
"""Parts of a config.json that may hold the ids, the first that is there (``GenerationConfig.from_model_config``)."""


def ends_beside(tokenizer: Any) -> list[int]:
    """The ids of the folder that a live tokenizer was loaded from; none where it was not loaded from a folder."""
    name = getattr(tokenizer, "name_or_path", None)
    return ends_of_folder(Path(name)) if name and Path(name).is_dir() else []


def ends_of_folder(folder: Path) -> list[int]:
    """The ids that end a sequence according to the configuration in ``folder``; none if there is no configuration.

    Raises:
        VocabularyError: the file is not a configuration, or its ids are not numbers.
    """
    for name in NAMES:
        path = folder / name
        if path.is_file():
            return _ids(_ends(_parsed(path), name), path)
    return []


def _ends(config: Mapping[str, Any], name: str) -> Any:
    ends = config.get("eos_token_id")
    if ends is not None or name == NAMES[0]:
        return ends
    part: Any = next((config[part] for part in TEXT_PARTS if config.get(part)), {})
    return part.get("eos_token_id") if isinstance(part, Mapping) else None


def _parsed(path: Path) -> Mapping[str, Any]:
    try:
        config = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as problem:
        raise VocabularyError(f"{path} is no JSON: {problem}") from problem
    if not isinstance(config, Mapping):
        raise VocabularyError(f"{path} is no configuration: it is not an object")
    return config


def _ids(ends: Any, path: Path) -> list[int]:
    listed = ends if isinstance(ends, list) else [] if ends is None else [ends]
    for token_id in listed:
        if type(token_id) is not int:
            raise VocabularyError(
                f"{path} has the eos_token_id {ends!r}, which is neither an id nor a list of ids"
            )
    return listed
