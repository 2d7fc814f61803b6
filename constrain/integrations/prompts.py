"""Options of a batch: one for all prompts, or a list with one for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["check_counts", "shared_out", "spread"]


def spread(**options: Any) -> dict[str, tuple[Any, ...]]:
    """Each option as a tuple, all of the same length; an option that is not a list or tuple is for every prompt.

    Raises:
        ValueError: two lists differ in length, or one is empty.
    """
    listed = {name: value for name, value in options.items() if isinstance(value, (list, tuple))}
    lengths = {name: len(value) for name, value in listed.items() if len(value) != 1}
    if len(set(lengths.values())) > 1 or 0 in lengths.values():
        given = " and ".join(f"{count} {name}" for name, count in lengths.items())
        raise ValueError(f"{given}: give one for all, or one for each prompt")
    count = max(lengths.values(), default=1)
    return {
        name: tuple(listed[name]) * (count // len(listed[name])) if name in listed else (value,) * count
        for name, value in options.items()
    }


def check_counts(**counts: Any) -> None:
    """Refuse values that are not numbers of tokens; each option is a number, None, or several of these.

    Raises:
        ValueError: says which.
    """
    for name, given in counts.items():
        for count in given if isinstance(given, (list, tuple)) else (given,):
            if count is not None and (not isinstance(count, int) or isinstance(count, bool) or count < 0):
                raise ValueError(f"{name} is a number of tokens, not {count!r}")


def shared_out(given: Sequence[Any], rows: int, name: str) -> list[Any]:
    """One of ``given`` for each of ``rows``, in runs.

    Raises:
        ValueError: the rows cannot be divided evenly among them.
    """
    if not given or rows % len(given):
        raise ValueError(
            f"{len(given)} {name} do not go with {rows} rows: "
            "give one for all, or one for each prompt (None where a row is free)"
        )
    return [given[row * len(given) // rows] for row in range(rows)]
