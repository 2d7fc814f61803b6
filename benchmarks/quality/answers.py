"""Questions with a short answer: a class, one of twenty texts, a text of a pattern, a number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

from benchmarks.quality.records import FIRST, PRODUCTS, closed
from benchmarks.quality.task import Task

__all__ = ["choices", "classes", "patterns", "sums"]

SAID: dict[str, tuple[str, ...]] = {
    "positive": (
        "I love this {}, it works perfectly and looks beautiful.",
        "Best {} I have ever had, I am very happy with it.",
        "The {} arrived early and is even better than expected. Great!",
        "What a wonderful {}! I recommend it to everybody.",
    ),
    "negative": (
        "This {} broke after one day. I want my money back.",
        "Terrible {}, a complete waste of money.",
        "The {} arrived late, damaged and dirty. I am very disappointed.",
        "I hate this {}. It never worked.",
    ),
    "neutral": (
        "The {} is delivered in a brown box with a manual.",
        "This {} is available in three sizes.",
        "I bought a {} on Monday.",
        "The {} has a weight of two kilograms.",
    ),
}
SENTIMENT = closed({"sentiment": {"enum": list(SAID)}})
TOPICS: dict[str, tuple[str, ...]] = {
    "sports": ("The team won the final after a late goal.", "She ran the marathon in record time."),
    "politics": ("The parliament voted on the new law today.", "The president met the prime minister."),
    "science": (
        "Researchers found a new planet near a distant star.",
        "The experiment confirmed the theory.",
    ),
    "food": ("The soup needs salt, garlic and fresh basil.", "Bake the bread for forty minutes."),
}
TOPIC = closed({"topic": {"enum": list(TOPICS)}})

CAPITALS = {
    "France": "Paris", "Germany": "Berlin", "Spain": "Madrid", "Italy": "Rome", "Norway": "Oslo", "Austria": "Vienna",
    "Ireland": "Dublin", "Portugal": "Lisbon", "Poland": "Warsaw", "Greece": "Athens", "Hungary": "Budapest",
    "Sweden": "Stockholm", "Finland": "Helsinki", "Japan": "Tokyo", "China": "Beijing", "Egypt": "Cairo",
    "Russia": "Moscow", "Cuba": "Havana", "Peru": "Lima", "Kenya": "Nairobi",
}  # fmt: skip

WORK = {
    "teacher": "{} teaches mathematics at a school.",
    "nurse": "{} cares for patients in a hospital.",
    "engineer": "{} designs machines and bridges.",
    "baker": "{} bakes bread every morning.",
    "lawyer": "{} defends people in court.",
    "pilot": "{} flies airplanes.",
    "dentist": "{} repairs teeth.",
    "farmer": "{} grows wheat and keeps cows.",
    "plumber": "{} repairs water pipes.",
    "journalist": "{} writes for a newspaper.",
    "chef": "{} cooks in a restaurant.",
    "painter": "{} paints pictures.",
    "singer": "{} sings on stage.",
    "soldier": "{} serves in the army.",
    "judge": "{} decides cases in court.",
    "barber": "{} cuts hair.",
    "butcher": "{} cuts and sells meat.",
    "librarian": "{} lends books to readers.",
    "gardener": "{} plants flowers in the park.",
    "programmer": "{} writes software.",
}


def classes(chooser: Random, count: int) -> Iterator[Task]:
    """Sentiments of reviews and topics of sentences, as JSON objects with one key."""
    for index in range(count):
        reviewed = index % 2 == 0
        sentences, schema = (SAID, SENTIMENT) if reviewed else (TOPICS, TOPIC)
        label = chooser.choice(list(sentences))
        text = chooser.choice(sentences[label]).format(chooser.choice(PRODUCTS))
        [key] = schema["properties"]
        names = list(sentences)
        question = f"Which {key} has this text: {', '.join(names[:-1])} or {names[-1]}?"
        layout = "schema" if index % 4 < 2 else "example"
        shown = json.dumps(schema if layout == "schema" else {key: "..."})
        form = "that follows this schema" if layout == "schema" else "like this"
        prompt = f'Text: "{text}"\n\n{question} Answer with JSON {form}: {shown}'
        yield Task("classification", layout, prompt, "schema", schema, {key: label})


def choices(chooser: Random, count: int) -> Iterator[Task]:
    """One of twenty texts that are listed: capitals, which the model has to know, and jobs, which a text tells."""
    for index in range(count):
        if index % 2 == 0:
            country = chooser.choice(list(CAPITALS))
            layout, listed, answer = "capital", list(CAPITALS.values()), CAPITALS[country]
            question, lead = f"What is the capital of {country}?", f"The capital of {country} is "
        else:
            name = chooser.choice(FIRST)
            layout, listed, answer = "job", list(WORK), chooser.choice(list(WORK))
            question, lead = f"{WORK[answer].format(name)}\n\nWhat is {name}?", f"{name} is a "
        chooser.shuffle(listed)
        prompt = f"{question} Answer with one of: {', '.join(listed)}."
        yield Task("one of twenty", layout, prompt, "choice", listed, answer, lead)


def patterns(chooser: Random, count: int) -> Iterator[Task]:
    """Something in a text that a pattern describes."""
    for index in range(count):
        digits = "".join(chooser.choices("0123456789", k=9))
        name = chooser.choice(FIRST)
        kind = ("phone number", "invoice number", "time", "licence plate")[index % 4]
        if kind == "phone number":
            pattern, answer = "[0-9]{3}-[0-9]{4}", f"{digits[:3]}-{digits[3:7]}"
            text = f"Call {name} at {answer}, extension {digits[7:9]}, before noon."
        elif kind == "invoice number":
            pattern, answer = "INV-[0-9]{5}", f"INV-{digits[:5]}"
            text = f"{name} asks about the invoice {answer}, which is over {digits[5:8]} dollars."
        elif kind == "time":
            pattern, answer = (
                "([01][0-9]|2[0-3]):[0-5][0-9]",
                f"{chooser.randint(10, 23)}:{chooser.randint(10, 59)}",
            )
            text = f"The train of {name} leaves at {answer} from platform {digits[0]}."
        else:
            letters = "".join(chooser.choices("ABCDEFGHKLMNPRSTUVWXYZ", k=3))
            pattern, answer = "[A-Z]{3} [0-9]{3}", f"{letters} {digits[:3]}"
            text = f"{name} drives a red car with the licence plate {answer} since {2000 + int(digits[3:5]) % 24}."
        prompt = f"{text}\n\nWhat is the {kind}? Answer with the {kind} only, nothing else."
        yield Task("text of a pattern", kind, prompt, "regex", pattern, answer, f"The {kind} is ")


def sums(chooser: Random, count: int) -> Iterator[Task]:
    """Small sums: the number alone, or after a sentence of reasoning."""
    for index in range(count):
        name, thing = chooser.choice(FIRST), chooser.choice(("apples", "books", "coins", "stamps"))
        first, second = chooser.randint(2, 9), chooser.randint(2, 9)
        text = f"{name} has {first} {thing} and gets {second} more. How many {thing} does {name} have now?"
        answer: dict[str, Any] = {"answer": first + second}
        if index % 2 == 0:
            layout, schema = "answer alone", closed({"answer": {"type": "integer"}})
            form = "Answer with a JSON object with the key answer, a number."
        else:
            layout = "reasoning first"
            schema = closed({"reasoning": {"type": "string"}, "answer": {"type": "integer"}})
            form = "Answer with a JSON object with the keys reasoning, a sentence that explains, and answer, a number."
        yield Task("sum", layout, f"{text} {form}", "schema", schema, answer)
