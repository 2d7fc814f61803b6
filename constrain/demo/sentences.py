"""Invented sentences about people, orders and events, each with the record it states.

This is where the demonstration model's training data and its held-out examples come from: templates filled
with invented names, drawn from a seeded generator. The same purpose, seed and index always give the same
example, so no data file is stored, and the two purposes (`TRAINING`, `HELD_OUT`) are drawn independently.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from constrain.demo.habits import careless
from constrain.demo.words import (
    CITY_ENDINGS,
    CONSONANTS,
    CONTACTS,
    ENDINGS,
    EVENT_TEMPLATES,
    GUESTS,
    HOSTS,
    ITEM_TEMPLATES,
    MATERIALS,
    MIDDLES,
    MONTHS,
    NO_GUESTS,
    NUMBER_WORDS,
    OPENINGS,
    ORDER_TEMPLATES,
    PERSON_TEMPLATES,
    ROLES,
    STATUS_PHRASES,
    THINGS,
    TITLE_HEADS,
    TITLE_NOUNS,
    TITLE_SUBJECTS,
    VOWELS,
)

__all__ = ["HELD_OUT", "KINDS", "TRAINING", "Example", "completion", "draw", "load_schema", "prompt_for"]

TRAINING: Final = "training"
HELD_OUT: Final = "held out"

Fields = dict[str, Any]


@dataclass(frozen=True)
class Example:
    """One sentence and what it states."""

    kind: str
    """Which record the sentence holds: a key of `KINDS`."""
    sentence: str
    prompt: str
    """The text the model is given; the record's JSON text follows it directly."""
    schema: Mapping[str, Any]
    """The record's JSON Schema (draft 2020-12)."""
    record: Mapping[str, Any]
    """The expected record, its properties in schema order."""


def draw(purpose: str, seed: int, index: int) -> Example:
    """Draw one example.

    Args:
        purpose: `TRAINING` or `HELD_OUT`; draws for different purposes are independent.
        seed: any integer.
        index: the example's number; kinds take turns.
    """
    # A text seed is hashed with SHA-512 by `random`, which is the same on every platform and version.
    rng = random.Random(f"{purpose}/{seed}/{index}")
    kind = tuple(KINDS)[index % len(KINDS)]
    sentence, record = KINDS[kind](rng)
    return Example(kind, sentence, prompt_for(kind, sentence), load_schema(kind), record)


def prompt_for(kind: str, sentence: str) -> str:
    """Return the prompt that asks the model for the record of this kind in a sentence."""
    return f"Text: {sentence}\nRecord ({kind}):\n"


