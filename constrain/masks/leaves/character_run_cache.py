"""The tables of runs of characters (``character_run``) that one grammar uses, most of which another grammar has made.

A table depends on the character and the trie alone, and takes milliseconds to make. Tables of the base's characters are
kept with the vocabulary; of the others, those used last are kept.
"""

from __future__ import annotations

import cython

if cython.compiled:
    from cython.cimports.constrain.engine.derivative import Engine
    from cython.cimports.constrain.masks.leaves.character_run import CharacterRun
    from cython.cimports.constrain.masks.leaves.loops import Loops
    from cython.cimports.constrain.vocabulary.layout import END
    from cython.cimports.constrain.vocabulary.trie import Trie

# Keys in the shared store: for the base's characters that most strings are made of, and for tables of other runs.
CHARACTERS = "characters"
RUNS = "runs"

# How many tables are kept for other grammars, some hundreds of KB each.
MOST_RUNS = 64

# If at most this many nodes are below a trie node, a leaf is walked each time: that takes one or two microseconds, and
# making a table takes thirty.
SMALL = cython.declare(cython.int, 200)


class CharacterRunCache:
    """Tables of runs over the tries of one vocabulary.

    ``shared`` is the vocabulary's store for the engine's base (``masks.leaf.LeafCache``).
    """

    def __init__(self, engine: Engine, loops: Loops, words: int, shared: dict) -> None:
        self.engine = engine
        self.loops = loops
        self.words = words
        self.shared = shared
        self.tables = {}
        self.contents = {}
        self.characters = shared.setdefault(CHARACTERS, [])

    def of(self, trie: Trie, node: cython.int, character: cython.int) -> CharacterRun:
        """The table of runs of ``character`` below ``node``."""
        table: CharacterRun = self.tables.get((trie.key, node, character))
        if table is None:
            table = self.tables[trie.key, node, character] = self.find(trie, node, character)
        return table

    def find(self, trie: Trie, node: cython.int, character: cython.int) -> CharacterRun:
        """The table that another grammar has made, or a new one."""
        table: CharacterRun
        of_base: cython.bint = character < self.engine.base_size
        content: object = character if of_base else self.content_of(character)
        if content is None or not trie.shared:
            return CharacterRun(self.engine, self.loops, trie, node, character, self.words, False)
        tables: dict = self.shared if of_base else self.shared.setdefault(RUNS, {})
        table = tables.pop((trie.key, node, content), None)
        if table is None:
            table = CharacterRun(self.engine, self.loops, trie, node, character, self.words, True)
        tables[trie.key, node, content] = table  # in the order of their last use
        if not of_base and len(tables) > MOST_RUNS:
            tables.pop(next(iter(tables)), None)
        return table

    def has(self, trie: Trie, node: cython.int, character: cython.int) -> cython.bint:
        """Whether the table exists, or is worth making for all that share it."""
        if (trie.key, node, character) in self.tables:
            return True
        if not trie.shared:
            return False
        if character < self.engine.base_size:
            return trie.nodes[node, END] - node > SMALL or (trie.key, node, character) in self.shared
        tables: dict = self.shared.get(RUNS)
        return tables is not None and (trie.key, node, self.content_of(character)) in tables

    def warm(self, trie: Trie, node: cython.int, character: cython.int) -> cython.int:
        """Find the table of runs of ``character`` at ``node``, and note characters that free leaves can go on with."""
        at: cython.int
        if character not in self.characters:
            self.characters.append(character)
        for at in {0, node}:
            table: CharacterRun = self.of(trie, at, character)
            if table.whole is not None:
                table.rest(at)
        return 0

    def content_of(self, node: cython.int) -> object:
        """A key for the language of a character that is the same in every engine; ``None`` if it is not a character."""
        if node not in self.contents:
            self.contents[node] = self.spell(node)
        return self.contents[node]

    def spell(self, node: int) -> object:
        kind, *fields = self.engine.inspect(node)
        if kind == "byte_set" or kind == "literal":
            return fields[0]
        if kind != "union" and kind != "concat":
            return None
        parts = [self.content_of(part) for part in (fields[0] if kind == "union" else fields)]
        return None if None in parts else frozenset(parts) if kind == "union" else tuple(parts)

    def footprint(self) -> int:
        """Bytes in use by what is not shared."""
        return sum(table.footprint() for table in self.tables.values() if not table.shared)
