"""The tables of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import comb
from typing import Any

from benchmarks.timing import table

__all__ = ["FREE", "Records", "report"]

Records = Sequence[dict[str, Any]]  # as the command writes them, a record for each task

FREE = "free"
DEFAULT = "constrain"


def report(records: Records) -> str:
    """Everything there is to say about a run, in Markdown."""
    json_records = [record for record in records if record["task"]["kind"] == "schema"]
    others = [record for record in records if record["task"]["kind"] != "schema"]
    sections = []
    if json_records:
        sections += [
            "## JSON: right fields\n\n" + _right(json_records),
            "## JSON: texts\n\n" + _texts(json_records),
            "## JSON: which way is better\n\n" + _duels(json_records),
            "## JSON: by the layout of the prompt\n\n" + _by_layout(json_records),
        ]
    if others:
        sections += [
            "## One of twenty, and texts of a pattern\n\n" + _right(others) + "\n\n" + _texts(others)
        ]
    return "\n\n".join(sections)


def names_of(records: Records) -> list[str]:
    """The ways of a run."""
    return list(dict.fromkeys(name for record in records for name in record["ways"]))


def _distinct(records: Records, key: Callable[[dict[str, Any]], Any]) -> list[Any]:
    return list(dict.fromkeys(key(record["task"]) for record in records))


def _score(records: Iterable[dict[str, Any]], name: str) -> tuple[int, int]:
    scores = [record["ways"][name]["score"] for record in records]
    return sum(right for right, _ in scores), sum(count for _, count in scores)


def _right(records: Records) -> str:
    """Right fields, a row for each way, a column for each family."""
    families = _distinct(records, lambda task: task["family"])
    parts = [[record for record in records if record["task"]["family"] == family] for family in families]
    heads = [f"{family} ({_score(part, FREE)[1]})" for family, part in zip(families, parts, strict=True)]
    lines = []
    for name in names_of(records):
        right, count = _score(records, name)
        figures = [str(_score(part, name)[0]) for part in parts]
        lines.append([name, *figures, str(right), f"{100 * right / count:.1f} %"])
    return table(["", *heads, f"all ({_score(records, FREE)[1]})", "share"], lines)


def _texts(records: Records) -> str:
    """What else there is to say of each way."""
    lines = []
    for name in names_of(records):
        found = [record["ways"][name] for record in records]
        tokens = sum(len(one["tokens"]) for one in found)
        whole = sum(one["score"][0] == one["score"][1] for one in found)
        seconds = sum(one["seconds"] for one in found)
        masks = "-" if name == FREE else f"{1e6 * seconds / max(tokens, 1):.0f}"
        counts = [whole, *[sum(bool(one[key]) for one in found) for key in ("read", "valid")]]
        cut = sum(not one["stopped"] for one in found)
        failed = sum(bool(one["failure"]) for one in found)
        lines.append([name, *map(str, counts), str(cut), str(failed), f"{tokens / len(found):.1f}", masks])
    header = (
        f"of {len(records)} texts",
        "all right",
        "read",
        "valid",
        "cut short",
        "failed",
        "tokens a text",
    )
    return table((*header, "us a token in masks"), lines)


def _duels(records: Records) -> str:
    """Each way against free writing and against the default: fields more and fewer, and how likely by chance."""
    lines = []
    for name in names_of(records):
        line = [name]
        for rival in (FREE, DEFAULT):
            if name == rival:
                line += ["", "", ""]
                continue
            gains = [
                record["ways"][name]["score"][0] - record["ways"][rival]["score"][0] for record in records
            ]
            better, worse = sum(gain > 0 for gain in gains), sum(gain < 0 for gain in gains)
            line += [f"{sum(gains):+}", f"{better} : {worse}", f"{_by_chance(better, worse):.2g}"]
        lines.append(line)
    header = [
        "",
        f"fields to {FREE}",
        "texts better : worse",
        "p",
        f"fields to {DEFAULT}",
        "better : worse",
        "p",
    ]
    return table(header, lines)


def _by_chance(better: int, worse: int) -> float:
    """The probability of so uneven a result or a more uneven one, if both were as likely (sign test)."""
    count, less = better + worse, min(better, worse)
    return min(1.0, sum(comb(count, k) for k in range(less + 1)) / 2 ** (count - 1)) if count else 1.0


def _by_layout(records: Records) -> str:
    """Right fields, a row for each family and layout, a column for each way."""
    names = names_of(records)
    lines = []
    for family, layout in _distinct(records, lambda task: (task["family"], task["layout"])):
        part = [
            record
            for record in records
            if (record["task"]["family"], record["task"]["layout"]) == (family, layout)
        ]
        count = str(_score(part, FREE)[1])
        lines.append([f"{family}: {layout}", count, *[str(_score(part, name)[0]) for name in names]])
    return table(["", "fields", *names], lines)
