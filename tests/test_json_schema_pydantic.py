"""Models of pydantic and other types as schemas: the documents written are instances."""

from __future__ import annotations

import dataclasses
import datetime
import enum
from random import Random
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest

import constrain as cn
from constrain.engine import random_text

pytest.importorskip("pydantic")
import pydantic
from pydantic import BaseModel, Field, TypeAdapter
from typing_extensions import TypedDict


class Colour(enum.Enum):
    RED = "red"
    GREEN = "green"


class Item(BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")
    id: UUID
    price: float = Field(ge=0, lt=1000)
    colour: Colour
    tags: set[str] = Field(default=set(), max_length=3)


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = Field(gt=0, le=9)


class Dog(BaseModel):
    kind: Literal["dog"]
    born: datetime.date


class Order(BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")
    name: str = Field(min_length=1, pattern="^[a-z ]*$")
    at: datetime.date
    pet: Cat | Dog = Field(discriminator="kind")
    items: list[Item] = []
    size: tuple[int, str] | None = None
    notes: dict[str, bool] = {}


class Tree(BaseModel):
    label: str
    children: list[Tree] = []


@pytest.mark.parametrize("model", [Item, Order, Tree])
def test_documents_are_instances(model: Any) -> None:
    grammar, random = cn.json_schema(model), Random(4)
    for _ in range(100):
        model.model_validate_json(random_text(grammar.engine, grammar.root, random, 200))


def test_the_model_is_its_schema() -> None:
    text = '{"kind": "cat", "lives": 9}'
    assert cn.json_schema(Cat).matches(text) and cn.json_schema(Cat.model_json_schema()).matches(text)
    assert not cn.json_schema(Cat).matches('{"kind": "cat", "lives": 10}')


@dataclasses.dataclass
class Point:
    x: float
    y: float = 0.0


class Label(TypedDict):
    text: str
    at: Point


@pytest.mark.parametrize(
    "source",
    [
        Point,
        Label,
        Colour,
        list[Item],
        dict[str, Point],
        Cat | None,
        Literal["a", 1],
        Annotated[int, Field(ge=3, lt=30)],
        TypeAdapter(tuple[int, str]),
    ],
    ids=lambda source: type(source).__name__ if isinstance(source, TypeAdapter) else str(source),
)
def test_types(source: Any) -> None:
    grammar, random = cn.json_schema(source), Random(4)
    adapter = source if isinstance(source, TypeAdapter) else TypeAdapter(source)
    for _ in range(30):
        adapter.validate_json(random_text(grammar.engine, grammar.root, random, 200))


def test_what_is_no_type_of_documents() -> None:
    with pytest.raises(TypeError, match=r"no JSON Schema of .*Random"):
        cn.json_schema(Random)
    with pytest.raises(cn.InvalidSchema, match="not Random"):
        cn.json_schema(Random(4))