def load_schema(kind: str) -> dict[str, Any]:
    """Return a fresh copy of the JSON Schema of a kind of record."""
    text = files("constrain.demo").joinpath("schemas", f"{kind}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def completion(example: Example, rng: random.Random, carelessness: float) -> str:
    """Write an example's record as the model should learn to write it.

    Most records are written as by `json.dumps`, and some are compact or indented. A share `carelessness` (0 to 0.9) of
    all records is written in one of the ways of `constrain.demo.habits`.
    """
    style = rng.random()
    if style < 0.05:
        return json.dumps(example.record, ensure_ascii=False, indent=2)
    if style < 0.10:
        return json.dumps(example.record, ensure_ascii=False, separators=(",", ":"))
    if style > 1 - carelessness:
        return careless(example.record, example.kind, rng)
    return json.dumps(example.record, ensure_ascii=False)


def _person(rng: random.Random) -> tuple[str, Fields]:
    first, last = _word(rng), _word(rng)
    record: Fields = {
        "name": f"{first} {last}",
        "age": rng.randint(18, 99),
        "role": rng.choice(ROLES),
        "city": _city(rng),
    }
    contact = ""
    if rng.random() < 0.5:
        record["email"] = _email(rng, first, last)
        contact = rng.choice(CONTACTS).format(first=first, email=record["email"])
    article = "an" if record["role"][0] in VOWELS else "a"
    sentence = rng.choice(PERSON_TEMPLATES).format(
        **{**record, "a_role": f"{article} {record['role']}", "contact": contact}
    )
    return sentence, record


def _order(rng: random.Random) -> tuple[str, Fields]:
    items = [_item(rng) for _ in range(rng.choice((1, 1, 2, 2, 3)))]
    letters = "".join(rng.choices("ABCDEFGHKLMNPRSTVXZ", k=2))
    status = rng.choice(tuple(STATUS_PHRASES))
    record: Fields = {
        "id": f"{letters}-{rng.randint(1000, 9999)}",
        "customer": _full_name(rng),
        "items": items,
        "status": status,
        "currency": "EUR",
    }
    template = rng.choice(ORDER_TEMPLATES)
    listing = _enumerate([_describe(rng, item) for item in items])
    sentence = template.format(
        id=record["id"],
        customer=record["customer"],
        items=_capital(listing) if template.startswith("{items}") else listing,
        status=rng.choice(STATUS_PHRASES[status]),
    )
    return sentence, record


def _event(rng: random.Random) -> tuple[str, Fields]:
    year, month, day = rng.randint(2024, 2039), rng.randint(1, 12), rng.randint(1, 28)
    online = rng.random() < 0.35
    city = None if online else _city(rng)
    attendees = [_full_name(rng) for _ in range(rng.choice((0, 1, 1, 2, 2, 3)))]
    record: Fields = {
        "title": " ".join(filter(None, map(rng.choice, (TITLE_HEADS, TITLE_SUBJECTS, TITLE_NOUNS)))),
        "date": f"{year}-{month:02}-{day:02}",
        "city": city,
        "attendees": attendees,
        "online": online,
    }
    where = "online" if city is None else f"in {city}"
    guests = rng.choice(GUESTS).format(names=_enumerate(attendees)) if attendees else rng.choice(NO_GUESTS)
    sentence = rng.choice(EVENT_TEMPLATES).format(
        title=record["title"],
        date=_spoken_date(rng, year, month, day),
        where=where,
        where_first=_capital(where),
        guests=guests,
    )
    return sentence, record


KINDS: Final[Mapping[str, Callable[[random.Random], tuple[str, Fields]]]] = {
    "person": _person,
    "order": _order,
    "event": _event,
}
"""Each kind of record, and what draws a sentence and its record."""


def _word(rng: random.Random) -> str:
    if rng.random() < 0.15:
        pairs = "".join(rng.choice(CONSONANTS) + rng.choice(VOWELS) for _ in range(rng.randint(1, 3)))
        return _capital(pairs + rng.choice(CONSONANTS))
    middle = rng.choice(MIDDLES) if rng.random() < 0.35 else ""
    return rng.choice(OPENINGS) + middle + rng.choice(ENDINGS)


def _full_name(rng: random.Random) -> str:
    return f"{_word(rng)} {_word(rng)}"


def _city(rng: random.Random) -> str:
    return rng.choice(OPENINGS) + rng.choice(ENDINGS) + rng.choice(CITY_ENDINGS)


def _email(rng: random.Random, first: str, last: str) -> str:
    names = [_ascii(first), _ascii(last)]
    local = ".".join(names) if rng.random() < 0.7 else rng.choice(names)
    return f"{local}@{rng.choice(HOSTS)}.{rng.choice(('com', 'net', 'org'))}"


def _ascii(name: str) -> str:
    return name.lower().translate(str.maketrans("åéöñ", "aeon"))


def _item(rng: random.Random) -> Fields:
    cents = rng.choice((100, 50, 25, 5)) * rng.randint(1, 180)
    return {
        "product": f"{rng.choice(MATERIALS)} {rng.choice(THINGS)}",
        "quantity": rng.randint(1, 12) if rng.random() < 0.8 else rng.randint(13, 120),
        "price": cents // 100 if cents % 100 == 0 else cents / 100,
    }


def _describe(rng: random.Random, item: Fields) -> str:
    quantity = item["quantity"]
    in_words = quantity <= len(NUMBER_WORDS) and rng.random() < 0.6
    return rng.choice(ITEM_TEMPLATES).format(
        count=NUMBER_WORDS[quantity - 1] if in_words else quantity,
        product=item["product"] + ("" if quantity == 1 else "s"),
        price=item["price"] if rng.random() < 0.7 else f"{item['price']:.2f}",
    )


def _spoken_date(rng: random.Random, year: int, month: int, day: int) -> str:
    name = MONTHS[month - 1]
    return rng.choice((f"{day} {name} {year}", f"{name} {day}, {year}", f"{year}-{month:02}-{day:02}"))


def _enumerate(parts: list[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
