"""Free text up to a marker, its limit, and a fixed text before the constrained one."""

from __future__ import annotations

import copy
import json
import random
import re
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

import constrain as cn  # noqa: E402 - after the skips
from constrain.integrations.lead import Lead, LeadCursor  # noqa: E402
from constrain.integrations.transformers import ConstrainedLogitsProcessor, vocabulary_of  # noqa: E402
from tests.tiny_models import BOS, END_OF_TURN, EOS, tiny_llama, tiny_tokenizer  # noqa: E402

PATTERN = "[A-D]{2}-[0-9]{2,4}"
OPTIONS: dict[str, dict[str, Any]] = {
    "greedy": {},
    "sampling": {"do_sample": True, "top_k": 0},
    "beams": {"num_beams": 3, "num_return_sequences": 3},
    "beams sampled": {"num_beams": 3, "do_sample": True},
    "prompt lookup": {"prompt_lookup_num_tokens": 3},
    "assisted": {"assistant_model": tiny_llama},
}


def constraint(pattern: str = PATTERN) -> cn.Constraint:
    return cn.compile(cn.regex(pattern), vocabulary_of(tiny_tokenizer()))


def generated(processor: Any, **options: Any) -> list[str]:
    tokenizer = tiny_tokenizer()
    torch.manual_seed(1)
    if "assistant_model" in options:
        options["assistant_model"] = tiny_llama(tokenizer, seed=2)
    inputs = tokenizer(["Think:"], return_tensors="pt", return_token_type_ids=False)
    settings = {"do_sample": False, "max_new_tokens": 60, **options}
    output = tiny_llama(tokenizer).generate(**inputs, logits_processor=[processor], **settings)
    texts: list[str] = tokenizer.batch_decode(
        output[:, inputs["input_ids"].shape[1] :], clean_up_tokenization_spaces=False
    )
    return [text.replace("<pad>", "").removesuffix(EOS).rstrip("<eos>") for text in texts]


@pytest.mark.parametrize("mode", OPTIONS)
@pytest.mark.parametrize("marker", ['": ', END_OF_TURN, "</think>"])
def test_texts_are_constrained_behind_the_marker(mode: str, marker: str) -> None:
    processor = ConstrainedLogitsProcessor(
        tiny_tokenizer(), regex=PATTERN, after=marker, after_at_most=12, prefix="Code\n"
    )
    for _ in range(2):
        for text in generated(processor, **OPTIONS[mode]):
            thoughts, _, answer = text.partition(marker)
            assert re.fullmatch("Code\n" + PATTERN, answer), text
            assert marker != END_OF_TURN or "<turn" not in thoughts
            assert EOS not in thoughts


def test_a_prefix_alone() -> None:
    processor = ConstrainedLogitsProcessor(constraint(), prefix='{"name": ')
    assert all(re.fullmatch('{"name": ' + PATTERN, text) for text in generated(processor, num_beams=2))


def test_free_rows_have_no_lead() -> None:
    processor = ConstrainedLogitsProcessor([None, constraint()], prefix="x")
    scores = processor(torch.tensor([[1, 2], [1, 2]]), torch.zeros(2, 300))
    assert torch.isfinite(scores[0]).all()
    assert torch.isfinite(scores[1]).nonzero().tolist() == [[tiny_tokenizer().convert_tokens_to_ids("x")]]


def ids(*tokens: str) -> list[int]:
    converted: list[int] = tiny_tokenizer().convert_tokens_to_ids(list(tokens))
    return converted


def allowed(cursor: LeadCursor) -> set[str]:
    vocabulary = cursor.constraint.vocabulary
    bitmask = cn.allocate_bitmask(1, vocabulary.size)
    cursor.fill_mask(bitmask, 0)
    row = bitmask[0].tolist()
    tokens = [token for token in range(vocabulary.size) if row[token >> 5] >> (token & 31) & 1]
    return set(tiny_tokenizer().convert_ids_to_tokens(tokens))


def test_no_token_reaches_past_the_marker() -> None:
    cursor = LeadCursor(constraint(), 5, Lead(vocabulary_of(tiny_tokenizer()), 'na{"', None))
    everything = allowed(cursor)
    assert {'{"', '{"name', "na", "name", BOS, END_OF_TURN} <= everything and EOS not in everything
    assert all(map(cursor.read, ids("n", "na")))
    assert '{"name' not in allowed(cursor) and '{"' in allowed(cursor)
    assert not copy.copy(cursor).copy().read(ids('{"name')[0])
    assert cursor.read(ids("x")[0])
    assert '{"name' in allowed(cursor)
    assert all(map(cursor.read, ids("na", '{"')))
    assert allowed(cursor) == {"A", "B", "C", "D"}


