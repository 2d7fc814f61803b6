"""Answers of a model to all questions in all ways, kept as they are made."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.quality import reading, ways
from benchmarks.quality.decoding import Job, Written, write
from benchmarks.quality.model import Loaded
from benchmarks.quality.report import FREE
from benchmarks.quality.task import Task

__all__ = ["Kept", "Writer", "batches"]


class Writer:
    """Writes the answers of a model, freely and in the ways that are named."""

    def __init__(self, loaded: Loaded, names: Sequence[str], limit: int) -> None:
        self.loaded, self.limit = loaded, limit
        self.made = {name: ways.make(name, loaded, limit) for name in names}

    def names(self, task: Task) -> list[str]:
        """The ways that a task is answered in."""
        every = task.kind == "schema"
        return [FREE, *[name for name in self.made if every or name in ways.OF_ANY_FORM]]

    def write(self, some: Sequence[Task]) -> list[dict[str, Any]]:
        """A record for each task: the task, and by way what was written and what it is worth."""
        jobs = [self._job(task) for task in some]
        texts = write(self.loaded.model, jobs, self.limit, self.loaded.vocabulary.eos_token_ids)
        return [self._record(task, written) for task, written in zip(some, texts, strict=True)]

    def _job(self, task: Task) -> Job:
        sessions = {name: self.made[name](task) if name != FREE else None for name in self.names(task)}
        enough = partial(self._is_enough, task=task)
        return Job(self.loaded.prompt(task.prompt), sessions, enough)

    def _is_enough(self, tokens: list[int], task: Task) -> bool:
        return reading.is_answered(self.loaded.text(tokens), task)

    def _record(self, task: Task, written: dict[str, Written]) -> dict[str, Any]:
        found = {}
        for name, text in written.items():
            said = self.loaded.text(text.tokens)
            value = reading.read(said, task)
            found[name] = {
                **asdict(text),
                "text": said,
                "read": value is not reading.NOTHING,
                "valid": reading.is_valid(said, task),
                "score": reading.score(value, task.answer),
            }
        return {"task": asdict(task), "limit": self.limit, "ways": found}


class Kept:
    """Records in a compressed file, one a line. Such files may be joined as they are."""

    def __init__(self, path: Path) -> None:
        self.path = path
        lines: list[str] = []
        if path.exists():
            with gzip.open(path, "rt", encoding="utf-8") as file:
                lines = file.readlines()
        self._known = {
            self._key(record["task"], record["limit"]): record for record in map(json.loads, lines)
        }

    @staticmethod
    def _key(task: dict[str, Any], limit: int) -> str:
        return json.dumps([task, limit], sort_keys=True)

    def find(self, task: Task, writer: Writer) -> dict[str, Any] | None:
        """The record of ``task``, if there is one with every way of ``writer``; those alone are in it."""
        record = self._known.get(self._key(asdict(task), writer.limit))
        names = writer.names(task)
        if record is None or not set(names) <= record["ways"].keys():
            return None
        return {**record, "ways": {name: record["ways"][name] for name in names}}

    def add(self, records: Sequence[dict[str, Any]]) -> None:
        with gzip.open(self.path, "at", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in records)
        self._known |= {self._key(record["task"], record["limit"]): record for record in records}


def batches(some: Sequence[Task], size: int) -> Iterator[list[Task]]:
    """Tasks that are answered together: of one family, so that prompts are about as long."""
    for family in dict.fromkeys(task.family for task in some):
        alike = [task for task in some if task.family == family]
        for first in range(0, len(alike), size):
            yield alike[first : first + size]
