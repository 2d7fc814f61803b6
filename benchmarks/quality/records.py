"""Questions that ask for a record out of a text: flat, nested, with lists, with dates, and calls of functions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from benchmarks.quality.task import Task

__all__ = ["calls", "flat", "invoices", "lists", "nested"]

FIRST = (
    "Anna",
    "Peter",
    "Maria",
    "David",
    "Julia",
    "Thomas",
    "Laura",
    "Daniel",
    "Emma",
    "Robert",
    "Clara",
    "Victor",
)
LAST = (
    "Miller",
    "Weber",
    "Rossi",
    "Novak",
    "Jensen",
    "Garcia",
    "Cooper",
    "Schmidt",
    "Martin",
    "Olsen",
    "Carter",
    "Wood",
)
CITIES = (
    "Paris",
    "Berlin",
    "Madrid",
    "Oslo",
    "Vienna",
    "Dublin",
    "Lisbon",
    "Boston",
    "Toronto",
    "Sydney",
    "Chicago",
)
JOBS = (
    "teacher",
    "nurse",
    "engineer",
    "baker",
    "lawyer",
    "pilot",
    "dentist",
    "farmer",
    "plumber",
    "journalist",
    "chef",
)
PRODUCTS = (
    "laptop",
    "chair",
    "lamp",
    "bicycle",
    "camera",
    "table",
    "printer",
    "backpack",
    "guitar",
    "monitor",
    "phone",
)
FRUITS = (
    "apples",
    "bananas",
    "oranges",
    "lemons",
    "pears",
    "peaches",
    "melons",
    "onions",
    "carrots",
    "tomatoes",
)
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
)


def closed(properties: dict[str, Any]) -> dict[str, Any]:
    """An object with these properties, all required, and no others."""
    required = list(properties)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
PERSON = closed({"name": TEXT, "age": WHOLE, "city": TEXT, "job": TEXT})
MEANINGS = {
    "name": "the full name of the person",
    "age": "the age in years, a number",
    "city": "where the person lives",
    "job": "what the person works as",
}
ANOTHER_PERSON = {"name": "Henry Stone", "age": 50, "city": "Rome", "job": "painter"}
ORDER = closed(
    {
        "customer": closed({"name": TEXT, "city": TEXT}),
        "product": TEXT,
        "quantity": WHOLE,
        "gift": {"type": "boolean"},
    }
)
ANOTHER_ORDER = {
    "customer": {"name": "Henry Stone", "city": "Rome"},
    "product": "sofa",
    "quantity": 4,
    "gift": True,
}
SHOPPING = closed({"items": {"type": "array", "items": closed({"name": TEXT, "count": WHOLE})}})
ANOTHER_SHOPPING = {"items": [{"name": "eggs", "count": 12}]}
PEOPLE = closed({"people": {"type": "array", "items": TEXT}})
ANOTHER_PEOPLE = {"people": ["Henry", "Alice"]}
INVOICE = closed(
    {"date": {"type": "string", "format": "date"}, "total": {"type": "number"}, "paid": {"type": "boolean"}}
)
ANOTHER_INVOICE = {"date": "1999-12-31", "total": 8.25, "paid": True}


# -- how a prompt describes the form ----------------------------------------------------------


def by_keys(schema: Any, example: Any) -> str:
    names = list(schema["properties"])
    return f"Answer with a JSON object with the keys {', '.join(names[:-1])} and {names[-1]}."


def by_keys_in_another_order(schema: Any, example: Any) -> str:
    names = list(schema["properties"])
    return by_keys({"properties": names[2:] + names[:2]}, example)


def by_schema(schema: Any, example: Any) -> str:
    return f"Answer with JSON that follows this schema:\n{json.dumps(schema)}"


def by_indented_schema(schema: Any, example: Any) -> str:
    return f"Answer with JSON that follows this schema:\n{json.dumps(schema, indent=2)}"


def by_example(schema: Any, example: Any) -> str:
    return f"Answer with JSON like this example:\n{json.dumps(example)}"


def by_indented_example(schema: Any, example: Any) -> str:
    return f"Answer with JSON like this example:\n{json.dumps(example, indent=2)}"


def by_meaning(schema: Any, example: Any) -> str:
    listed = "\n".join(f'- "{name}": {meaning}' for name, meaning in MEANINGS.items())
    return f"Answer with a JSON object with these keys:\n{listed}"


def by_nothing(schema: Any, example: Any) -> str:
    return "Answer with JSON."


Layouts = dict[str, Callable[[Any, Any], str]]
OF_PERSONS: Layouts = {
    "keys": by_keys,
    "keys in another order": by_keys_in_another_order,
    "meaning of each key": by_meaning,
    "schema": by_schema,
    "schema, indented": by_indented_schema,
    "example": by_example,
    "example, indented": by_indented_example,
    "no description": by_nothing,
}
OTHERWISE: Layouts = {
    "keys": by_keys,
    "schema": by_schema,
    "example": by_example,
    "example, indented": by_indented_example,
}


def asked(
    family: str,
    layouts: Layouts,
    index: int,
    text: str,
    question: str,
    schema: Any,
    example: Any,
    answer: Any,
) -> Task:
    """The question number ``index`` about ``text``: the layouts take turns."""
    layout = list(layouts)[index % len(layouts)]
    prompt = f"{text}\n\n{question} {layouts[layout](schema, example)}"
    return Task(family, layout, prompt, "schema", schema, answer)


# -- families -----------------------------------------------------------------------------------


def flat(chooser: Random, count: int) -> Iterator[Task]:
    """Persons."""
    question = "Extract the name, age, city and job of the person."
    for index in range(count):
        name = f"{chooser.choice(FIRST)} {chooser.choice(LAST)}"
        age, city, job = chooser.randint(19, 79), chooser.choice(CITIES), chooser.choice(JOBS)
        texts = (
            f"{name} is {age} years old, lives in {city} and works as a {job}.",
            f"I met {name} in {city} last week. At the age of {age}, {name.split()[0]} still works there as a {job}.",
            f"The {job} {name}, {age}, has lived in {city} for many years.",
        )
        answer = {"name": name, "age": age, "city": city, "job": job}
        text = chooser.choice(texts)
        yield asked("flat record", OF_PERSONS, index, text, question, PERSON, ANOTHER_PERSON, answer)


def nested(chooser: Random, count: int) -> Iterator[Task]:
    """Orders of customers."""
    for index in range(count):
        name, city = f"{chooser.choice(FIRST)} {chooser.choice(LAST)}", chooser.choice(CITIES)
        product, quantity, gift = chooser.choice(PRODUCTS), chooser.randint(2, 9), chooser.random() < 0.5
        end = "It is a gift." if gift else "It is not a gift."
        text = f"{name} from {city} ordered {quantity} pieces of the product {product}. {end}"
        answer = {
            "customer": {"name": name, "city": city},
            "product": product,
            "quantity": quantity,
            "gift": gift,
        }
        asks = "the customer with name and city, the product, the quantity, whether it is a gift"
        question = f"Extract the order: {asks}."
        yield asked("nested record", OTHERWISE, index, text, question, ORDER, ANOTHER_ORDER, answer)


def lists(chooser: Random, count: int) -> Iterator[Task]:
    """Half of them lists of records, half lists of names."""
    for index in range(count):
        if index % 8 < 4:
            some = [(fruit, chooser.randint(2, 9)) for fruit in chooser.sample(FRUITS, chooser.randint(2, 3))]
            told = " and ".join(f"{number} {fruit}" for fruit, number in some)
            answer: Any = {"items": [{"name": fruit, "count": number} for fruit, number in some]}
            question = "List what is bought under items, each with its name and count."
            arguments: tuple[Any, ...] = (f"Please buy {told} at the market.", question)
            arguments += (SHOPPING, ANOTHER_SHOPPING, answer)
        else:
            people = chooser.sample(FIRST, 3)
            told = f"{people[0]} came to the party with {people[1]}, and {people[2]} came later."
            question = "List the names of all people in the text under people."
            arguments = (told, question, PEOPLE, ANOTHER_PEOPLE, {"people": people})
        yield asked("list", OTHERWISE, index, *arguments)


def invoices(chooser: Random, count: int) -> Iterator[Task]:
    """Dates and amounts, which must be spelled differently than in the text."""
    for index in range(count):
        year, month, day = chooser.randint(2001, 2024), chooser.randint(1, 11), chooser.randint(1, 28)
        total, paid = chooser.randint(100, 99900) / 100, chooser.random() < 0.5
        end = "It has been paid." if paid else "It has not been paid yet."
        text = f"The invoice of {day} {MONTHS[month - 1]} {year} is over {total:.2f} dollars. {end}"
        answer = {"date": f"{year}-{month:02}-{day:02}", "total": total, "paid": paid}
        question = "Extract the date (as YYYY-MM-DD), the total and whether it is paid."
        yield asked("date and number", OTHERWISE, index, text, question, INVOICE, ANOTHER_INVOICE, answer)


TOOLS: dict[str, tuple[str, dict[str, Any]]] = {
    "set_alarm": ("set an alarm clock", {"hour": WHOLE, "minute": WHOLE}),
    "get_weather": ("ask for the weather", {"city": TEXT, "unit": {"enum": ["celsius", "fahrenheit"]}}),
    "send_message": ("send a text message", {"recipient": TEXT, "text": TEXT}),
}
CALL = {
    "anyOf": [
        closed({"name": {"const": name}, "arguments": closed(properties)})
        for name, (_, properties) in TOOLS.items()
    ]
}


def calls(chooser: Random, count: int) -> Iterator[Task]:
    """A call of one of three functions."""
    shown = "\n".join(
        json.dumps({"name": name, "description": does, "parameters": closed(properties)})
        for name, (does, properties) in TOOLS.items()
    )
    for index in range(count):
        kind = list(TOOLS)[index % len(TOOLS)]
        arguments: dict[str, Any]
        if kind == "set_alarm":
            hour, minute = chooser.randint(1, 11), chooser.randint(1, 59)
            request, arguments = (
                f"Wake me at {hour}:{minute:02} in the morning.",
                {"hour": hour, "minute": minute},
            )
        elif kind == "get_weather":
            city, unit = chooser.choice(CITIES), chooser.choice(("celsius", "fahrenheit"))
            request, arguments = f"What is the weather in {city}, in {unit}?", {"city": city, "unit": unit}
        else:
            name, text = (
                chooser.choice(FIRST),
                chooser.choice(("See you tomorrow", "I am late", "Happy birthday")),
            )
            request, arguments = f'Send "{text}" to {name}.', {"recipient": name, "text": text}
        prompt = (
            f"You can call one of these functions:\n{shown}\n\nRequest: {request}\n\n"
            'Answer with the function call as JSON: {"name": <name of the function>, "arguments": {<its arguments>}}'
        )
        yield Task("function call", "tools", prompt, "schema", CALL, {"name": kind, "arguments": arguments})
