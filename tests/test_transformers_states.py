"""The logits processor called by hand: which text a row is in, what is masked, and what is left alone."""

from __future__ import annotations

import copy
import threading
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

import constrain as cn  # noqa: E402 - after the skips
from constrain.integrations.transformers import ConstrainedLogitsProcessor, vocabulary_of  # noqa: E402
from tests.tiny_models import tiny_tokenizer  # noqa: E402

EOS = tiny_tokenizer().eos_token_id
PAD = tiny_tokenizer().pad_token_id
WIDTH = 300


def ids(*texts: str, width: int | None = None) -> Any:
    """Byte ids of each text, padded on the left to equal lengths."""
    rows = [tiny_tokenizer().convert_tokens_to_ids(list(text)) for text in texts]
    length = max(map(len, rows)) if width is None else width
    return torch.tensor([[PAD] * (length - len(row)) + row for row in rows])


def plus(rows: Any, *texts: str) -> Any:
    """``rows``, each with the characters of one text more; ``$`` ends a sequence, ``_`` pads."""
    special = {"$": EOS, "_": PAD}
    named = tiny_tokenizer().convert_tokens_to_ids
    more = [[special[c] if c in special else named(c) for c in text] for text in texts]
    return torch.cat([rows, torch.tensor(more, dtype=rows.dtype).reshape(len(rows), -1)], dim=1)


def constraint(pattern: str) -> cn.Constraint:
    return cn.compile(cn.regex(pattern), vocabulary_of(tiny_tokenizer()))


def allowed(processor: Any, rows: Any, width: int = WIDTH) -> list[str]:
    """Per row, the single characters that it may go on with, ``$`` for an end of sequence."""
    scores = processor(rows, torch.zeros(len(rows), width))
    return [characters(row) for row in scores]


def characters(row: Any) -> str:
    chosen = torch.nonzero(torch.isfinite(row))[:, 0].tolist()
    names = ["$" if i == EOS else tiny_tokenizer().convert_ids_to_tokens(i) or "?" for i in chosen]
    return "".join(sorted(name for name in names if len(name) == 1))


@pytest.fixture
def steps() -> Any:
    """Follows 'ab' 'cd' in order, then ends or goes on with 'ef'."""
    return ConstrainedLogitsProcessor(constraint("[ab][cd](ef)?"))


def test_one_row_step_by_step(steps: Any) -> None:
    prompt = ids("Hello")
    seen = [allowed(steps, plus(prompt, text))[0] for text in ("", "a", "ad", "ade", "adef")]
    assert seen == ["ab", "cd", "$e", "f", "$"]


def test_the_same_prompt_again_begins_anew(steps: Any) -> None:
    prompt = ids("Hello")
    for _ in range(3):
        assert allowed(steps, prompt) == ["ab"]
        assert allowed(steps, plus(prompt, "a")) == ["cd"]


def test_another_prompt_of_the_same_length(steps: Any) -> None:
    for prompt in (ids("Hello"), ids("World")):
        for text, expected in (("", "ab"), ("b", "cd"), ("bc", "$e")):
            assert allowed(steps, plus(prompt, text)) == [expected]
    # As long as the last call and one token more, but another prompt.
    assert allowed(steps, ids("Worldbca")) == ["ab"]


@pytest.mark.parametrize("turn", [" and then?", "\n", "e\n", "$\n", "$ next", "x"])
def test_a_conversation_goes_on(steps: Any, turn: str) -> None:
    prompt = ids("Hello")
    for text in ("", "a", "ac"):
        allowed(steps, plus(prompt, text))
    turn = turn.replace("\n", "Ċ").replace(" ", "Ġ")
    follow_up = plus(prompt, "ac" + turn)
    seen = [allowed(steps, plus(follow_up, text))[0] for text in ("", "b", "bd")]
    assert seen == ["ab", "cd", "$e"]


def test_a_conversation_goes_on_in_a_batch(steps: Any) -> None:
    prompts = ids("Hello", "Hi")
    for texts in (("", ""), ("a", "b"), ("ac", "bd"), ("ac$", "bde")):
        allowed(steps, plus(prompts, *texts))
    follow_up = plus(prompts, "ac$x", "bdex")
    assert allowed(steps, follow_up) == ["ab", "ab"]
    assert allowed(steps, plus(follow_up, "a", "b")) == ["cd", "cd"]


def test_a_text_that_was_cut_short_is_continued_until_reset(steps: Any) -> None:
    prompt = ids("Hello")
    for text in ("", "a"):
        allowed(steps, plus(prompt, text))
    cut = plus(prompt, "ac")
    assert allowed(steps, cut) == ["$e"]
    steps.reset()
    assert allowed(steps, cut) == ["ab"]


