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
                raise ValueError(f"a budget of {max_tokens} tokens")
            self.budget = max_tokens

    def start(self) -> Step:
        """The step before the first token.

        Raises:
            BudgetError: the shortest text known does not fit in the budget.
        """
        step: Step = _step(self.automaton.root, -1, None)
        if self.budget >= 0:
            plan = self.plan_of(step)
            if plan[0] > self.budget:
                raise refuse(plan, self.budget)
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
            return found if self.automaton.is_viable(target, left) else None
        if self.automaton.bound_of(step.state) > left:
            if not self.can_afford(step, token, left):
                return None
            self.learn(found)
        return found

    def mask_at(self, step: Step) -> TokenSet:
        """The tokens that may follow ``step``."""
        left: cython.int
        if self.budget >= 0 and step.state != ENDED:
            left = self.budget - step.count - 1
            if left < 0:
                return self.automaton.end_mask
            if self.automaton.viability is not None:
                with self.automaton.lock:
                    mask: TokenSet = self.automaton.mask_of(step.state)
                    return self.automaton.viable_of(step.state, mask, left)
            if self.automaton.bound_of(step.state) > left:
                return self.restricted(step, left)
        return self.automaton.mask_of(step.state)

    # -- budgets ------------------------------------------------------------------------------

    def restricted(self, step: Step, left: cython.int) -> TokenSet:
        """The tokens after which ``left`` more are known to complete the text."""
        automaton: TokenAutomaton = self.automaton
        mask: TokenSet = automaton.mask_of(step.state)
        row = np.empty(automaton.masker.words, np.int32)
        mask.write(row)
        with automaton.lock:
            steering = automaton.steering()
            if steering.tighten(step.state, row) <= left:
                return mask
            ids = steering.priced(step.state).affordable(row, left).tolist()
        ids.extend(self.planned(step, left))
        if automaton.engine.is_nullable(step.state):
            ids.extend(automaton.end_set)
        return set_of_ids(ids)

    def can_afford(self, step: Step, token: cython.int, left: cython.int) -> cython.bint:
        """Whether ``token`` is one of those."""
        with self.automaton.lock:
            price: cython.int = self.automaton.steering().priced(step.state).price_after(token)
        return price <= left or token in self.planned(step, left)

    def planned(self, step: Step, left: cython.int) -> list:
        """The token that comes next by the plan, if there is one: the one that is always left."""
        plan = self.plan_of(step)
        if plan[0] > left + 1:
            raise AssertionError(f"{left + 1} tokens are left, and the shortest text known takes {plan[0]}")
        return self.automaton.steering().spell(plan[1], 1)

    def plan_of(self, step: Step) -> object:
        """How few tokens are known to complete the text from ``step``, and the text that they spell."""
        if step.plan is None and self.automaton.viability is not None:
            with self.automaton.lock:
                step.plan = self.automaton.viability.plan(step.state)
        if step.plan is None:
            with self.automaton.lock:
                step.plan = self.automaton.steering().plan(step.state)
            if step.before is not None and 0 <= self.budget < step.plan[0] + step.count:
                self.learn(step)
        return step.plan

    def learn(self, step: Step) -> None:
        """Make a plan for ``step`` of what was known before its token was read, if that is better."""
        automaton: TokenAutomaton = self.automaton
        data = automaton.tokens[step.token]
        with automaton.lock:
            steering = automaton.steering()
            plans = [steering.plan(step.state), *steering.plans_after(step.before.state, step.token)]
            if step.before.plan is not None and step.before.plan[1].startswith(data):
                plans.append(steering.priced_text(step.before.plan[1][len(data) :]))
            step.plan = min(plans)
