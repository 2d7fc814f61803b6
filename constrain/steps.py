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

from constrain.budget import refuse
from constrain.masks.bitmask import set_of_ids
from constrain.vocabulary.segmentation import fewest_tokens


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
            self.budget = max_tokens

    def start(self) -> Step:
        """The step before the first token.

        Raises:
            BudgetError: the shortest text known does not fit in the budget.
        """
        step: Step = _step(self.automaton.root, -1, None)
        if self.budget >= 0:
            if not self.automaton.fits(step.state, self.budget):
                plan = self.plan_of(step)
                if plan[0] > self.budget:
                    raise refuse(plan, self.budget)
        return step

    def after(self, step: Step, token: cython.int) -> Step:
        """The step that follows ``step`` by ``token``, or ``None`` if that is not allowed."""
        target: cython.int = self.automaton.move(step.state, token)
        left: cython.int
        if target == 0:
            return None
        if self.budget >= 0 and target != ENDED:
            left = self.budget - step.count - 1
            if left < 0:
                return None
            if not self.automaton.allows_within(step.state, token, left) and token not in self.planned(
                step, left
            ):
                return None
        return _step(target, token, step)

    def mask_at(self, step: Step) -> TokenSet:
        """The tokens that may follow ``step``."""
        left: cython.int
        mask: TokenSet
        if self.budget < 0 or step.state == ENDED:
            return self.automaton.mask_of(step.state)
        left = self.budget - step.count - 1
        if left < 0:
            return self.automaton.end_mask
        mask = self.automaton.mask_within(step.state, left)
        if mask.row is None and mask.count == 0:
            return set_of_ids(self.planned(step, left))
        return mask

    # -- plans --------------------------------------------------------------------------------

    def planned(self, step: Step, left: cython.int) -> list:
        """The token that comes next by the plan, where the costs of parts show none that ``left`` more complete."""
        mask: TokenSet = self.automaton.mask_within(step.state, left)
        if mask.row is not None or mask.count:
            return []
        return self.automaton.spell(self.plan_of(step)[1], 1)

    def plan_of(self, step: Step) -> object:
        """How few tokens are known to complete the text from ``step``, and the text that they spell.

        Where the structure of the state tells of none that the budget has room for, there is what is left of the plan
        of the step before."""
        if step.plan is None:
            plan = self.automaton.plan_of(step.state)
            if 0 <= self.budget < plan[0] + step.count and step.before is not None:
                before = self.plan_of(step.before)[1]
                data = self.automaton.tokens[step.token]
                if before.startswith(data):
                    rest = before[len(data) :]
                    plan = min(plan, (fewest_tokens(self.automaton.masker.trie, rest), rest))
            step.plan = plan
        return step.plan
