"""Steps of a sequence of tokens that is being written, and what may follow it.

A decoding state is an int (an expression of the engine), so a sequence is a linked list of states.
Copies of a sequence share their common part, and going back follows the links.
"""

from __future__ import annotations

import cython
import numpy as np
from cython.cimports.cpython.ref import Py_REFCNT

if cython.compiled:
    from cython.cimports.constrain.decoding.automaton import ENDED, TokenAutomaton
    from cython.cimports.constrain.masks.bits.bitmask import TokenSet

from constrain.errors import BudgetError

# The largest budget: numbers of tokens have 32 bits.
MOST_TOKENS = 2**31 - 1


class Plan:
    """A text that completes the text so far.

    Attributes:
        count: the fewest tokens that spell it, or the rest of it.
        text: the whole text.
        tokens: the tokens that spell it; ``None`` until they are needed. The plans of all steps along a text share
            them: the text may be long, and spelling it again at each step would take time quadratic in its length.
        at: how many of these tokens have been read.
    """


@cython.cfunc
def _plan(found: object) -> Plan:
    """The plan of a (number of tokens, text)."""
    plan: Plan = Plan.__new__(Plan)
    plan.count, plan.text = found
    return plan


class Step:
    """A place in a sequence of tokens: the state there, and how it was reached.

    Attributes:
        state: the state.
        token: the token that led here, -1 at the start.
        count: how many tokens have been read.
        before: the step before, ``None`` at the start.
        given: the mask within a budget that has been handed out, as long as this is the last step. Which tokens are
            found to be affordable depends on what was known when the mask was made. So whether a token may come is
            decided by this mask and not computed anew: the cached mask may have been dropped by then to make room for
            others.
        planned: the token of that mask that the plan prescribes, where the mask has no other; else -1.
    """

    def __dealloc__(self) -> None:
        """Release the steps before this one in a loop: otherwise Python would recurse as deep as the list is long."""
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
    step.planned = -1
    return step


class Steps:
    """The steps that can be taken in an automaton, with a budget of tokens or without.

    Attributes:
        automaton: the automaton that has the states.
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
            if plan.count > self.budget:
                raise BudgetError(plan.count, self.budget, plan.text)
        return step

    def after(self, step: Step, token: cython.int) -> Step:
        """The step after ``step`` and ``token``, or ``None`` if ``token`` is not allowed."""
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
        if step.given is None and not self.automaton.allows_within(step.state, token, left):
            self.mask_at(step)
        if step.given is not None:
            if not step.given.has(token):
                return None
            if token == step.planned:
                found.inherited = self.rest_of(step.plan, token)
        return found

    def mask_at(self, step: Step) -> TokenSet:
        """The tokens that may follow ``step``."""
        left: cython.int
        token: cython.int
        mask: TokenSet
        if self.budget < 0 or step.state == ENDED:
            return self.automaton.mask_of(step.state)
        if step.given is not None:
            return step.given
        left = self.budget - step.count - 1
        if left < 0:
            return self.automaton.end_mask
        if self.automaton.viability is not None:
            with self.automaton.lock:
                return self.automaton.viable_of(step.state, self.automaton.mask_of(step.state), left)
        mask = self.automaton.mask_within(step.state, left)
        if self.automaton.is_cut(step.state, left):
            token = self.plan_instead(step, mask)
            if token >= 0:
                mask = mask.with_token(token)
            step.planned = token
        step.given = mask
        if step.before is not None:
            step.before.given = None
        return mask

    # -- plans --------------------------------------------------------------------------------

    def plan_instead(self, step: Step, mask: TokenSet) -> cython.int:
        """The token that the plan prescribes next if ``mask``, the tokens known to be affordable, is empty; else -1."""
        if not mask.is_empty():
            return -1
        plan: Plan = self.plan_of(step)
        return self.tokens_of(plan)[plan.at] if plan.count and self.is_enough(step, plan) else -1

    def plan_of(self, step: Step) -> Plan:
        """The least number of tokens known to complete the text from ``step``, and the text that they spell."""
        if step.plan is None:
            step.plan = self.make_plan(step)
        return step.plan

    def make_plan(self, step: Step) -> Plan:
        """The rest of the plan of the step before, if the last token followed it; else a short text; or, if there is no
        room for that, the text because of which the last token was allowed, which its place in the step before
        shows."""
        left: cython.int
        if self.automaton.viability is not None:
            with self.automaton.lock:
                return _plan(self.automaton.viability.plan(step.state))
        if step.inherited is not None:
            return step.inherited
        plan: Plan = _plan(self.automaton.plan_of(step.state))
        if step.before is None or self.is_enough(step, plan):
            return plan
        left = self.budget - step.count
        found = self.automaton.plan_after(step.before.state, step.token, left)
        return plan if found is None else _plan(found)

    def tokens_of(self, plan: Plan) -> list:
        """The tokens that spell the whole text of a plan."""
        if plan.tokens is None:
            plan.tokens = self.automaton.spell(plan.text, None)
        return plan.tokens

    def rest_of(self, plan: Plan, token: cython.int) -> Plan:
        """The rest of a plan after ``token``, which is its next token."""
        rest: Plan = _plan((plan.count - 1, plan.text))
        rest.tokens, rest.at = self.tokens_of(plan), plan.at + 1
        return rest

    def is_enough(self, step: Step, plan: Plan) -> cython.bint:
        """Whether the budget has room for a plan of ``step``."""
        return self.budget < 0 or plan.count + step.count <= self.budget

    def completion(self, step: Step) -> list:
        """Few tokens that complete the text. Within a budget, the mask of each step has its token."""
        plan: Plan = self.plan_of(step)
        if self.budget < 0 or self.automaton.viability is not None:
            return self.tokens_of(plan)[plan.at :]
        tokens: list = []
        token: cython.int
        while not self.automaton.engine.is_nullable(step.state):
            mask: TokenSet = self.mask_at(step)
            token = self.tokens_of(plan)[plan.at] if plan.count else -1
            follows: cython.bint = token >= 0 and self.is_enough(step, plan) and mask.has(token)
            if not follows:
                token = mask.first()
            step = self.after(step, token)
            tokens.append(token)
            plan = self.rest_of(plan, token) if follows else self.plan_of(step)
        return tokens
