"""Constraints in continuous batching of transformers: one for each request, or none for a free request.

    from constrain.integrations.continuous_batching import generate_batch

    outputs = generate_batch(model, prompts, [constraint, None, another], max_new_tokens=200)

or, with a manager of your own::

    with_constraints(manager, vocabulary)  # before manager.start()
    add_request(manager, input_ids, constraint, max_new_tokens=200)

Logits processors given to ``generate(cache_implementation="paged")`` or to ``model.generate_batch`` are not called by
transformers, and ``ConstrainedLogitsProcessor`` is no exception. This module uses the manager's own processing of the
scores of each request instead.

The forward pass, the masks and the choice of tokens may be one CUDA graph. Masks are therefore written to one buffer in
pinned memory, from which the graph copies whenever it runs. The next batch must not be prepared meanwhile, so
asynchronous batching is refused.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Sequence
from typing import Any

import torch
from transformers import ContinuousBatchingConfig
from transformers.generation.continuous_batching.cb_logits_processors import ContinuousBatchingLogitsProcessor
from transformers.generation.continuous_batching.utils import WorkloadHints

import constrain as cn
from constrain.integrations.logits import apply_bitmask
from constrain.integrations.prompts import check_counts
from constrain.integrations.row_states import Cursor, in_row
from constrain.masks.bits.bitmask import words

__all__ = ["ConstrainedRequests", "add_request", "generate_batch", "with_constraints"]


class ConstrainedRequests(ContinuousBatchingLogitsProcessor):
    """Masks the scores of the requests that were added with a ``constraint``, and perhaps with ``max_tokens``, a
    budget.

    Attributes:
        vocabulary: the vocabulary of all constraints.
    """

    def __init__(self, vocabulary: cn.Vocabulary, most: int, pinned: bool) -> None:
        """Masks for batches of up to ``most`` requests, in pinned memory where the model is on a GPU."""
        self.supported_kwargs = {"constraint": cn.Constraint, "max_tokens": int}
        self.ignored_kwargs = ()
        self.vocabulary = vocabulary
        self._masks = torch.zeros((most, words(vocabulary.size)), dtype=torch.int32, pin_memory=pinned)
        self._rows = self._masks.numpy()
        self._cursors: dict[int, tuple[Any, Cursor]] = {}
        self._failed: set[int] = set()

    def fill_defaults(self, int32_tensor: torch.Tensor) -> None:
        """Requests that only pad a batch are free."""
        int32_tensor.fill_(0)

    def prepare_tensor_args(self, requests_with_new_token: Sequence[Any]) -> torch.Tensor:
        """Write the masks of a batch; return for each request 1 if it is constrained, else 0.

        Raises:
            ValueError: a constraint is for another vocabulary.
            BudgetError: a request was added with fewer ``max_tokens`` than its shortest text takes.
        """
        cursors, marks = {}, []
        for row, request in enumerate(requests_with_new_token):
            state = request.state
            constraint = state.logit_processor_kwargs.get("constraint")
            marks.append(int(constraint is not None))
            if constraint is not None:
                cursor = self._cursor(state, constraint)
                cursor.fill_mask(self._rows, row)
                if cursor.failure is not None and id(state) not in self._failed:
                    self._failed.add(id(state))
                    warnings.warn(
                        f"request {state.request_id} was ended before its text was complete: {cursor.failure}",
                        stacklevel=2,
                    )
                cursors[id(state)] = (state, cursor)
        self._cursors = cursors
        self._failed &= cursors.keys()
        return torch.tensor(marks, dtype=torch.int32)

    def _cursor(self, state: Any, constraint: cn.Constraint) -> Cursor:
        """Where a request is in its text.

        It is kept from one batch to the next. A request that was not in the last batch, or that is a copy, is read from
        its beginning, at 0.2 us per token.
        """
        known = self._cursors.get(id(state))
        if known is None:
            if constraint.vocabulary is not self.vocabulary and constraint.vocabulary != self.vocabulary:
                raise ValueError(f"the constraint of request {state.request_id} is for another vocabulary")
            known = (state, Cursor(constraint, 0, state.logit_processor_kwargs.get("max_tokens")))
        cursor = known[1]
        for token in _generated(state)[cursor.position :]:
            cursor.read(token)
        return cursor

    def __call__(self, scores: torch.Tensor, tensor_arg: torch.Tensor) -> torch.Tensor:
        """Masked scores, a new tensor; ``[B, width]``, where B may exceed the requests of the batch."""
        count = len(scores)
        masks = self._masks[:count].to(scores.device, non_blocking=True)
        return apply_bitmask(scores, masks, self.vocabulary.size, tensor_arg[:count] != 0)


def _generated(state: Any) -> list[int]:
    """The tokens of a request's text. For a request that was put back in the queue, they are at the end of its
    prompt."""
    prompt: int = state._true_initial_tokens
    before: list[int] = state.initial_tokens[prompt:] if prompt else []
    return before + state.generated_tokens


def with_constraints(manager: Any, vocabulary: cn.Vocabulary) -> ConstrainedRequests:
    """Let requests of ``manager`` be added with ``constraint=``, a constraint on ``vocabulary``.

    Args:
        manager: what ``model.init_continuous_batching`` returns, not started and not warmed up.
        vocabulary: the vocabulary of the model's tokenizer.

    Raises:
        ValueError: the manager works asynchronously.
        RuntimeError: the manager has begun its work, or has been given constraints before.
    """
    config, processors = manager.continuous_batching_config, manager.logit_processor
    if config.use_async_batching:
        raise ValueError(
            "constraints need each token before the next batch is prepared: "
            "pass ContinuousBatchingConfig(use_async_batching=False)"
        )
    if manager.batch_processor is not None or manager.is_running():
        raise RuntimeError("give a manager its constraints before it is started or warmed up")
    if any(isinstance(processor, ConstrainedRequests) for processor in processors.logits_processor):
        raise RuntimeError("this manager has been given constraints before")
    device = manager.model.device
    ours = ConstrainedRequests(vocabulary, config.max_requests_per_batch, device.type == "cuda")
    # Before temperature, top-k and top-p, so that these choose among what is allowed.
    processors.logits_processor.insert(0, ours)
    processors.tensors_required += 1
    processors.supported_keys.update(ours.supported_kwargs)
    processors.do_processing = True
    return ours


def add_request(
    manager: Any,
    input_ids: Sequence[int],
    constraint: cn.Constraint | None,
    *,
    max_new_tokens: int | None = None,
    budget: bool = False,
    **options: Any,
) -> str | None:
    """``manager.add_request`` with a constraint, for a manager that has been passed to ``with_constraints``.

    Args:
        input_ids: token ids of the prompt.
        constraint: None for a free request.
        max_new_tokens: by default the value of the generation config.
        budget: the text is complete when ``max_new_tokens`` are written; without it, it may be cut there.
        options: options of ``manager.add_request``.

    Returns:
        The id of the request.

    Raises:
        BudgetError: with ``budget``, if the shortest text takes more tokens. The request has not been added.
        ValueError: with ``budget``, if there is no number of tokens.
    """
    check_counts(max_new_tokens=max_new_tokens)
    most = manager.generation_config.max_new_tokens if max_new_tokens is None else max_new_tokens
    ours = _ours(constraint, most, budget)
    name: str | None = manager.add_request(list(input_ids), max_new_tokens=max_new_tokens, **ours, **options)
    return name


def _ours(constraint: cn.Constraint | None, most: int | None, budget: bool) -> dict[str, Any]:
    """Our options of a request, after a check that ``most`` tokens are enough."""
    if constraint is None:
        return {}
    if not budget:
        return {"constraint": constraint}
    if most is None:
        raise ValueError("a budget needs max_new_tokens")
    constraint.matcher(most)
    return {"constraint": constraint, "max_tokens": most}


def generate_batch(
    model: Any,
    inputs: Sequence[Sequence[int]],
    constraints: Sequence[cn.Constraint | None],
    *,
    generation_config: Any = None,
    continuous_batching_config: ContinuousBatchingConfig | None = None,
    max_new_tokens: int | Sequence[int | None] | None = None,
    budget: bool = False,
) -> list[Any]:
    """``model.generate_batch`` with a constraint for each prompt, or None for a free one.

    Args:
        inputs: token ids of the prompts.
        generation_config: sampling and its options; the model's own if not given.
        max_new_tokens: for all prompts, or a list with one for each; by default the value of the generation config.
        budget: each text is complete when its ``max_new_tokens`` are written; without it, it may be cut there.

    Returns:
        A ``GenerationOutput`` of transformers for each prompt, in their order.

    Raises:
        ValueError: there are not as many constraints or ``max_new_tokens`` as prompts, several sequences are requested,
            or the configuration requests asynchronous batching.
        BudgetError: with ``budget``, if the shortest text of a prompt takes more tokens; before any is generated.
        RuntimeError: a request failed.
    """
    given = [constraint for constraint in constraints if constraint is not None]
    if len(inputs) != len(constraints) or not given:
        raise ValueError(
            f"{len(constraints)} constraints, {len(given)} of them not None, for {len(inputs)} prompts"
        )
    generation_config = generation_config or model.generation_config
    if (generation_config.num_return_sequences or 1) != 1:
        raise ValueError("ask for one sequence a prompt, and repeat prompts of which you want several")
    check_counts(max_new_tokens=max_new_tokens)
    numbers = list(max_new_tokens) if isinstance(max_new_tokens, Sequence) else [max_new_tokens] * len(inputs)
    if len(numbers) != len(inputs):
        raise ValueError(f"{len(numbers)} max_new_tokens for {len(inputs)} prompts")
    default = generation_config.max_new_tokens
    numbers = [default if most is None else most for most in numbers]
    ours = [
        in_row(row if len(inputs) > 1 else None, _ours, constraint, most, budget)
        for row, (constraint, most) in enumerate(zip(constraints, numbers, strict=True))
    ]
    manager = model.init_continuous_batching(
        generation_config,
        _synchronous(continuous_batching_config),
        WorkloadHints(max(map(len, inputs)), max(most or 0 for most in numbers), len(inputs)),
    )
    with_constraints(manager, given[0].vocabulary)
    manager.start()
    try:
        names = [
            manager.add_request(list(prompt), max_new_tokens=most, **options)
            for prompt, most, options in zip(inputs, numbers, ours, strict=True)
        ]
        results = _results(manager, len(names))
    finally:
        manager.stop(block=True)
        manager.destroy()
    return [results[name] for name in names]


def _results(manager: Any, count: int) -> dict[str, Any]:
    results: dict[str, Any] = {}
    while len(results) < count:
        result = manager.get_result(timeout=1)
        if result is not None and result.is_finished():
            if result.error is not None:
                raise RuntimeError(f"request {result.request_id} failed: {result.error}")
            results[result.request_id] = result
        elif result is None and not manager.is_running():
            raise RuntimeError("continuous batching ended before all requests did; its log tells why")
    return results


def _synchronous(config: ContinuousBatchingConfig | None) -> ContinuousBatchingConfig:
    """``config``, synchronous unless it says otherwise."""
    config = config or ContinuousBatchingConfig()
    return dataclasses.replace(config, use_async_batching=bool(config.use_async_batching))
