"""A decoding loop for causal models of transformers that does not ask the model for forced text.

    from constrain.integrations.generation import generate

    written = generate(model, tokenizer(prompt, return_tensors="pt"), constraint, max_new_tokens=200)
    written.sequences, written.saved_passes

When should I use this? Where much of a text follows from its constraint: the keys and punctuation of records,
values of one choice. Such tokens go to the model in one pass, along with the next token that the model chooses.
Everything else is done by ``model.generate``: its options, processors, warpers and stopping criteria are used; only its
loop is replaced.

A batch is decoded together. Rows come to forced text at different times, so their inputs differ in width;
it is padded on the left, and the padding is masked in the cache, where it stays. Processors, choice and criteria
see one row at a time, with the ids that ``generate`` would show them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from inspect import signature
from typing import TYPE_CHECKING, Any

import torch
from transformers import DynamicCache, LogitsProcessor
from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

import constrain as cn
from constrain.integrations.logits import apply_bitmask, unusable_rows
from constrain.integrations.prompts import check_counts, shared_out
from constrain.integrations.row_states import in_row

if TYPE_CHECKING:
    from constrain.vocabulary.selftest import Encode

__all__ = ["Generated", "generate"]

Constraints = cn.Constraint | Sequence[cn.Constraint | None]


@dataclass(frozen=True)
class Generated:
    """What has been generated, and what it took.

    Attributes:
        sequences: ``[B, length]``, prompts and what follows them, padded on the right, as ``model.generate`` returns
            them.
        passes: forward passes of the model, including the one for the prompt.
        steps: the number of passes that ``model.generate`` would have taken: the tokens of the longest row.
        forced: for each row, the number of its tokens that the model was not asked for.
        failures: rows that were ended, incomplete, because a limit on work was hit, and why.
    """

    sequences: torch.Tensor
    passes: int
    steps: int
    forced: tuple[int, ...]
    failures: Mapping[int, cn.WorkLimitExceeded] = field(default_factory=dict)

    @property
    def saved_passes(self) -> int:
        """The additional forward passes that ``model.generate`` would have taken."""
        return self.steps - self.passes


def generate(
    model: Any,
    inputs: Mapping[str, torch.Tensor] | torch.Tensor,
    constraints: Constraints,
    *,
    budget: bool = False,
    encode: Encode | None = None,
    generator: torch.Generator | None = None,
    streamer: Any = None,
    **options: Any,
) -> Generated:
    """``model.generate`` under constraints, without asking the model for forced text.

    Forced tokens are those that the tokenizer itself would write (``Matcher.forced_tokens``), and a token that is the
    only allowed one, such as an end of sequence. Logits processors do not see them; stopping criteria see all of them.
    Where the model would have cut forced text differently from its tokenizer, the output differs from that of
    ``model.generate``; elsewhere greedy outputs are the same, up to rounding.

    Args:
        model: a causal model of transformers, with a cache of keys and values.
        inputs: what the tokenizer returned, or ids ``[B, length]``; padded on the left.
        constraints: one for all rows, or one for each run of ``rows / len(constraints)`` rows; None leaves rows free.
        budget: each text is complete when its ``max_new_tokens`` are written; without it, it may be cut there.
        encode: a function from text to ids, without special tokens; by default the vocabulary's, if it has one.
        generator: the random generator for sampling; by default torch's own.
        streamer: a streamer of transformers, for one row.
        options: options of ``model.generate``: ``max_new_tokens``, ``do_sample``, ``temperature``, ``top_k``,
            ``top_p``, ``repetition_penalty``, ``stopping_criteria`` and so on. The modes are greedy search and
            sampling. ``max_new_tokens`` may be a list, with a number for each prompt.

    Raises:
        ValueError: an option asks for another mode or cache, rows and constraints do not go together, or no
            ``encode`` is known.
        TypeError: ``inputs`` or ``constraints`` are something else.
        BudgetError: with ``budget``, if the shortest text of a row takes more tokens; before the model is asked.
        ScoreError: an allowed token of a row has a score of nan or +inf.
    """
    _check_options(model, options)
    if not isinstance(inputs, (Mapping, torch.Tensor)):
        raise TypeError(
            f"inputs are what a tokenizer returns, or a tensor of ids, not a {type(inputs).__name__}"
        )
    given = dict(inputs) if isinstance(inputs, Mapping) else {"input_ids": inputs}
    numbers = options.get("max_new_tokens")
    check_counts(max_new_tokens=numbers)
    most = list(numbers) if isinstance(numbers, (list, tuple)) else None
    if most is not None:
        if not most or None in most:
            raise ValueError(f"max_new_tokens is a number, or a list with one for each prompt, not {most}")
        options["max_new_tokens"] = max(most)
    loop = _Loop(_listed(constraints), most, budget, encode, generator, streamer)
    processors = [*(options.pop("logits_processor", None) or []), loop.mask]
    options |= {"logits_processor": processors, "streamer": streamer, "custom_generate": loop.decoder()}
    model.generate(**given, **options)
    if loop.result is None:
        raise ValueError("this model's generate() does not take a decoding loop: transformers is too old")
    return loop.result


def _listed(constraints: Constraints) -> list[cn.Constraint | None]:
    """One constraint or several as a list.

    Raises:
        TypeError: one is something else.
    """
    found: list[cn.Constraint | None] = [*constraints] if isinstance(constraints, Sequence) else [constraints]
    for one in found:
        if one is not None and not isinstance(one, cn.Constraint):
            raise TypeError(f"constraints are made by constrain.compile(); a {type(one).__name__} is not one")
    return found


class _Mask(LogitsProcessor):
    """Masks the scores of the current row."""

    row: _Row | None = None

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        if self.row is None or self.row.matcher is None:
            return scores
        matcher = self.row.matcher
        size = matcher.constraint.vocabulary.size
        bitmask = cn.allocate_bitmask(1, size)
        matcher.fill_mask(bitmask)
        masked = apply_bitmask(scores, bitmask, size)
        for _, score in unusable_rows(masked):
            raise cn.ScoreError(self.row.number, len(self.row.new), score)
        return masked


@dataclass
class _Row:
    """One sequence: its ids ``[1, length]`` as in ``generate``, and those that the model has not read yet.

    It ends with ``most`` tokens at the latest.
    """

    number: int
    most: int
    ids: torch.Tensor
    unread: list[int]
    matcher: cn.Matcher | None
    stops: Callable[[torch.Tensor, Any], torch.Tensor]
    done: bool = False
    forced: int = 0
    new: list[int] = field(default_factory=list)
    failure: cn.WorkLimitExceeded | None = None

    def go_on(self, step: Callable[[], None]) -> None:
        """Take a step; if a limit on work is hit, the row ends here, and the others go on."""
        try:
            step()
        except cn.WorkLimitExceeded as error:
            self.failure, self.done = error, True
            warnings.warn(f"row {self.number} was ended before its text was complete: {error}", stacklevel=2)

    def append(self, token: int) -> None:
        self.ids = torch.cat([self.ids, self.ids.new_tensor([[token]])], dim=1)
        self.unread.append(token)
        self.new.append(token)
        if self.matcher is not None and not self.matcher.advance(token):
            raise RuntimeError(f"token {token} was chosen and is not allowed")
        ended = self.matcher is not None and self.matcher.stopped
        self.done = ended or len(self.new) >= self.most or bool(self.stops(self.ids, None).all())

    def follow(self, encode: Encode | None) -> None:
        """Append forced tokens."""
        while not self.done and self.matcher is not None:
            tokens = self.matcher.forced_tokens(encode) or _only(self.matcher)
            if not tokens:
                return
            for token in tokens:
                if not self.done:
                    self.append(token)
                    self.forced += 1


def _only(matcher: cn.Matcher) -> list[int]:
    """The only allowed token, if there is just one."""
    bitmask = cn.allocate_bitmask(1, matcher.constraint.vocabulary.size)
    matcher.fill_mask(bitmask)
    [words] = bitmask.view("uint32")
    [places] = words.nonzero()
    if len(places) != 1:
        return []
    word = int(words[places[0]])
    return [] if word & (word - 1) else [32 * int(places[0]) + word.bit_length() - 1]


@dataclass
class _Loop:
    """The loop that replaces that of ``generate``."""

    constraints: list[cn.Constraint | None]
    most: list[int] | None
    budget: bool
    encode: Encode | None
    generator: torch.Generator | None
    streamer: Any
    mask: _Mask = field(default_factory=_Mask)
    result: Generated | None = None

    def decoder(self) -> Callable[..., torch.Tensor]:
        """Run the loop; ``generate`` calls this when all is prepared."""

        def decode(
            model: Any,
            input_ids: torch.Tensor,
            logits_processor: Any,
            stopping_criteria: Any,
            generation_config: Any,
            **model_kwargs: Any,
        ) -> torch.Tensor:
            _check(model, input_ids, generation_config, model_kwargs, self.streamer)
            rows = self.rows(
                input_ids, model_kwargs.get("attention_mask"), stopping_criteria, generation_config
            )
            feed = _Feed(model, model_kwargs, input_ids.device)
            self.run(rows, feed, logits_processor, generation_config.do_sample)
            self.result = _result(rows, feed.passes, _padding(generation_config))
            return self.result.sequences

        return decode

    def rows(self, ids: torch.Tensor, mask: torch.Tensor | None, stops: Any, config: Any) -> list[_Row]:
        length = config.max_length - ids.shape[1]
        constraints = shared_out(self.constraints, len(ids), "constraints")
        numbers = shared_out([length] if self.most is None else self.most, len(ids), "max_new_tokens")
        rows = []
        for i, row in enumerate(ids):
            constraint, most = constraints[i], min(numbers[i], length)
            matcher = None
            if constraint is not None:
                matcher = in_row(
                    i if len(ids) > 1 else None, constraint.matcher, most if self.budget else None
                )
            prompt = row if mask is None else row[mask[i].bool()]
            rows.append(_Row(i, most, row[None], prompt.tolist(), matcher, stops, done=most == 0))
        return rows

    def run(self, rows: list[_Row], feed: _Feed, processors: Any, sample: bool) -> None:
        for row in rows:
            row.go_on(partial(row.follow, self.encode))
        self.stream(rows, 0)
        while not all(row.done for row in rows):
            written = len(rows[0].new)
            logits = feed([row.unread for row in rows])
            for i, row in enumerate(rows):
                row.unread = []
                if not row.done:
                    row.go_on(partial(self.write, row, logits[i : i + 1], processors, sample))
            self.stream(rows, written)
        if self.streamer is not None:
            self.streamer.end()

    def write(self, row: _Row, logits: torch.Tensor, processors: Any, sample: bool) -> None:
        """Append the next token of a row, and the forced tokens after it."""
        self.mask.row = row
        row.append(self.choose(processors(row.ids, logits), sample))
        row.follow(self.encode)

    def choose(self, scores: torch.Tensor, sample: bool) -> int:
        if not sample:
            return int(scores.argmax(-1))
        return int(torch.multinomial(scores.softmax(-1), 1, generator=self.generator))

    def stream(self, rows: list[_Row], written: int) -> None:
        """Hand over the tokens that the single row has received after the first ``written``."""
        if self.streamer is not None:
            for token in rows[0].new[written:]:
                self.streamer.put(torch.tensor([token]))


class _Feed:
    """Forward passes of a model over rows of different widths, and its cache."""

    def __init__(self, model: Any, model_kwargs: dict[str, Any], device: torch.device) -> None:
        self.model = model
        self.kwargs = model_kwargs
        self.device = device
        self.passes = 0
        # Before transformers 5, the loop says which slots of the cache it writes.
        self.counts_slots = "cache_position" in signature(model.prepare_inputs_for_generation).parameters
        self.attended: torch.Tensor | None = None  # [B, slots of the cache]

    def __call__(self, chunks: list[list[int]]) -> torch.Tensor:
        """Scores ``[B, width]`` after the last token of each chunk; meaningless where a chunk is empty."""
        width = max(map(len, chunks))
        padded = [[0] * (width - len(chunk)) + chunk for chunk in chunks]
        real = [[0] * (width - len(chunk)) + [1] * len(chunk) for chunk in chunks]
        ids = torch.tensor(padded, device=self.device)
        new = torch.tensor(real, device=self.device)
        mask = new if self.attended is None else torch.cat([self.attended, new], dim=1)
        first, self.attended = self.attended is None, mask
        kwargs = {**self.kwargs, "attention_mask": mask}
        if self.counts_slots:
            kwargs["cache_position"] = torch.arange(mask.shape[1] - width, mask.shape[1], device=self.device)
        if "position_ids" in kwargs:
            kwargs["position_ids"] = (mask.cumsum(-1) - 1).clamp(min=0)[:, -width:]
        prepared = self.model.prepare_inputs_for_generation(ids, is_first_iteration=first, **kwargs)
        outputs = self.model(**prepared, return_dict=True)
        self.passes += 1
        return outputs.logits[:, -1].to(torch.float32)


# Options that choose another loop, or that ``generate`` does not pass on to a custom loop.
REFUSED_OPTIONS = ("assistant_model", "custom_generate", "stop_strings", "penalty_alpha", "dola_layers")


def _check_options(model: Any, options: Mapping[str, Any]) -> None:
    """Refuse options that ``generate`` would not pass on to the loop.

    Raises:
        ValueError: says which.
    """
    configs = [options.get("generation_config"), model.generation_config]
    for name in REFUSED_OPTIONS:
        values = [options.get(name), *(getattr(config, name, None) for config in configs)]
        if any(value is not None for value in values):
            raise _refusal(name)
    if options.get("cache_implementation") == "paged":  # it would call neither processors nor this loop
        raise ValueError(
            'cache_implementation="paged" is continuous batching: '
            "use constrain.integrations.continuous_batching.generate_batch"
        )


def _refusal(what: str) -> ValueError:
    return ValueError(
        f"{what} cannot be had with skipping of forced text; use ConstrainedLogitsProcessor: "
        "model.generate(..., logits_processor=[ConstrainedLogitsProcessor(constraints)])"
    )


def _check(model: Any, ids: torch.Tensor, config: Any, kwargs: dict[str, Any], streamer: Any) -> None:
    """Refuse options under which this loop would differ from ``generate``.

    Raises:
        ValueError: says what.
    """
    cache: Any = kwargs.get("cache", kwargs.get("past_key_values"))  # `cache` since transformers 5.24
    layers = {type(layer) for layer in cache.layers} if isinstance(cache, DynamicCache) else None
    refused = {
        "an encoder-decoder model": model.config.is_encoder_decoder,
        "inputs_embeds": "inputs_embeds" in kwargs or ids.shape[1] == 0,
        "token_type_ids": kwargs.get("token_type_ids") is not None,
        "beams": config.num_beams > 1,
        "contrastive search": getattr(config, "penalty_alpha", None) is not None,
        "prompt lookup": config.prompt_lookup_num_tokens is not None,
        "guidance_scale": config.guidance_scale not in (None, 1),
        "return_dict_in_generate": config.return_dict_in_generate,
        "a streamer with several rows": streamer is not None and len(ids) > 1,
        "a cache other than DynamicCache": layers is None,
        "a cache that has been used": layers is not None and cache.get_seq_length() > 0,
        "layers other than attention": not (layers or set()) <= {DynamicLayer, DynamicSlidingWindowLayer},
        "several rows with a sliding window": len(ids) > 1 and DynamicSlidingWindowLayer in (layers or ()),
    }
    for what, found in refused.items():
        if found:
            raise _refusal(what)


def _padding(config: Any) -> int:
    """The id with which ``generate`` pads rows."""
    padding = config._pad_token_tensor
    return 0 if padding is None else int(padding)


def _result(rows: list[_Row], passes: int, padding: int) -> Generated:
    length = max(row.ids.shape[1] for row in rows)
    sequences = rows[0].ids.new_full((len(rows), length), padding)
    for i, row in enumerate(rows):
        sequences[i, : row.ids.shape[1]] = row.ids[0]
    steps = max(len(row.new) for row in rows)
    failures = {row.number: row.failure for row in rows if row.failure is not None}
    return Generated(sequences, passes, steps, tuple(row.forced for row in rows), failures)
