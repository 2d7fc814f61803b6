"""End-of-sequence ids of a model folder: a tokenizer names one, ``generate`` stops at all of generation_config.json."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import constrain as cn
from constrain.demo import model_directory

OWN = cn.Vocabulary.from_tokenizer_json(model_directory()).eos_token_ids[0]
TURN, OTHER = 106, 107


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a tokenizer and nothing else."""
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(Path(model_directory(), name), tmp_path / name)
    return tmp_path


def put(folder: Path, name: str, content: Any) -> Path:
    (folder / f"{name}.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def load(folder: Path) -> Any:
    return pytest.importorskip("transformers").AutoTokenizer.from_pretrained(folder)


def both(folder: Path) -> tuple[int, ...]:
    """The ends by the files, which are those of the live tokenizer, too."""
    of_files, live = cn.Vocabulary.from_tokenizer_json(folder), cn.Vocabulary.from_transformers(load(folder))
    assert of_files == live
    return of_files.eos_token_ids


@pytest.mark.parametrize("ends", [TURN, [TURN], [OWN, TURN]])
def test_all_ends_of_the_generation_config(ends: Any, folder: Path) -> None:
    assert both(put(folder, "generation_config", {"eos_token_id": ends})) == (OWN, TURN)


@pytest.mark.parametrize("config", [{}, {"eos_token_id": None}])
def test_a_generation_config_without_ends(config: Any, folder: Path) -> None:
    put(folder, "config", {"eos_token_id": TURN})  # not looked at then
    assert both(put(folder, "generation_config", config)) == (OWN,)


@pytest.mark.parametrize(
    ("config", "ends"),
    [
        ({"eos_token_id": [OWN, TURN]}, (OWN, TURN)),
        ({"eos_token_id": TURN, "text_config": {"eos_token_id": OTHER}}, (OWN, TURN)),
        ({"text_config": {"eos_token_id": [TURN, OTHER]}}, (OWN, TURN, OTHER)),
        ({"decoder": {}, "text_config": {"eos_token_id": TURN}}, (OWN, TURN)),
        ({"decoder": {"eos_token_id": TURN}, "text_config": {"eos_token_id": OTHER}}, (OWN, TURN)),
        ({"text_config": {}}, (OWN,)),
    ],
)
def test_the_configuration_where_there_is_no_generation_config(
    config: Any, ends: tuple[int, ...], folder: Path
) -> None:
    put(folder, "config", config)
    assert cn.Vocabulary.from_tokenizer_json(folder).eos_token_ids == ends
    transformers = pytest.importorskip("transformers")
    if transformers.__version__.startswith("4."):
        pytest.skip("transformers 4 makes this of configurations of its own only")
    settings = transformers.GenerationConfig.from_model_config(config)
    assert {OWN, *as_list(settings.eos_token_id)} == set(ends)


def as_list(ends: Any) -> list[int]:
    return ends if isinstance(ends, list) else [] if ends is None else [ends]


def test_the_text_stops_where_generate_does(folder: Path) -> None:
    put(folder, "generation_config", {"eos_token_id": [OWN, TURN]})
    matcher = cn.compile(cn.choice(["a"]), cn.Vocabulary.from_transformers(load(folder))).matcher()
    assert matcher.advance(matcher.completion()[0])
    assert matcher.allowed_tokens() == [OWN, TURN]
    assert matcher.advance(TURN) and matcher.stopped


def test_the_configuration_of_a_model_can_be_given(folder: Path) -> None:
    settings = SimpleNamespace(eos_token_id=[TURN, OTHER])  # model.generation_config
    assert cn.Vocabulary.from_tokenizer_json(folder, settings).eos_token_ids == (OWN, TURN, OTHER)
    assert cn.Vocabulary.from_transformers(load(folder), settings).eos_token_ids == (OWN, TURN, OTHER)
    without = SimpleNamespace(eos_token_id=None)
    assert cn.Vocabulary.from_transformers(load(folder), without).eos_token_ids == (OWN,)
    assert cn.Vocabulary([b"a"], SimpleNamespace(eos_token_id=1), size=2).eos_token_ids == (1,)


def test_the_processor_takes_them_too(folder: Path) -> None:
    pytest.importorskip("torch")
    from constrain.integrations.transformers import ConstrainedLogitsProcessor

    tokenizer = load(put(folder, "generation_config", {"eos_token_id": TURN}))
    assert ConstrainedLogitsProcessor(tokenizer, regex="a").vocabulary.eos_token_ids == (OWN, TURN)
    settings: Any = SimpleNamespace(eos_token_id=OTHER)
    processor = ConstrainedLogitsProcessor(tokenizer, regex="a", eos_token_ids=settings)
    assert processor.vocabulary.eos_token_ids == (OWN, TURN, OTHER)


def test_a_tokenizer_of_no_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name is empty, which is not the working directory."""
    transformers = pytest.importorskip("transformers")
    put(folder, "generation_config", {"eos_token_id": TURN})
    monkeypatch.chdir(folder)
    backend = load(folder).backend_tokenizer
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="<|eos|>")
    assert cn.Vocabulary.from_transformers(tokenizer).eos_token_ids == (OWN,)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"eos_token_id": ', r"generation_config\.json is no JSON"),
        ("\udcff", r"generation_config\.json is no JSON"),
        ([1], r"generation_config\.json is no configuration"),
        ({"eos_token_id": "</s>"}, "eos_token_id '</s>', which is neither"),
        ({"eos_token_id": [1, None]}, r"eos_token_id \[1, None\], which is neither"),
        ({"eos_token_id": True}, "eos_token_id True, which is neither"),
        ({"eos_token_id": [10**9]}, "end-of-sequence id 1000000000 is not in this vocabulary"),
        ({"eos_token_id": -1}, "end-of-sequence id -1 is not in this vocabulary"),
    ],
)
def test_a_configuration_that_is_wrong(content: Any, reason: str, folder: Path) -> None:
    path = folder / "generation_config.json"
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(cn.VocabularyError, match=reason):
        cn.Vocabulary.from_tokenizer_json(folder)
    with pytest.raises(cn.VocabularyError, match=reason):
        cn.Vocabulary.from_transformers(load(folder))
