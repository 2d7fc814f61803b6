"""Whole subtrees: how far it is from a state to the nearest dead end.

Of ``(\\S+\\s+)*\\S+``, or of a label of up to 63 letters, no state loops on all characters below a trie node, but a
walk through that subtree would still find every token allowed: the states that the characters lead to all go on with
the same characters, if not for ever, then for longer than any token there. So for a state a set of characters is
chosen, and the states that they lead to are searched, breadth first, for one in which not all of them can be read.
Subtrees of these characters that are no higher than that distance are accepted unwalked.

A state in which the leaf may end counts as a dead end, since what follows matters there.

The search is skipped where a part of the state loops on these characters, even if the whole state does not. An example
is the class ``[a-z..]`` of a regular expression: after each character it may go on with any other one, or with a hyphen
and the end of a range.
"""

from __future__ import annotations

import cython

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.expression.nodes import (
        CONCAT,
        EDGE_COUNT,
        EMPTY_NODE,
        KIND,
        REPEAT,
        UNION,
        A,
        B,
        C,
    )
    from cython.cimports.constrain.masks.leaves.character_sets import WORDS, Characters, Step, byte_range
    from cython.cimports.constrain.vocabulary.layout import END
    from cython.cimports.constrain.vocabulary.trie import Trie

# How many nodes must be below a trie node for the measuring of a state to save more than it costs. As many steps are
# examined as there are nodes.
WORTH = cython.declare(cython.int, 1024)

# The cost, in steps, of finding the steps of a state for the first time, and of finding its edges.
NEW = cython.declare(cython.int, 100)
NEW_EDGE = cython.declare(cython.int, 4)

# How many parts are examined for a loop, or to see that one state includes another.
LOOKED_AT = cython.declare(cython.int, 1000)

# A sufficient distance: below a node that is worth measuring, the rest of most tokens is shorter.
ENOUGH = cython.declare(cython.int, 4)

# A distance that no token reaches, and a budget with which everything is found.
FOREVER = cython.declare(cython.int, 255)
ALL = cython.declare(cython.int, 1 << 28)

# Well-formed characters (RFC 3629, section 4): first and last lead byte, range of the byte after it, and how many
# more there are.
LEADS = [
    (0xC2, 0xDF, 0x80, 0xBF, 0),
    (0xE0, 0xE0, 0xA0, 0xBF, 1),
    (0xE1, 0xEC, 0x80, 0xBF, 1),
    (0xED, 0xED, 0x80, 0x9F, 1),
    (0xEE, 0xEF, 0x80, 0xBF, 1),
    (0xF0, 0xF0, 0x90, 0xBF, 2),
    (0xF1, 0xF3, 0x80, 0xBF, 2),
    (0xF4, 0xF4, 0x80, 0x8F, 2),
]


class Safe(Characters):
    """Characters of which no text of up to ``distance`` leads to a dead end. ``budget`` is what was spent to find them;
    ``ALL`` if more would not help.
    """

    def __init__(self) -> None:
        Characters.__init__(self)
        self.distance = 0
        self.budget = 0
        self.depths = None

    def covers(self, trie: Trie, node: cython.int) -> cython.bint:
        """Whether the tokens below ``node`` are made of these characters and are no longer than the distance."""
        return (
            trie.height[node] <= self.distance
            and not trie.ascii_set[node, 0] & ~self.low
            and not trie.ascii_set[node, 1] & ~self.high
            and not trie.leads[node] & ~self.leads
            and (trie.utf8[node] & 1) != 0
        )


