"""From context-free grammars, in the syntax of Lark or of llama.cpp (GBNF), to expressions.

    start: "(" start ")" | NUMBER
    %import common.NUMBER
    %ignore " "

**What a grammar means.** Its language is that of the context-free grammar *over characters*, with
every ambiguity kept: a text is accepted if there is *some* way to cut it into terminals and to
derive those. That is what Lark's Earley parser accepts with ``lexer="dynamic_complete"``. In
particular:

- A terminal is a regular language. Terminals may refer to other terminals, but never to themselves.
- There is no lexer: no terminal takes precedence, none is matched greedily, keywords are not
  reserved. Priorities (``rule.2``, ``TERM.2``), aliases (``-> name``) and the modifiers ``?``, ``!``
  and ``_`` shape Lark's parse trees; they are read, but have no effect here.
- What ``%ignore`` names may occur at the start, at the end and between any two terminals, any number of times. It does
  not interrupt a terminal.
- Regular expressions are those of Python's ``re`` (flags i, m, s, u, x); a terminal that may be empty is allowed,
  although Lark refuses it.
- Any recursion is allowed, including every form of left recursion, which is removed exactly.

**Reading order**: ``tokens`` and ``reader`` turn text into the tree of ``syntax``; ``definitions`` carries
out imports and checks names; ``templates`` expands templates. ``gbnf`` does the same for the other syntax.
``terminals`` compiles terminals; ``rules`` turns right-hand sides into the algebra of ``productions``;
``left_recursion`` solves its equations; ``compiler`` turns them into expressions. ``library`` finds the shipped
grammars; ``active_terminals`` tells where in a grammar a text has arrived.
"""

from __future__ import annotations

from constrain.languages.grammar.active_terminals import ActiveTerminals
from constrain.languages.grammar.compiler import build, read_lark
from constrain.languages.grammar.gbnf import read_gbnf, rule_name
from constrain.languages.grammar.library import GBNF_SUFFIX, load, names

__all__ = ["GBNF_SUFFIX", "ActiveTerminals", "build", "load", "names", "read_gbnf", "read_lark", "rule_name"]
