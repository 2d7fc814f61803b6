"""Masks of random languages over random vocabularies (``tests.spelling_cases``, ``tests.spelling_open_cases``)."""

from __future__ import annotations

from tests import spelling_open_cases
from tests.spelling_cases import check


def test_masks_are_what_sequences_of_tokens_complete() -> None:
    kinds = {check(seed) for seed in range(250)}
    for kind in ("bytes", "characters", "anything"):
        for outcome in ("everything is", "something is", "nothing is"):
            assert f"{kind}: {outcome} spelt" in kinds


def test_masks_of_endless_languages_lead_to_the_end() -> None:
    outcomes = {spelling_open_cases.check(seed) for seed in range(30)}
    assert {"some texts are spelt", "others are spelt", "nothing is spelt"} <= outcomes