@pytest.mark.parametrize(
    "marker", ["{", '": ', "nana", "</think>", tiny_tokenizer().convert_tokens_to_ids(BOS)]
)
def test_masks_are_what_may_be_read(marker: str | int) -> None:
    rng = random.Random(0)
    lead = Lead(vocabulary_of(tiny_tokenizer()), marker, 5, "true")
    alphabet = ids(*'na{":</think>', "Ġ", "tr", "ue", "true", '{"', '{"name', BOS)
    for _ in range(30):
        cursor = LeadCursor(constraint(), 0, lead)
        while cursor.position < 12:
            names = allowed(cursor)
            token = rng.choice(alphabet + ids(*names & {"A", "1", "-", "t", "r", "u", "e"}))
            name = tiny_tokenizer().convert_ids_to_tokens(token)
            assert cursor.copy().read(token) == (name in names)
            if name in names:
                cursor.read(token)
            else:
                cursor.read(ids(sorted(names)[0])[0])


def test_the_limit_forces_the_rest_of_the_marker() -> None:
    cursor = LeadCursor(constraint(), 0, Lead(vocabulary_of(tiny_tokenizer()), "true!", 3))
    assert all(map(cursor.read, ids("a", "b", "tr")))
    assert allowed(cursor) == {"u", "ue"}
    assert cursor.copy().read(ids("ue")[0]) and not cursor.copy().read(ids("x")[0])


def test_places_are_found_again_when_history_moves_back() -> None:
    rng = random.Random(0)
    lead = Lead(vocabulary_of(tiny_tokenizer()), "true", 4, "na")
    text = ids("t", "r", "x", "tr", "ue", "n", "a", "A", "B", "-", "1", "2", EOS, EOS)
    seen = []
    cursor = LeadCursor(constraint(), 3, lead)
    for token in text:
        seen.append(allowed(cursor))
        assert cursor.read(token)
    for _ in range(200):
        place = rng.randrange(len(text))
        if rng.random() < 0.2:
            cursor = cursor.copy()
        if 3 + place > cursor.position:
            for token in text[cursor.position - 3 : place]:
                cursor.read(token)
        else:
            cursor.move_back(3 + place)
        assert allowed(cursor) == seen[place]
        if rng.random() < 0.2:
            assert not cursor.copy().read(ids("Z")[0]) or "Z" in seen[place]
    cursor.restart(np.array(text))
    assert allowed(cursor) == seen[0]
    cursor.move_back(3 + 2)
    assert allowed(cursor) == seen[2]


def test_what_cannot_be_spelled() -> None:
    """Without a token for 'b', 'c' or ' ' alone: where tokens are cut otherwise, there is no way on."""
    vocabulary = cn.Vocabulary([b"a", b"ab", b"bc", b"x", b"d"], 5, size=6)
    only = cn.compile(cn.regex("x"), vocabulary)
    cursor = LeadCursor(only, 0, Lead(vocabulary, None, None, "abcd"))
    bitmask = cn.allocate_bitmask(1, 6)
    cursor.fill_mask(bitmask, 0)
    assert bitmask[0].tolist() == [1 << 0]  # after 'ab', nothing spells 'cd'
    assert not cursor.copy().read(1) and all(map(cursor.read, (0, 2, 4, 3)))
    wrong: list[dict[str, Any]] = [{"prefix": "ac"}, {"after": "c"}, {"after": "a", "prefix": "?"}]
    for options in wrong:
        with pytest.raises(cn.UnspellableError, match="no tokens that spell"):
            ConstrainedLogitsProcessor(only, **options)


def test_wrong_options() -> None:
    with pytest.raises(ValueError, match="needs the marker"):
        ConstrainedLogitsProcessor(constraint(), after_at_most=3)
    for marker in ("", -1, 10**6):
        with pytest.raises(ValueError, match="is no marker"):
            ConstrainedLogitsProcessor(constraint(), after=marker)


def test_copies_keep_the_options() -> None:
    processor = ConstrainedLogitsProcessor(
        tiny_tokenizer(), schema={"const": 1}, after=END_OF_TURN, after_at_most=2
    )
    text = generated(copy.deepcopy(processor))[0]
    assert json.loads(text.partition(END_OF_TURN)[2]) == 1
