"""Why a way lost answers: what the model wanted to write where, and was not allowed to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any

from benchmarks.quality.model import Loaded
from benchmarks.quality.report import FREE, Records, names_of
from benchmarks.timing import table

__all__ = ["detours", "losses"]

SHOWN = 6  # detours of a text that are shown
BLANKS = " \t\r\n"
MARKS = '{}[]:,"'


def kind_of(detour: dict[str, Any], spell: Callable[[int], str], ends: tuple[int, ...]) -> str:
    """What the model was kept from: beginning or ending otherwise, another layout, or something else."""
    wanted = spell(detour["wanted"])
    if detour["step"] == 0:
        return "beginning"
    if detour["wanted"] in ends:
        return "end"
    if not wanted.strip(BLANKS + MARKS):
        return "layout"
    return "other"


KINDS = ("beginning", "layout", "end", "other")


def detours(records: Records, loaded: Loaded) -> str:
    """For each way: how often the first choice of the model was masked out, and how its tokens are cut."""
    spell, ends = _speller(loaded), loaded.vocabulary.eos_token_ids
    lines = []
    for name in names_of(records):
        texts = [record["ways"][name] for record in records if name in record["ways"]]
        kinds = Counter(kind_of(one, spell, ends) for text in texts for one in text["detours"])
        masked = [1 - one["allowed"] for text in texts for one in text["detours"]]
        tokens = sum(len(text["tokens"]) for text in texts)
        otherwise = sum(cut_otherwise(text["tokens"], loaded) for text in texts)
        mean = f"{sum(masked) / len(masked):.2f}" if masked else "-"
        figures = [f"{kinds[kind] / len(texts):.2f}" for kind in KINDS]
        lines.append([name, *figures, mean, f"{100 * otherwise / max(tokens, 1):.1f} %"])
    header = ("detours a text", *KINDS, "probability masked out", "tokens cut otherwise")
    return table(header, lines)


def cut_otherwise(tokens: list[int], loaded: Loaded) -> int:
    """How many tokens of a text end where none would if the tokenizer had cut it."""
    made = loaded.tokenizer.encode(loaded.text(tokens), add_special_tokens=False)
    return len(_cuts(tokens, loaded) - _cuts(made, loaded))


def _cuts(tokens: list[int], loaded: Loaded) -> set[int]:
    return set(accumulate(len(loaded.vocabulary.tokens[token] or b"") for token in tokens))


def losses(records: Records, loaded: Loaded, name: str, rival: str = FREE) -> Iterator[str]:
    """The texts of which ``name`` has fewer fields right than ``rival``, with the detours on the way."""
    spell = _speller(loaded)
    for number, record in enumerate(records):
        found, other = record["ways"].get(name), record["ways"].get(rival)
        if not found or not other or found["score"][0] >= other["score"][0]:
            continue
        task = record["task"]
        yield f"{number}. {task['family']}, {task['layout']}: {task['answer']}"
        for way, text in ((rival, other), (name, found)):
            yield f"   {way} ({text['score'][0]} of {text['score'][1]}): {text['text']!r}"
        for one in found["detours"][:SHOWN]:
            before = loaded.text(found["tokens"][: one["step"]])[-24:]
            yield (
                f"      behind {before!r}: wanted {spell(one['wanted'])!r} ({one['wanted_share']:.2f}), took "
                f"{spell(one['taken'])!r} ({one['taken_share']:.3f}, {one['better']} better); "
                f"{1 - one['allowed']:.2f} masked out"
            )


def _speller(loaded: Loaded) -> Callable[[int], str]:
    def spell(token: int) -> str:
        return (loaded.vocabulary.tokens[token] or b"<special>").decode("utf-8", "replace")

    return spell