def test_history_moves_back_and_forth(steps: Any) -> None:
    prompt = ids("Hello")
    calls = ["", "a", "ad", "ade", "", "a", "ad", "b", "bc", "bce", "bcef", "bce", "b", "bd"]
    expected = ["ab", "cd", "$e", "f", "ab", "cd", "$e", "cd", "$e", "f", "$", "f", "cd", "$e"]
    assert [allowed(steps, plus(prompt, text))[0] for text in calls] == expected


def test_drafts_that_break_the_constraint_do_no_harm(steps: Any) -> None:
    prompt = ids("Hello")
    for text in ("", "a", "ax", "axy", "axyz", "axyz$", "axyz$e"):
        allowed(steps, plus(prompt, text))
    assert [allowed(steps, plus(prompt, text))[0] for text in ("ac", "ace")] == ["$e", "f"]


def test_beams_are_reordered_and_copied() -> None:
    processor = ConstrainedLogitsProcessor(constraint("a[bc]+d|x[yz]+w"))
    prompts = ids("Hello", "Hello", "Hello", "So", "So", "So")
    assert allowed(processor, prompts) == ["ax"] * 6
    assert allowed(processor, plus(prompts, *"axaxax")) == ["bc", "yz", "bc", "yz", "bc", "yz"]
    one = plus(prompts, "xy", "xz", "ab", "ab", "ac", "xy")
    assert allowed(processor, one) == ["wyz", "wyz", "bcd", "bcd", "bcd", "wyz"]
    two = plus(prompts, "abd", "xyw", "xyy", "xyw", "abb", "abc")
    assert allowed(processor, two) == ["$", "$", "wyz", "$", "bcd", "bcd"]


def test_a_beam_that_survives_at_minus_infinity_may_only_end() -> None:
    processor = ConstrainedLogitsProcessor(constraint("[ab]+c"))
    prompts = ids("Hello", "Hello")
    allowed(processor, prompts)
    assert allowed(processor, plus(prompts, "a", "x")) == ["abc", "$"]
    assert allowed(processor, plus(prompts, "ab", "x$")) == ["abc", "$"]
    assert allowed(processor, plus(prompts, "abc", "x$$")) == ["$", "$"]


def test_rows_that_have_ended_are_padded_while_others_go_on(steps: Any) -> None:
    prompts = ids("Hello", "So")
    for texts in (("", ""), ("a", "a"), ("ac", "ac")):
        allowed(steps, plus(prompts, *texts))
    assert allowed(steps, plus(prompts, "ac$", "ace")) == ["$", "f"]
    assert allowed(steps, plus(prompts, "ac$_", "acef")) == ["$", "$"]


def test_no_prompt_at_all(steps: Any) -> None:
    nothing = torch.zeros((2, 0), dtype=torch.long)
    for _ in range(2):
        assert allowed(steps, nothing) == ["ab", "ab"]
        assert allowed(steps, plus(nothing, "a", "b")) == ["cd", "cd"]


def test_the_caller_may_reuse_his_tensor(steps: Any) -> None:
    buffer = plus(ids("Hello", "Hello"), "____", "____")
    assert allowed(steps, buffer[:, :5]) == ["ab", "ab"]
    buffer[:, 5:6] = ids("a", "x")
    assert allowed(steps, buffer[:, :6]) == ["cd", "$"]
    buffer[0, :], buffer[1, :] = buffer[1].clone(), buffer[0].clone()
    buffer[:, 6:7] = plus(torch.zeros((2, 0), dtype=torch.long), "$", "c")
    assert allowed(steps, buffer[:, :7]) == ["$", "$e"]


def test_two_models_take_turns(steps: Any) -> None:
    prompt, other = ids("Hello"), ids("Different ids".replace(" ", "Ġ"))
    for text, expected in (("", "ab"), ("a", "cd"), ("ac", "$e")):
        assert allowed(steps, plus(prompt, text)) == [expected]
        assert allowed(steps, plus(other, text), width=400)[0].strip("?") == expected


