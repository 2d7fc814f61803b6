"""The schemas of ``hard_schemas``, and values of some of them."""

from __future__ import annotations

from typing import Any

__all__ = ["SCHEMAS", "VALUES"]


def _arm(number: int, *required: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"kind": {"const": f"k{number}"}, f"v{number}": {"type": "integer"}},
        "required": ["kind", *required],
        **more,
    }


def _tower(height: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "minLength": 1}
    for _ in range(height):
        schema = {"not": {"properties": {"a": schema}, "required": ["a"]}}
    return schema


def _nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "integer"}
    for _ in range(depth):
        schema = {
            "type": "object",
            "properties": {"a": schema},
            "required": ["a"],
            "additionalProperties": False,
        }
    return schema


def _pairs(count: int, arm: Any) -> list[Any]:
    """``count`` times: one thing or another."""
    return [{"anyOf": [arm(f"a{i}"), arm(f"b{i}")]} for i in range(count)]


def _conditions(count: int) -> list[Any]:
    return [
        {
            "if": {"properties": {"kind": {"const": f"k{i}"}}, "required": ["kind"]},
            "then": {"properties": {f"v{i}": {"type": "integer"}}, "required": [f"v{i}"]},
        }
        for i in range(count)
    ]


def _chain(count: int) -> dict[str, Any]:
    """Each property brings a schema that demands the next one."""
    return {
        f"d{i}": {"required": [f"d{i + 1}"], "properties": {f"d{i + 1}": {"type": "integer"}}}
        for i in range(count)
    }


def _hostile(height: int) -> dict[str, Any]:
    """A tower of definitions, each of which negates and nests the two below it."""
    tower: dict[str, Any] = {f"n{height}": {"type": "object"}, f"n{height + 1}": {"required": ["a"]}}
    for i in range(height):
        near, far = {"$ref": f"#/$defs/n{i + 1}"}, {"$ref": f"#/$defs/n{i + 2}"}
        root = {"$ref": "#/$defs/n0"}
        tower[f"n{i}"] = {
            "allOf": [
                {"not": {"properties": {"a": near, "b": root}, "required": ["a"]}},
                {
                    "anyOf": [
                        {"properties": {"b": far}, "required": ["b"]},
                        {"not": {"properties": {"a": far}}},
                    ]
                },
            ]
        }
    return {"$ref": "#/$defs/n0", "$defs": tower}


def _knot() -> dict[str, Any]:
    """Definitions that are all made of each other's negations."""
    a, b, c = ({"$ref": f"#/$defs/{name}"} for name in "abc")
    return {
        "$ref": "#/$defs/a",
        "$defs": {
            "a": {
                "allOf": [
                    {"not": {"properties": {"x": b, "y": c}, "required": ["x"]}},
                    {"anyOf": [{"properties": {"y": b}, "required": ["y"]}, {"properties": {"z": c}}]},
                ]
            },
            "b": {
                "anyOf": [
                    {"not": {"properties": {"x": a}, "required": ["x"]}},
                    {"properties": {"z": {"not": c}, "y": a}, "required": ["z"]},
                ]
            },
            "c": {
                "oneOf": [
                    {"properties": {"x": a}, "required": ["x"]},
                    {"properties": {"y": {"not": b}}, "required": ["y"]},
                    {"properties": {"z": {"not": a}}, "required": ["z"]},
                ]
            },
        },
    }


def _integers(count: int, prefix: str = "p") -> dict[str, Any]:
    return {f"{prefix}{i}": {"type": "integer"} for i in range(count)}


