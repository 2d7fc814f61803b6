"""Random small languages and vocabularies, and masks of them against an exhaustive search.

``python -m tests.spelling_cases --cases 10000`` checks that many. The texts of a language are listed by the derivatives
of its expression, without any vocabulary; the tokens that may come next are found by trying all sequences of tokens.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

import constrain as cn
from constrain.spelling import alphabet_of

CHARACTERS = "abcéè日本"
MOST_TEXTS, LONGEST = 1500, 100


# -- languages ------------------------------------------------------------------------------------


def random_pattern(random: Random, depth: int = 3) -> str:
    """A regular expression with finitely many texts."""
    kind = random.random()
    if depth == 0 or kind < 0.35:
        return random.choice(CHARACTERS)
    if kind < 0.5:
        return "[" + "".join(random.sample(CHARACTERS, random.randint(1, 4))) + "]"
    if kind < 0.75:
        return "".join(random_pattern(random, depth - 1) for _ in range(random.randint(1, 3)))
    if kind < 0.9:
        return "(?:" + "|".join(random_pattern(random, depth - 1) for _ in range(random.randint(2, 3))) + ")"
    return f"(?:{random_pattern(random, depth - 1)}){random.choice(['?', '{2}', '{0,2}', '{1,2}'])}"


def random_word(random: Random) -> str:
    return "".join(random.choice(CHARACTERS) for _ in range(random.randint(1, 2)))


def random_schema(random: Random, depth: int = 2) -> Any:
    """A schema with few values."""
    kinds = ["enum", "integer", "pattern"] + ["array", "object", "any of"] * (depth > 0)
    kind = random.choice(kinds)
    if kind == "enum":
        return {"enum": [random.choice([random_word(random), random.randint(0, 3), None]) for _ in range(3)]}
    if kind == "integer":
        return {"type": "integer", "minimum": random.randint(0, 12), "maximum": random.randint(10, 22)}
    if kind == "pattern":
        return {"type": "string", "pattern": f"^(?:{random_pattern(random, 2)})$"}
    if kind == "any of":
        return {"anyOf": [random_schema(random, depth - 1) for _ in range(2)]}
    if kind == "array":
        return random_array(random, depth)
    return random_object(random, depth)


def random_array(random: Random, depth: int) -> Any:
    schema: dict[str, Any] = {
        "type": "array",
        "maxItems": random.randint(1, 2),
        "minItems": random.randint(0, 2),
    }
    if random.random() < 0.5:
        schema["prefixItems"] = [random_schema(random, depth - 1) for _ in range(random.randint(1, 2))]
    if "prefixItems" not in schema or random.random() < 0.5:
        schema["items"] = random_schema(random, depth - 1)
    if random.random() < 0.5:
        schema["uniqueItems"] = True
    return schema


def random_object(random: Random, depth: int) -> Any:
    names = [random_word(random) for _ in range(random.randint(0, 3))]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: random_schema(random, depth - 1) for name in names},
        "required": [name for name in names if random.random() < 0.4],
        "additionalProperties": False,
    }
    if random.random() < 0.4:
        schema["patternProperties"] = {
            f"^{random_pattern(random, 1)}$": random_schema(random, depth - 1)
            for _ in range(random.randint(1, 2))
        }
    if random.random() < 0.3:
        schema["minProperties"] = random.randint(1, 2)
    return schema


def random_lark(random: Random) -> str:
    """A grammar of which no rule leads back to itself."""
    rules = [f"R{i}: /{random_pattern(random, 2)}/" for i in range(2)]
    parts = ["R0", "R1", *[json.dumps(random_word(random), ensure_ascii=False) for _ in range(3)]]
    for i in range(3):
        arms = (" ".join(random.choices(parts, k=random.randint(1, 3))) for _ in range(random.randint(1, 2)))
        rules.append(f"r{i}: {' | '.join(arms)}")
        parts.append(f"r{i}")
    return "\n".join(["start: r2", *rules])


def random_grammar(random: Random) -> tuple[str, cn.Grammar]:
    """Its source, and a grammar.

    Raises:
        ConstrainError: there is no text.
    """
    kind = random.random()
    if kind < 0.25:
        source = random_pattern(random)
        return source, cn.regex(source)
    if kind < 0.4:
        source = random_lark(random)
        return source, cn.lark(source)
    if kind < 0.5:
        first, second = random_pattern(random, 2), random_schema(random, 1)
        schema = cn.json_schema(second, whitespace="compact")
        whole = cn.sequence(cn.either(cn.regex(first), random_word(random)), schema)
        return f"{first} | .. {json.dumps(second, ensure_ascii=False)}", whole
    schema = random_schema(random)
    order = random.choice(["schema", "any"])
    source = json.dumps(schema, ensure_ascii=False)
    return f"{source} in {order} order", cn.json_schema(schema, whitespace="compact", property_order=order)


def texts_of(grammar: cn.Grammar, most: int = MOST_TEXTS) -> frozenset[bytes] | None:
    """All texts of a grammar; None if they are more than ``most``, or long."""
    engine = grammar.engine
    found, todo = set(), [(b"", grammar.root)]
    steps = 0
    while todo:
        text, state = todo.pop()
        if engine.nullable(state):
            found.add(text)
        first = engine.first(state)
        for byte in range(256):
            if first >> byte & 1:
                todo.append((text + bytes([byte]), engine.derivative(state, byte)))
        steps += 1
        if steps > 20 * most or len(found) > most or len(text) > LONGEST:
            return None
    return frozenset(found)


# -- vocabularies ---------------------------------------------------------------------------------


def random_tokens(random: Random, texts: Sequence[bytes]) -> tuple[str, list[bytes]]:
    """Tokens that occur in texts: of bytes, of characters, or of anything."""
    kind = random.choice(["bytes", "bytes", "characters", "characters", "anything"])
    used = sorted({text[i : i + 1] for text in texts for i in range(len(text))})
    if kind == "characters":
        used = sorted({character.encode() for text in texts for character in text.decode()})
    kept = [one for one in used if random.random() < 0.85]
    if kind == "anything":
        kept = [one for one in used if random.random() < 0.6]
        kept += [piece for _ in range(random.randint(2, 12)) if (piece := random_piece(random, texts))]
    else:
        whole = set(kept)
        for _ in range(random.randint(0, 12)):
            piece = random_piece(random, texts)
            if is_made_of(piece, whole):
                kept.append(piece)
    random.shuffle(kept)
    return kind, kept or [b"a"]


def random_piece(random: Random, texts: Sequence[bytes]) -> bytes:
    text = random.choice(texts)
    start = random.randint(0, len(text))
    return text[start : start + random.randint(1, 5)]


def is_made_of(piece: bytes, atoms: set[bytes]) -> bool:
    ends = {0}
    for end in range(1, len(piece) + 1):
        if any(start in ends and piece[start:end] in atoms for start in range(end)):
            ends.add(end)
    return bool(piece) and len(piece) in ends


# -- the check ------------------------------------------------------------------------------------


class Search:
    """What sequences of tokens complete, found by trying them all."""

    def __init__(self, texts: frozenset[bytes], tokens: Sequence[bytes]) -> None:
        self.texts = texts
        self.tokens = tokens
        self.prefixes = {text[:i] for text in texts for i in range(len(text) + 1)}
        self.known: dict[bytes, int | None] = {}

    def fewest(self, text: bytes) -> int | None:
        """How few tokens complete ``text``; None if none do."""
        if text in self.texts:
            return 0
        if text not in self.prefixes:
            return None
        if text not in self.known:
            counts = [self.fewest(text + token) for token in set(self.tokens)]
            self.known[text] = min((count + 1 for count in counts if count is not None), default=None)
        return self.known[text]

    def allowed(self, text: bytes, left: int | None = None) -> list[int]:
        """The tokens that may follow ``text``, if ``left`` more may follow them; any number if None."""
        found = []
        for i, token in enumerate(self.tokens):
            count = self.fewest(text + token)
            if count is not None and (left is None or count <= left):
                found.append(i)
        return found + [len(self.tokens)] * (text in self.texts)


def check(seed: int) -> str:
    """Check the case of this number; as ``check_case``."""
    return check_case(Random(seed), f"seed {seed}")


def check_case(
    random: Random, name: str = "", most: int = MOST_TEXTS, limits: cn.Limits | None = None
) -> str:
    """Compare the masks along random walks in a random case; returns what kind of case it was.

    Languages of more than ``most`` texts are left out.

    Raises:
        AssertionError: a mask is not what the search says.
    """
    try:
        source, grammar = random_grammar(random)
    except cn.ConstrainError:
        return "no language"
    texts = texts_of(grammar, most)
    if texts is None or not any(texts):
        return "too large a language"
    kind, tokens = random_tokens(random, sorted(texts))
    vocabulary = cn.Vocabulary([*tokens, None], [len(tokens)])
    search = Search(texts, tokens)
    place = f"{name}: {source} over {tokens}"
    try:
        constraint = cn.compile(grammar, vocabulary, limits=limits)
    except cn.UnspellableError:
        assert search.fewest(b"") is None, f"refused: {place}"
        return f"{kind}: nothing is spelt"
    fewest = search.fewest(b"")
    assert fewest is not None, f"not refused: {place}"
    for walk in range(3):
        budget = None if walk == 0 else fewest + random.randint(0, 3)
        walk_along(constraint, search, random, budget, f"{place}, budget {budget}")
    return (
        f"{kind}: {'everything' if all(is_spelt(text, search) for text in texts) else 'something'} is spelt"
    )


def is_spelt(text: bytes, search: Search) -> bool:
    return not text or is_made_of(text, set(search.tokens))


def walk_along(
    constraint: cn.Constraint, search: Search, random: Random, budget: int | None, place: str
) -> None:
    """A random walk; each mask is compared on the way."""
    alphabet = alphabet_of(search.tokens)
    exact = budget is None or not (alphabet is None or alphabet.aligned)
    try:
        matcher = constraint.matcher(budget)
    except cn.BudgetError:
        assert not exact, place
        return
    text = b""
    while not matcher.stopped:
        allowed = matcher.allowed_tokens()
        left = None if budget is None else budget - matcher.count - 1
        expected = search.allowed(text, left)
        if exact:
            assert allowed == expected, f"after {text!r}: {allowed}, not {expected}: {place}"
        else:  # what is not known to fit may be left out
            assert allowed and set(allowed) <= set(expected), f"after {text!r}: {allowed}: {place}"
        token = random.choice(allowed)
        assert matcher.advance(token), place
        if token < len(search.tokens):
            text += search.tokens[token]
    assert text in search.texts, f"{text!r}: {place}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    started, counts = time.perf_counter(), Counter[str]()
    for seed in range(options.seed, options.seed + options.cases):
        counts[check(seed)] += 1
    for kind, count in sorted(counts.items()):
        print(f"{count:8} {kind}")
    print(f"{options.cases} cases in {time.perf_counter() - started:.0f} s: every mask is right")


if __name__ == "__main__":
    main()