class SafeDistances:
    """How far the states of an engine are from dead ends; measured on demand."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.steps = {}
        self.live = {}
        self.known = {}
        self.loops = {}

    def footprint(self) -> int:
        """Bytes in use."""
        return 200 * (len(self.known) + len(self.loops)) + 1000 * len(self.steps)

    def far(self, trie: Trie, node: cython.int, state: cython.int) -> cython.bint:
        """Whether every token below ``node`` leads from ``state`` to where the leaf must go on."""
        safe: Safe = self.known.get(state)
        size: cython.int = trie.nodes[node, END] - node
        if safe is None:
            safe = self.loop_in(state, size >= WORTH)
            if safe is not None:
                self.known[state] = safe
        if safe is not None:
            if safe.covers(trie, node):
                return True
            if size < 4 * safe.budget:
                return False
        if size < WORTH or not trie.utf8[node] & 1:
            return False
        return self.measure(state, size).covers(trie, node)

    # -- loops ----------------------------------------------------------------------------------

    def loop_in(self, state: cython.int, search: cython.bint) -> Safe:
        """A wide loop that is a part of ``state``: what follows a head that may be empty, or an arm of a union.
        ``None`` if there is none or, unless ``search``, if none is known."""
        engine: Engine = self.engine
        todo: list = [state]
        steps: cython.int = 0
        node: cython.int
        head: cython.int
        i: cython.int
        loop: Safe = None
        while todo and loop is None and steps < LOOKED_AT:
            steps += 1
            node = todo.pop()
            if engine.nodes[node, KIND] == UNION:
                for i in range(engine.nodes[node, B] - 1, -1, -1):
                    todo.append(engine.pool[engine.nodes[node, A] + i])
            elif engine.nodes[node, KIND] == CONCAT and engine.is_nullable(engine.nodes[node, A]):
                head = engine.nodes[node, A]
                if engine.nodes[head, KIND] == REPEAT and engine.nodes[head, C] == -1:
                    if search and node not in self.loops:
                        self.loops[node] = self.find_loop(node)
                    loop = self.loops.get(node)
                todo.append(engine.nodes[node, B])
        return loop

    def find_loop(self, state: cython.int) -> Safe:
        """The characters that lead from ``state`` to a state that includes it, so that every text of them does;
        ``None`` if words are not made of these characters."""
        loop: Safe = Safe()
        step: Step
        loop.distance = FOREVER
        loop.budget = ALL
        loop.add(self.live_of(state))
        for step in self.steps_of(state):
            if not self.includes(step.target, state):
                loop.drop(step)
        return None if WORDS.missing(loop) else loop

    def includes(self, node: cython.int, part: cython.int) -> cython.bint:
        """Whether the structure of ``node`` shows that it has every text of ``part``."""
        engine: Engine = self.engine
        todo: list = [node]
        steps: cython.int = 0
        i: cython.int
        while todo and steps < LOOKED_AT:
            steps += 1
            node = todo.pop()
            if node == part:
                return True
            if engine.nodes[node, KIND] == UNION:
                for i in range(engine.nodes[node, B]):
                    todo.append(engine.pool[engine.nodes[node, A] + i])
            elif engine.nodes[node, KIND] == CONCAT and engine.is_nullable(engine.nodes[node, A]):
                todo.append(engine.nodes[node, B])
        return False

    # -- distances ----------------------------------------------------------------------------

    def measure(self, state: cython.int, budget: cython.int) -> Safe:
        """A set of safe characters, and how many of them can be read at least. The set is chosen from all characters
        or, where these lead to too many states, from those that words are made of."""
        safe: Safe = self.attempt(state, False, budget // 8)
        words: Safe
        if safe.distance < ENOUGH and self.left < 0:
            words = self.attempt(state, True, budget // 2)
            if words.distance > safe.distance:
                safe = words
        safe.budget = budget if self.left < 0 else ALL
        self.note(safe)
        return safe

    def attempt(self, state: cython.int, words: cython.bint, budget: cython.int) -> Safe:
        """One search, with a budget of steps, that settles on characters as it goes.

        It leaves out characters after which many of the others cannot be read, and characters that cannot be read
        everywhere that the others lead. It does so only nearby: if there is no dead end within ``ENOUGH`` characters,
        one that is farther away is only noted. What is found about the states on the way is noted, too.
        """
        safe: Safe = Safe()
        depths: dict = {state: 0}
        level: list = [state]
        self.left = budget
        safe.add(self.live_of(state))
        if words:
            safe.keep(WORDS)
        while level:
            safe.distance += 1
            level = self.next_level(safe, level, depths)
        if level is not None:
            safe.distance = FOREVER
        safe.depths = depths
        return safe

    def next_level(self, safe: Safe, level: list, depths: dict) -> list:
        """The states that ``safe`` leads to from a level of states; ``None`` if these are too many to search."""
        after: Characters
        step: Step
        missing: cython.int
        found: list = []
        for at in level:
            for step in self.steps_of(at):
                self.left -= 1
                self.engine.meter.count(2)
                if step.target in depths or not step.meets(safe):
                    continue
                after = self.live_of(step.target)
                missing = safe.missing(after)
                if self.left < 0 or safe.distance == FOREVER - 1 or (missing and safe.distance > ENOUGH):
                    return None
                if 4 * missing > safe.count():
                    safe.drop(step)
                    continue
                safe.keep(after)
                depths[step.target] = safe.distance
                found.append(step.target)
        return found

    def note(self, safe: Safe) -> cython.int:
        """Keep what a search has found, also for the states on its way, unless more is known about them."""
        other: Safe
        for state, depth in safe.depths.items():
            if depth == 0 or (state not in self.known and safe.distance - depth >= ENOUGH // 2):
                other = Safe()
                other.add(safe)
                other.distance = FOREVER if safe.distance == FOREVER else safe.distance - depth
                other.budget = safe.budget
                self.known[state] = other
        safe.depths = None
        return 0

    # -- characters ---------------------------------------------------------------------------

    def live_of(self, state: cython.int) -> Characters:
        """The characters that can be read in ``state`` and after which the leaf may not end."""
        self.steps_of(state)
        return self.live[state]

    def steps_of(self, state: cython.int) -> list:
        """Where these characters lead."""
        found = self.steps.get(state)
        if found is None:
            found = self.steps[state] = self.find_steps(state)
            self.left -= NEW + NEW_EDGE * self.engine.nodes[state, EDGE_COUNT]
        return found

    def find_steps(self, state: cython.int) -> list:
        engine: Engine = self.engine
        steps: dict = {}
        live: Characters = Characters()
        step: Step
        first: cython.int = 0
        last: cython.int
        i: cython.int
        for i in range(engine.nodes[state, EDGE_COUNT] if engine.edges(state) >= 0 else 0):
            last = engine.pool[engine.edges(state) + 2 * i]
            target = engine.pool[engine.edges(state) + 2 * i + 1]
            if target != EMPTY_NODE and not engine.is_nullable(target):
                if first < 128:
                    step = step_to(steps, target)
                    step.low |= byte_range(first, min(last, 63))
                    step.high |= byte_range(max(first, 64) - 64, min(last, 127) - 64)
                    live.add(step)
                if last >= 0xC2:
                    self.follow_leads(first, last, target, steps, live)
            first = last + 1
        self.live[state] = live
        return list(steps.values())

    def follow_leads(
        self, first: cython.int, last: cython.int, target: cython.int, steps: dict, live: Characters
    ) -> cython.int:
        """Note the lead bytes from ``first`` to ``last``, which lead to ``target``, and the states after them."""
        low: cython.int
        high: cython.int
        leads: cython.ulonglong
        ends: set
        step: Step
        for one, other, then_low, then_high, more in LEADS:
            low = max(first, one)
            high = min(last, other)
            if low > high:
                continue
            ends = set()
            if self.collect(target, then_low, then_high, more, ends):
                leads = byte_range(low - 192, high - 192)
                live.leads |= leads
                for end in ends:
                    step = step_to(steps, end)
                    step.leads |= leads
        return 0

    def collect(
        self, state: cython.int, low: cython.int, high: cython.int, more: cython.int, ends: set
    ) -> cython.bint:
        """Collect where a byte from ``low`` to ``high`` and ``more`` continuation bytes lead from ``state``; return
        False if one of them leads to a dead end, or to where the leaf may end."""
        engine: Engine = self.engine
        at: cython.int = engine.edges(state)
        previous: cython.int = -1
        target: cython.int
        i: cython.int
        for i in range(engine.nodes[state, EDGE_COUNT]):
            at = engine.edges(state)
            target = engine.pool[at + 2 * i + 1]
            if engine.pool[at + 2 * i] >= low and previous < high:
                if target == EMPTY_NODE or engine.is_nullable(target):
                    return False
                if more == 0:
                    ends.add(target)
                elif not self.collect(target, 0x80, 0xBF, more - 1, ends):
                    return False
            previous = engine.pool[engine.edges(state) + 2 * i]
        return True


def step_to(steps: dict, target: object) -> Step:
    """The step to ``target``, made if there is none."""
    step = steps.get(target)
    if step is None:
        step = steps[target] = Step(target)
    return step
