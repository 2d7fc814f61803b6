"""Masks of random small languages over random vocabularies, against an exhaustive search (``tests.spelling_cases``)."""

from __future__ import annotations

from tests.spelling_cases import check


def test_masks_are_what_sequences_of_tokens_complete() -> None:
    kinds = {check(seed) for seed in range(250)}
    for kind in ("bytes", "characters", "anything"):
        for outcome in ("everything is", "something is", "nothing is"):
            assert f"{kind}: {outcome} spelt" in kinds
