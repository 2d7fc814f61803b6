"""Steps: a sequence of tokens that is being written, and what may follow it.

A decoding state is an int (an expression of the engine), so a sequence is a linked list of states.
Copies of it share what they have in common, and going back is going along it.
"""

from __future__ import annotations

import cython
import numpy as np
from cython.cimports.cpython.ref import Py_REFCNT

if cython.compiled:
    from cython.cimports.constrain.automaton import ENDED, TokenAutomaton
    from cython.cimports.constrain.masks.bitmask import TokenSet

from constrain.errors import BudgetError
from constrain.vocabulary.segmentation import UNSPELLABLE, fewest_tokens

# The largest budget: numbers of tokens are numbers of 32 bits.
MOST_TOKENS = 2**31 - 1


class Step:
    """A place in a sequence of tokens: the state there, and how it was come to.

    Attributes:
        state: the state.
        token: the token that led here, -1 at the start.
        count: how many tokens have been read.
        before: the step before, ``None`` at the start.
    """

    def __dealloc__(self) -> None:
        """Release those before it one by one: left to itself, a long list would recurse as deep."""
        step: Step = self.before
        before: Step
        self.before = None
        while step is not None and Py_REFCNT(step) == 1:
            before = step.before
            step.before = None
            step = before
            before = None


@cython.cfunc
def _step(state: cython.int, token: cython.int, before: Step) -> Step:
    step: Step = Step.__new__(Step)
    step.state = state
    step.token = token
    step.before = before
    step.count = 0 if before is None else before.count + 1
    return step


class Steps:
    """The steps that can be taken in an automaton, with a budget of tokens or without.

    Attributes:
        automaton: where the states are.
        budget: how many tokens may be written, an end-of-sequence token not counted; -1 without a budget.
    """

    def __init__(self, automaton: TokenAutomaton, max_tokens: int | None) -> None:
        self.automaton = automaton
        self.budget = -1
        if max_tokens is not None:
            if max_tokens < 0:
                raise ValueError(f"max_tokens must be at least 0, got {max_tokens}")
            if max_tokens > MOST_TOKENS:
                raise ValueError(f"max_tokens must be at most {MOST_TOKENS}, got {max_tokens}")
            self.budget = max_tokens

    def start(self) -> Step:
        """The step before the first token.

        Raises:
            BudgetError: the shortest text known does not fit in the budget.
        """
        step: Step = _step(self.automaton.root, -1, None)
        if self.budget >= 0 and not self.automaton.fits(step.state, self.budget):
            plan = self.plan_of(step)
            if plan[0] > self.budget:
                raise BudgetError(plan[0], self.budget, plan[1])
        return step

    def after(self, step: Step, token: cython.int) -> Step:
        """The step that follows ``step`` by ``token``, or ``None`` if that is not allowed."""
        target: cython.int = self.automaton.move(step.state, token)
        left: cython.int
        found: Step
        if target == 0:
            return None
        found = _step(target, token, step)
        if self.budget < 0 or target == ENDED:
            return found
        left = self.budget - step.count - 1
        if left < 0:
            return None
        if self.automaton.viability is not None:
            with self.automaton.lock:
                viable: cython.bint = self.automaton.is_viable(target, left)
            return found if viable else None
        if not self.automaton.allows_within(step.state, token, left):
            if self.planned(step, self.automaton.mask_within(step.state, left)) != token:
                return None
            found.inherited = self.rest_of(step.plan, token)
        return found

    def mask_at(self, step: Step) -> TokenSet:
        """The tokens that may follow ``step``."""
        left: cython.int
        token: cython.int
        mask: TokenSet
        if self.budget < 0 or step.state == ENDED:
            return self.automaton.mask_of(step.state)
        left = self.budget - step.count - 1
        if left < 0:
            return self.automaton.end_mask
        if self.automaton.viability is not None:
            with self.automaton.lock:
                return self.automaton.viable_of(step.state, self.automaton.mask_of(step.state), left)
        mask = self.automaton.mask_within(step.state, left)
        if self.automaton.is_cut(step.state, left):
            token = self.planned(step, mask)
            if token >= 0:
                return mask.with_token(token)
        return mask

    # -- plans --------------------------------------------------------------------------------

    def planned(self, step: Step, mask: TokenSet) -> cython.int:
        """The token that comes next by the plan, where ``mask``, what is known to be affordable, is empty; or -1."""
        if not mask.is_empty():
            return -1
        plan = self.plan_of(step)
        return self.automaton.spell(plan[1], 1)[0] if plan[1] and self.is_enough(step, plan) else -1

    def plan_of(self, step: Step) -> object:
        """How few tokens are known to complete the text from ``step``, and the text that they spell."""
        if step.plan is None:
            step.plan = self.make_plan(step)
        return step.plan

    def make_plan(self, step: Step) -> object:
        """A short text; or if there is no room for it, that for whose sake the last token was allowed: what its place
        in the step before shows, or what is left of the plan of that step."""
        left: cython.int
        if self.automaton.viability is not None:
            with self.automaton.lock:
                return self.automaton.viability.plan(step.state)
        plan = self.automaton.plan_of(step.state)
        if self.is_enough(step, plan):
            return plan
        if step.inherited is not None:
            return step.inherited
        if step.before is None:
            return plan
        left = self.budget - step.count
        return self.automaton.plan_after(step.before.state, step.token, left) or plan

    def rest_of(self, plan: object, token: cython.int) -> object:
        """What is left of a plan after ``token``, with which it begins; ``None`` if no tokens spell the rest."""
        rest = plan[1][len(self.automaton.text_of(token)) :]
        count = fewest_tokens(self.automaton.masker.trie, rest)
        return None if count >= UNSPELLABLE else (count, rest)

    def is_enough(self, step: Step, plan: object) -> cython.bint:
        """Whether the budget has room for a plan of ``step``."""
        return self.budget < 0 or cython.cast(cython.int, plan[0]) + step.count <= self.budget

    def completion(self, step: Step) -> list:
        """Few tokens that complete the text. Within a budget each is one that the mask of its step has."""
        plan = self.plan_of(step)
        if self.budget < 0 or self.automaton.viability is not None:
            return self.automaton.spell(plan[1], None)
        tokens: list = []
        token: cython.int
        planned: list = self.automaton.spell(plan[1], None)
        following: cython.Py_ssize_t = 0
        while not self.automaton.engine.is_nullable(step.state):
            mask: TokenSet = self.mask_at(step)
            token = planned[following] if following < len(planned) else -1
            if step.count + len(planned) - following > self.budget or not mask.has(token):
                token = mask.first()
                planned = None
            step = self.after(step, token)
            tokens.append(token)
            if planned is None:
                planned, following = self.automaton.spell(self.plan_of(step)[1], None), -1
            following += 1
        return tokens
