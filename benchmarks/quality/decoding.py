"""One greedy loop for all ways of writing, in which common prefixes of texts are written once.

Each prompt is read once. At every step each way masks the same scores and takes the best token that is left; ways that
have written the same tokens after a prompt share a row of the batch, so that they see the very same scores. The time
that masks take is counted for each way, apart from that of the model.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.engines.base import Session

__all__ = ["Detour", "Job", "Written", "write"]


@dataclass(frozen=True)
class Job:
    """A prompt, and how to answer it.

    Attributes:
        prompt: its tokens.
        ways: a cursor for each way by its name; None where nothing is masked.
        enough: whether tokens that were written freely hold the answer, so that the rest need not be written.
    """

    prompt: Sequence[int]
    ways: Mapping[str, Session | None]
    enough: Callable[[list[int]], bool]


@dataclass(frozen=True)
class Detour:
    """A step at which the token that the model preferred was masked out.

    Attributes:
        step: how many tokens had been written.
        wanted: the token that the model preferred, with its probability.
        taken: the best that was allowed, with its probability and how many were better.
        allowed: the probability of all that was allowed.
    """

    step: int
    wanted: int
    wanted_share: float
    taken: int
    taken_share: float
    better: int
    allowed: float


@dataclass
class Written:
    """What a way wrote: tokens without the one that ends the text.

    Attributes:
        stopped: whether the text ended before the limit, by itself or because it was enough.
        seconds: in masks and in committing tokens.
        failure: what went wrong in the engine, or ``""``.
    """

    tokens: list[int] = field(default_factory=list)
    stopped: bool = False
    seconds: float = 0.0
    failure: str = ""
    detours: list[Detour] = field(default_factory=list)


@dataclass
class _Row:
    """A row of the batch: the ways that have written the same tokens for a job."""

    job: int
    names: list[str]


@torch.inference_mode()
def write(model: Any, jobs: Sequence[Job], limit: int, ends: Collection[int]) -> list[dict[str, Written]]:
    """What each way of each job writes, in at most ``limit`` tokens; a token of ``ends`` ends a text."""
    texts = [{name: Written() for name in job.ways} for job in jobs]
    rows = [_Row(index, list(job.ways)) for index, job in enumerate(jobs)]
    read, attention = _read_prompts(model, [job.prompt for job in jobs])
    cache = read.past_key_values
    for _ in range(limit):
        children = _children(rows, read.logits[:, -1].float().numpy(), jobs, texts, ends)
        if not children:
            break
        parents = torch.tensor([row for row, _ in children])
        cache.batch_select_indices(parents)
        attention = torch.nn.functional.pad(attention[parents], (0, 1), value=1)
        rows = [_Row(rows[row].job, names) for (row, _), names in children.items()]
        read = model(
            input_ids=torch.tensor([[token] for _, token in children]),
            attention_mask=attention,
            position_ids=attention.sum(1, keepdim=True) - 1,
            past_key_values=cache,
            use_cache=True,
        )
    return texts


def _read_prompts(model: Any, prompts: Sequence[Sequence[int]]) -> tuple[Any, torch.Tensor]:
    """Prompts, padded on the left."""
    longest = max(map(len, prompts))
    ids = torch.zeros((len(prompts), longest), dtype=torch.long)
    attention = torch.zeros_like(ids)
    for row, prompt in enumerate(prompts):
        ids[row, longest - len(prompt) :] = torch.tensor(list(prompt))
        attention[row, longest - len(prompt) :] = 1
    places = (attention.cumsum(1) - 1).clamp(min=0)
    read = model(
        input_ids=ids, attention_mask=attention, position_ids=places, use_cache=True, logits_to_keep=1
    )
    return read, attention


def _children(
    rows: list[_Row],
    scores: NDArray[np.float32],
    jobs: Sequence[Job],
    texts: list[dict[str, Written]],
    ends: Collection[int],
) -> dict[tuple[int, int], list[str]]:
    """The ways that go on, by the row that they come from and the token that they write."""
    children: dict[tuple[int, int], list[str]] = {}
    for index, row in enumerate(rows):
        job = jobs[row.job]
        for name in row.names:
            token = _step(texts[row.job][name], job, job.ways[name], scores[index], ends)
            if token is not None:
                children.setdefault((index, token), []).append(name)
    return children


def _step(
    text: Written, job: Job, session: Session | None, scores: NDArray[np.float32], ends: Collection[int]
) -> int | None:
    """Choose a token and note it; None if the text ends here."""
    token = int(scores.argmax())
    if session is not None:
        start = time.thread_time()
        session.fill()
        text.seconds += time.thread_time() - start
        bits = np.unpackbits(session.row.view(np.uint8), bitorder="little")[: len(scores)].astype(bool)
        if not bits.any():
            text.failure = session.failure() or "no token is allowed"
            return None
        if not bits[token]:
            wanted, token = token, int(np.where(bits, scores, -np.inf).argmax())
            text.detours.append(_detour(len(text.tokens), wanted, token, scores, bits))
    if token in ends:
        text.stopped = True
        return None
    text.tokens.append(token)
    if session is None:
        text.stopped = job.enough(text.tokens)
        return None if text.stopped else token
    start = time.thread_time()
    accepted = session.commit(token)
    text.seconds += time.thread_time() - start
    if accepted is False:
        text.failure = session.failure() or "a token of the mask is refused"
        return None
    return token


def _detour(
    step: int, wanted: int, taken: int, scores: NDArray[np.float32], bits: NDArray[np.bool_]
) -> Detour:
    shares = np.exp(scores.astype(np.float64) - scores.max())
    shares /= shares.sum()
    better = int((scores > scores[taken]).sum())
    wanted_share, taken_share, allowed = (
        float(f"{share:.4g}") for share in (shares[wanted], shares[taken], shares[bits].sum())
    )
    return Detour(step, wanted, wanted_share, taken, taken_share, better, allowed)