SCHEMAS: dict[str, Any] = {
    "oneOf of 200 closed objects by constant": {
        "oneOf": [_arm(i, f"v{i}", additionalProperties=False) for i in range(200)]
    },
    "oneOf of 200 open objects by constant": {"oneOf": [_arm(i) for i in range(200)]},
    "oneOf of 50 overlapping arms": {
        "oneOf": [
            {"type": "object", "properties": {f"v{i}": {"type": "integer"}}, "required": [f"v{i}"]}
            for i in range(50)
        ]
    },
    "anyOf of 50 overlapping arms": {
        "anyOf": [
            {"type": "object", "properties": {f"v{i}": {"type": "integer"}}, "required": [f"v{i}"]}
            for i in range(50)
        ]
    },
    "anyOf of 60 with a shared prefix": {
        "type": "object",
        "anyOf": [
            {
                "properties": {"a": {}, "b": {}, "c": {}, f"v{i}": {"const": i}},
                "required": ["a", "b", "c", f"v{i}"],
            }
            for i in range(60)
        ],
    },
    "30 if/then by constant": {
        "type": "object",
        "properties": {"kind": {"type": "string"}},
        "required": ["kind"],
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": f"k{i}"}}, "required": ["kind"]},
                "then": {"properties": {f"v{i}": {"type": "integer"}}, "required": [f"v{i}"]},
            }
            for i in range(30)
        ],
    },
    "16 anyOf pairs under allOf": {
        "type": "object",
        "allOf": [{"anyOf": [{"required": [f"a{i}"]}, {"required": [f"b{i}"]}]} for i in range(16)],
    },
    "8 anyOf pairs of patterns": {
        "type": "string",
        "allOf": [{"anyOf": [{"pattern": f"a{i}"}, {"pattern": f"b{i}"}]} for i in range(8)],
    },
    "20 nots in each other": _tower(20),
    "unevaluatedProperties over 14 arms": {
        "type": "object",
        "anyOf": [{"properties": _integers(1, f"p{i}_"), "required": [f"p{i}_0"]} for i in range(14)],
        "unevaluatedProperties": False,
    },
    "multipleOf in a wide interval": {
        "type": "integer",
        "multipleOf": 97,
        "minimum": -(10**12),
        "maximum": 10**15 + 7,
    },
    "multipleOf of a fraction": {
        "type": "number",
        "multipleOf": 0.07,
        "exclusiveMinimum": 0,
        "maximum": 10**9,
    },
    "40 required properties": {
        "type": "object",
        "properties": _integers(40),
        "required": [f"p{i}" for i in range(40)],
        "additionalProperties": False,
    },
    "500 properties": {"type": "object", "properties": _integers(500), "additionalProperties": False},
    "enum of 2,000 strings": {"enum": [f"value {i * 7919 % 100003} of {i}" for i in range(2000)]},
    "10 patternProperties": {
        "type": "object",
        "patternProperties": {f"^x{i}_": {"type": "integer"} for i in range(10)},
        "additionalProperties": False,
    },
    "6 overlapping patternProperties": {
        "type": "object",
        "patternProperties": {letter: {"minimum": i} for i, letter in enumerate("abcdef")},
    },
    "uniqueItems of objects": {
        "type": "array",
        "uniqueItems": True,
        "items": {"type": "object", "properties": _integers(3), "required": ["p0"]},
    },
    "uniqueItems of an enum": {
        "type": "array",
        "uniqueItems": True,
        "items": {"enum": list(range(100))},
        "minItems": 50,
    },
    "contains 5 of each of 3": {
        "type": "array",
        "allOf": [{"contains": {"type": kind}, "minContains": 5} for kind in ("string", "integer", "null")],
    },
    "20 to 25 properties": {"type": "object", "minProperties": 20, "maxProperties": 25},
    "a recursive tree": {
        "$ref": "#/$defs/node",
        "$defs": {
            "node": {
                "type": "object",
                "properties": {
                    "left": {"$ref": "#/$defs/node"},
                    "right": {"$ref": "#/$defs/node"},
                    "value": {},
                },
                "required": ["value"],
                "unevaluatedProperties": False,
            }
        },
    },
    "60 objects in each other": _nested(60),
    # The same again, twice as large, and others that are close to them.
    "oneOf of 400 open objects by constant": {"oneOf": [_arm(i) for i in range(400)]},
    "oneOf of 100 overlapping arms": {
        "oneOf": [
            {"type": "object", "properties": {f"v{i}": {"type": "integer"}}, "required": [f"v{i}"]}
            for i in range(100)
        ]
    },
    "60 if/then by constant": {
        "type": "object",
        "properties": {"kind": {"type": "string"}},
        "required": ["kind"],
        "allOf": _conditions(60),
    },
    "32 anyOf pairs under allOf": {
        "type": "object",
        "allOf": _pairs(32, lambda name: {"required": [name]}),
    },
    "16 anyOf pairs of patterns": {
        "type": "string",
        "allOf": _pairs(16, lambda name: {"pattern": name}),
    },
    "12 anyOf pairs of values": {
        "type": "object",
        "allOf": _pairs(12, lambda name: {"properties": {name: {"type": "integer"}}, "required": [name]}),
    },
    "40 nots in each other": _tower(40),
    "unevaluatedProperties over 28 arms": {
        "type": "object",
        "anyOf": [{"properties": _integers(1, f"p{i}_"), "required": [f"p{i}_0"]} for i in range(28)],
        "unevaluatedProperties": False,
    },
    "multipleOf in a very wide interval": {
        "type": "integer",
        "multipleOf": 999983,
        "minimum": -(10**24),
        "maximum": 10**29 + 7,
        "not": {"multipleOf": 7},
    },
    "12 overlapping patternProperties": {
        "type": "object",
        "patternProperties": {f"^{letter}": {"minimum": i} for i, letter in enumerate("abcdefaabcde")}
        | {f"{letter}$": {"maximum": 100 + i} for i, letter in enumerate("uvwxyz")},
    },
    "patternProperties of counted repetitions": {
        "type": "object",
        "patternProperties": {
            "^[a-z]{3,40}$": {"type": "integer"},
            "^[a-m]{5,60}$": {"minimum": 1},
            "^.{2,30}x$": {"maximum": 100},
        },
    },
    "propertyNames with patterns": {
        "type": "object",
        "propertyNames": {"allOf": [{"pattern": "^[a-z_]+$"}, {"not": {"pattern": "__"}}], "maxLength": 40},
        "minProperties": 3,
        "patternProperties": {"^x_": {"type": "integer"}, "_id$": {"type": "string"}},
    },
    "uniqueItems of 500 strings": {
        "type": "array",
        "uniqueItems": True,
        "items": {"enum": [f"item {i}" for i in range(500)]},
        "minItems": 500,
    },
    "uniqueItems of any items": {"type": "array", "uniqueItems": True},
    "uniqueItems in two positions": {
        "type": "array",
        "prefixItems": [{"type": "integer", "maximum": 9, "minimum": 0}] * 6,
        "items": {"type": ["string", "integer"]},
        "uniqueItems": True,
        "contains": {"type": "string", "pattern": "z"},
        "minContains": 3,
    },
    "contains 10 of each of 5": {
        "type": "array",
        "allOf": [
            {"contains": {"type": kind}, "minContains": 10, "maxContains": 20}
            for kind in ("string", "integer", "null", "boolean", "object")
        ],
    },
    "30 dependentSchemas in a chain": {"type": "object", "dependentSchemas": _chain(30)},
    "300 properties, 150 of them required": {
        "type": "object",
        "properties": _integers(300),
        "required": [f"p{i}" for i in range(0, 300, 2)],
    },
    "300 properties, numbers of them bounded": {
        "type": "object",
        "properties": _integers(300),
        "minProperties": 100,
        "maxProperties": 200,
        "dependentRequired": {f"p{i}": [f"p{i + 1}"] for i in range(0, 300, 3)},
    },
    "a hostile tower": _hostile(12),
    "a knot of references": _knot(),
}

# Values to be written, too: random walks seldom come this far.
VALUES: dict[str, Any] = {
    "uniqueItems of objects": [{"p0": i, "p1": i % 3, "p2": i // 3} for i in range(60)],
    "uniqueItems of any items": [{"name": f"n{i}", "size": i, "tags": [i, {}]} for i in range(60)],
    "uniqueItems of 500 strings": [f"item {i * 7 % 500}" for i in range(500)],
    "contains 10 of each of 5": [None, True, 1, "a", {}] * 12,
    "300 properties, 150 of them required": {f"p{i * 7 % 300}": i for i in range(300)},
    "30 dependentSchemas in a chain": {f"d{i}": i for i in range(31)},
    "32 anyOf pairs under allOf": {f"{'ab'[i % 2]}{i}": i for i in range(32)},
    "12 anyOf pairs of values": {f"{'ab'[i % 2]}{i}": i for i in range(12)},
    "60 if/then by constant": {"kind": "k17", "v17": 3, "more": [1, 2]},
}