def test_threads_do_not_disturb_each_other(steps: Any) -> None:
    failures: list[str] = []

    def work(name: str) -> None:
        prompt = ids(name)
        for _ in range(20):
            for text, expected in (("", "ab"), ("a", "cd"), ("ad", "$e"), ("ade", "f")):
                if allowed(steps, plus(prompt, text)) != [expected]:
                    failures.append(name + text)

    threads = [threading.Thread(target=work, args=(f"prompt{i}",)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_inputs_are_left_as_they_are(steps: Any) -> None:
    prompt, scores = ids("Hello"), torch.randn(1, WIDTH)
    kept_ids, kept_scores = prompt.clone(), scores.clone()
    masked = steps(prompt, scores)
    assert torch.equal(prompt, kept_ids) and torch.equal(scores, kept_scores)
    assert masked.data_ptr() != scores.data_ptr() and masked.dtype == scores.dtype
    assert torch.isneginf(masked[:, steps.vocabulary.size :]).all()


def test_the_constraint_wins_where_nothing_else_is_left(steps: Any) -> None:
    scores = torch.full((1, WIDTH), -torch.inf)
    scores[0, 5] = 1.0
    assert characters(steps(ids("Hello"), scores)[0]) == "ab"


def test_narrow_scores_are_refused_but_those_of_a_foreign_assistant(steps: Any) -> None:
    scores = torch.zeros(1, 100)
    with pytest.raises(
        ValueError, match=r"100 scores are too few for this vocabulary.*foreign_assistant=True"
    ):
        steps(ids("Hello"), scores)
    assisted = ConstrainedLogitsProcessor(steps.constraints[0], foreign_assistant=True)
    assert copy.deepcopy(assisted)(ids("Hello"), scores) is scores
    with pytest.raises(
        ValueError, match="the tokenizer that belongs to the model"
    ):  # assistants have one row
        assisted(ids("Hello", "World"), torch.zeros(2, 100))


def test_padding_tokens_beyond_the_head_are_no_reason_to_pass() -> None:
    vocabulary = cn.Vocabulary([bytes([i]) for i in range(256)] + [None] * 4, 256)
    processor = ConstrainedLogitsProcessor(cn.compile(cn.regex("[ab]"), vocabulary))
    masked = processor(torch.tensor([[1, 2]]), torch.zeros(1, 257))
    assert torch.isfinite(masked).nonzero()[:, 1].tolist() == [97, 98]


def test_made_from_a_tokenizer(tmp_path: Path) -> None:
    tokenizer = tiny_tokenizer()
    (tmp_path / "ab.lark").write_text('start: "a" "b"', encoding="utf-8")
    sources: list[dict[str, Any]] = [
        {"schema": {"const": "ab"}},
        {"regex": "ab"},
        {"grammar": tmp_path / "ab.lark"},
        {"grammar": cn.choice(["ab"])},
    ]
    for source in sources:
        for make in (ConstrainedLogitsProcessor, ConstrainedLogitsProcessor.from_tokenizer):
            first = allowed(make(tokenizer, **source), ids("Hello"))[0]
            assert ('"' if "schema" in source else "a") in first and "b" not in first
    several = ConstrainedLogitsProcessor(tokenizer, regex="ab", eos_token_ids=[PAD])
    assert set(several.vocabulary.eos_token_ids) == {EOS, PAD}
    assert vocabulary_of(tokenizer) is vocabulary_of(tokenizer)


def test_wrong_arguments() -> None:
    tokenizer, ab = tiny_tokenizer(), constraint("ab")
    with pytest.raises(TypeError, match="exactly one of"):
        ConstrainedLogitsProcessor(tokenizer)
    with pytest.raises(TypeError, match="exactly one of"):
        ConstrainedLogitsProcessor(tokenizer, regex="a", schema={})
    with pytest.raises(TypeError, match="go with a tokenizer"):
        ConstrainedLogitsProcessor(ab, regex="a")
    with pytest.raises(TypeError, match="a grammar has no tokens yet"):
        ConstrainedLogitsProcessor(cn.regex("a"))
    for no_tokenizer in ("gpt2", object()):
        with pytest.raises(TypeError, match="a tokenizer is needed, not"):
            ConstrainedLogitsProcessor(no_tokenizer, regex="a")
    with pytest.raises(TypeError, match="ids are numbers, not '</s>'"):
        ConstrainedLogitsProcessor(tokenizer, regex="a", eos_token_ids="</s>")  # type: ignore[arg-type]
    for count in (-1, 2.5):
        with pytest.raises(ValueError, match=f"max_new_tokens is a number of tokens, not {count}"):
            ConstrainedLogitsProcessor(ab, max_new_tokens=count)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="str is not one"):
        ConstrainedLogitsProcessor(["ab"])
    with pytest.raises(ValueError, match="there is no constraint"):
        ConstrainedLogitsProcessor([None, None])
    other = cn.compile(cn.regex("a"), cn.Vocabulary([b"a"], 1, size=2))
    with pytest.raises(ValueError, match="different vocabularies"):
        ConstrainedLogitsProcessor([ab, other])


def test_copies_share_constraints_and_nothing_else(steps: Any) -> None:
    prompt = ids("Hello")
    allowed(steps, prompt)
    twin = copy.deepcopy(steps)
    assert twin.constraints[0] is steps.constraints[0]
    assert allowed(steps, plus(prompt, "a")) == ["cd"]
    assert allowed(twin, plus(prompt, "a")) == ["ab"]
