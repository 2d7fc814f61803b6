"""Random schemas with endless languages over vocabularies that lack characters.

``python -m tests.spelling_open_cases --cases 1000`` checks that many. What is allowed must lead to the end of a text of
the grammar, as some completion shows; and texts of the grammar that can be spelled must be admitted.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

import constrain as cn
from constrain.engine import random_text

STRUCTURE = '{}[]:,"'
OTHERS = "\\abcxyéà日0123456789truefalsn-.u _"
STEPS, TRIED, TEXTS = 25, 5, 8


def random_schema(random: Random, depth: int = 2) -> Any:
    kinds = ["string", "pattern", "number", "enum", "any"] + ["array", "object", "one of"] * 2 * (depth > 0)
    kind = random.choice(kinds)
    if kind == "string":
        return {"type": "string", **({"minLength": 2} if random.random() < 0.3 else {})}
    if kind == "pattern":
        return {
            "type": "string",
            "pattern": random.choice(["^[a-cé]+$", "é", "^[^a]*$", "^(ab|日)*x$", "^.{2,3}$"]),
        }
    if kind == "number":
        return {"type": random.choice(["number", "integer"]), "minimum": random.choice([0, 5, 40])}
    if kind == "enum":
        return {"enum": random.sample(["a", "é", "b", "日x", 1, 7, 25, None, True], 3)}
    if kind == "any":
        return random.choice([True, {"type": "boolean"}, {"type": ["string", "integer"]}])
    if kind == "one of":
        return {random.choice(["anyOf", "oneOf"]): [random_schema(random, depth - 1) for _ in range(2)]}
    return random_array(random, depth) if kind == "array" else random_object(random, depth)


def random_array(random: Random, depth: int) -> Any:
    schema: dict[str, Any] = {"type": "array", "items": random_schema(random, depth - 1)}
    if random.random() < 0.5:
        schema["prefixItems"] = [random_schema(random, depth - 1) for _ in range(random.randint(1, 2))]
    if random.random() < 0.6:
        schema["uniqueItems"] = True
    if random.random() < 0.4:
        schema["minItems"] = random.randint(1, 3)
    if random.random() < 0.2:
        schema["contains"] = random_schema(random, 0)
    return schema


def random_object(random: Random, depth: int) -> Any:
    names = random.sample(["a", "b", "é", "xy", "日"], random.randint(0, 3))
    schema: dict[str, Any] = {"type": "object"}
    schema["properties"] = {name: random_schema(random, depth - 1) for name in names}
    schema["required"] = [name for name in names if random.random() < 0.3]
    if random.random() < 0.6:
        schema["additionalProperties"] = random.choice([False, random_schema(random, depth - 1)])
    if random.random() < 0.4:
        patterns = random.sample(["^x", "^[a-cé]{1,2}$", "é", "^[^x]"], random.randint(1, 2))
        schema["patternProperties"] = {pattern: random_schema(random, depth - 1) for pattern in patterns}
    if random.random() < 0.3:
        schema["minProperties"] = random.randint(1, 3)
    if random.random() < 0.2:
        schema["propertyNames"] = {"pattern": random.choice(["^[a-cé]+$", "^.{1,2}$"])}
    return schema


def random_vocabulary(random: Random) -> cn.Vocabulary:
    """Characters, or the bytes of them, most of which are there, and some sequences of them."""
    kept = [one for one in STRUCTURE if random.random() < 0.98]
    kept += [one for one in dict.fromkeys(OTHERS) if random.random() < 0.75]
    tokens = [one.encode() for one in kept]
    if random.random() < 0.5:
        tokens = sorted({bytes([byte]) for token in tokens for byte in token})
    tokens += [b"".join(random.choices(tokens, k=random.randint(2, 3))) for _ in range(15)]
    return cn.Vocabulary([*tokens, None], [len(tokens)])


def check(seed: int) -> str:
    """Check the case of this number; as ``check_case``."""
    return check_case(Random(seed), f"seed {seed}")


def check_case(random: Random, name: str = "", steps: int = STEPS, limits: cn.Limits | None = None) -> str:
    """Check a random case by walks of so many steps; return the outcome.

    Raises:
        AssertionError: a mask is wrong.
    """
    schema, vocabulary = random_schema(random), random_vocabulary(random)
    order = random.choice(["schema", "any"])
    place = f"{name}: {schema} in {order} order over {vocabulary.tokens}"
    try:
        grammar = cn.json_schema(schema, whitespace="compact", property_order=order)
        texts = [random_text(grammar.engine, grammar.root, random, 20) for _ in range(TEXTS)]
        constraint = cn.compile(grammar, vocabulary, limits=limits)
    except cn.UnspellableError:
        assert not any(pieces(text, vocabulary) for text in texts), f"refused: {place}"
        return "nothing is spelt"
    except cn.ConstrainError as error:
        return type(error).__name__
    spelt = 0
    for text in texts:
        tokens = pieces(text, vocabulary)
        if tokens:
            spelt += 1
            matcher = constraint.matcher()
            assert matcher.validate(tokens) == len(tokens), f"{text!r} is not admitted: {place}"
    for _ in range(2):
        walk(constraint, grammar, random, place, steps)
    return "some texts are spelt" if spelt else "others are spelt"


def pieces(text: bytes, vocabulary: cn.Vocabulary) -> list[int]:
    """Tokens that spell ``text``; none if there are none."""
    ways: dict[int, list[int]] = {0: []}
    for start in range(len(text)):
        if start in ways:
            for token, data in enumerate(vocabulary.tokens):
                if data and text.startswith(data, start):
                    ways.setdefault(start + len(data), [*ways[start], token])
    return ways.get(len(text), [])


def walk(
    constraint: cn.Constraint, grammar: cn.Grammar, random: Random, place: str, steps: int = STEPS
) -> None:
    """A random walk; after some tokens of each mask, a completion is tried."""
    matcher = constraint.matcher()
    for _ in range(steps):
        allowed = matcher.allowed_tokens()
        assert allowed, f"a dead end after {matcher.text!r}: {place}"
        size, mask = constraint.vocabulary.size, matcher.mask_by_derivatives()
        row = [token for token in range(size) if mask[token >> 5] >> (token & 31) & 1]
        assert allowed == row, f"after {matcher.text!r}: {place}"
        for token in random.sample(allowed, min(TRIED, len(allowed))):
            ahead = matcher.fork()
            assert ahead.advance(token), f"{token} after {matcher.text!r}: {place}"
            for following in ahead.completion():
                assert ahead.advance(following), f"a completion after {ahead.text!r}: {place}"
            assert ahead.can_stop and grammar.matches(ahead.text), f"{ahead.text!r}: {place}"
        matcher.advance(random.choice(allowed))
        if matcher.stopped:
            break


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
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
