"""Schemas with texts that belong to their language and texts that do not, by topic."""

from __future__ import annotations

from typing import Any, NamedTuple


class Case(NamedTuple):
    """A schema, texts that are accepted, texts that are not."""

    schema: Any
    accepted: list[str]
    rejected: list[str]


DRAFT_4 = {"$schema": "http://json-schema.org/draft-04/schema#"}
DRAFT_7 = {"$schema": "http://json-schema.org/draft-07/schema#"}
NODE = {
    "$defs": {"node": {"properties": {"next": {"$ref": "#/$defs/node"}}, "additionalProperties": False}},
    "$ref": "#/$defs/node",
}

TYPES = [
    Case(
        True,
        [
            "null",
            "true",
            "0",
            '"x"',
            "[]",
            "{}",
            '[1,{"a":null}]',
            '{"a":1,"b":2}',
            " 1",
            "1e5",
            "-0.5E-3",
            "[ ]",
        ],
        [
            "",
            "nul",
            "tru",
            "01",
            "+1",
            ".5",
            "1.",
            '{"a":1,"a":2}',
            "[1,]",
            "{,}",
            "[1 2]",
            "1 ",
            "'x'",
            "NaN",
        ],
    ),
    Case({"type": "null"}, ["null"], ["0", '""', "false"]),
    Case({"type": "boolean"}, ["true", "false"], ["0", "1", '"true"', "null"]),
    Case(
        {"type": "integer"},
        ["0", "-0", "12", "-7", "1.0", "3.000"],
        ["1.5", "1e3", '"1"', "01", "1.", "true"],
    ),
    Case({**DRAFT_4, "type": "integer"}, ["0", "12"], ["1.0", "1.5"]),
    Case({"type": "number"}, ["0", "1.5", "-1.5e-7", "1E+5", "3"], ['"1"', "1e", "1e1234", "--1"]),
    Case({"type": ["string", "null"]}, ["null", '""'], ["1", "[]"]),
    Case({"type": ["integer", "number"]}, ["1.5"], ['"x"']),
    Case({"type": "array"}, ["[]", '[1,"a",[],{}]'], ["{}", "[", "[1"]),
    Case({"type": "object"}, ["{}", '{"a":[]}'], ["[]", '{"a"}', '{"a":}', "{a:1}"]),
]

STRINGS = [
    Case(
        {"type": "string"},
        ['""', '"é"', '"\U0001f600"', r'"\n\"\\\b\f\r\t"', r'"\u0000\u001f"', '"/\x7f"', '"\u2028"'],
        ['"', '"\n"', r'"\/"', r'"\u0041"', r'"\u001F"', r'"\u000a"', r'"\x"', r'"\ud800"'],
    ),
    Case(
        {"minLength": 2, "maxLength": 3},
        ['"ab"', '"abc"', r'"\n\""', '"\U0001f600é"', "1"],
        ['"a"', '"abcd"', '""'],
    ),
    Case({"type": "string", "maxLength": 0}, ['""'], ['"a"']),
    Case({"type": "string", "pattern": "^[a-z]+$"}, ['"abc"'], ['""', '"aB"', '"a1"']),
    Case({"type": "string", "pattern": "b"}, ['"b"', '"abc"', r'"\nb"'], ['""', '"ac"']),
    Case({"type": "string", "pattern": '^"\\\\$'}, [r'"\"\\"'], [r'"\""']),
    Case(
        {"type": "string", "pattern": "^a*$", "minLength": 2, "maxLength": 3},
        ['"aa"', '"aaa"'],
        ['"a"', '"aaaa"', '"ab"'],
    ),
    Case({"type": "string", "pattern": "^(ab)*$", "maxLength": 5}, ['""', '"abab"'], ['"ababab"', '"a"']),
    Case({"type": "string", "pattern": "^a{2}$", "maxLength": 5}, ['"aa"'], ['"aaa"']),
    Case({"allOf": [{"pattern": "a"}, {"pattern": "b"}], "type": "string"}, ['"ab"', '"ba"'], ['"a"', '"b"']),
    Case({"type": "string", "pattern": "^(?=.*[0-9])[a-z0-9]+$"}, ['"a1"', '"1"'], ['"a"', '""']),
]

NUMBERS = [
    Case(
        {"minimum": 1000000, "maximum": 2000000},
        ["1000000", "1500000.5", "2000000.0", '"x"'],
        ["999999.9", "2000000.1", "0", "1e6"],
    ),
    Case(
        {"exclusiveMinimum": 0, "exclusiveMaximum": 1},
        ["0.5", "0.001", "0.999"],
        ["0", "0.0", "-0", "1", "1.0", "1.5"],
    ),
    Case({"type": "integer", "minimum": 0}, ["0", "-0", "7", "7.0"], ["-1", "0.5"]),
    Case({"type": "integer", "maximum": 100}, ["100", "-100000", "99"], ["101", "1000"]),
    Case({"minimum": -90, "maximum": 90}, ["-90", "90.0", "0", "-89.5"], ["-90.5", "90.01", "91"]),
    Case(
        {"minimum": 1.25, "maximum": 1.75},
        ["1.25", "1.250", "1.5", "1.75"],
        ["1.2", "1", "1.76", "2", "1.751"],
    ),
    Case(
        {"exclusiveMinimum": 1.25, "exclusiveMaximum": 1.3},
        ["1.26", "1.2500001"],
        ["1.25", "1.250", "1.3", "1.30"],
    ),
    Case({**DRAFT_4, "minimum": 3, "exclusiveMinimum": True}, ["3.1"], ["3", "3.0", "2"]),
    Case({**DRAFT_4, "minimum": 3, "exclusiveMinimum": False}, ["3.0"], ["2.9"]),
    Case({"minimum": 5, "exclusiveMinimum": 5}, ["5.1"], ["5"]),
    Case({"maximum": 5, "exclusiveMaximum": 3}, ["2.9"], ["3", "5"]),
    Case({"minimum": 10**30}, ["1" + "0" * 30], ["9" * 30]),
    Case(
        {"enum": [1, 2.5, -3, 0]},
        ["1", "1.0", "2.5", "2.50", "-3.0", "0", "-0"],
        ["1.5", "3", "2", "true", "1e0"],
    ),
    Case({**DRAFT_4, "type": "integer", "enum": [1, 2]}, ["1", "2"], ["1.0", "3"]),
    Case({"const": 1e-06}, ["0.000001"], ["0", "0.00001"]),
    Case({"type": "integer", "exclusiveMaximum": 2.5, "minimum": -1.5}, ["2", "-1"], ["3", "-2"]),
    Case(
        {"anyOf": [{"type": "integer", "maximum": 3}, {"type": "number", "minimum": 5}]},
        ["3", "5.5"],
        ["3.5", "4"],
    ),
]

VALUES = [
    Case(
        {"enum": ["a", "b\n", None, True, 1]},
        ['"a"', r'"b\n"', "null", "true", "1"],
        ['"c"', "false", '"1"', '""'],
    ),
    Case(
        {"const": {"b": [1, {}], "a": "x"}},
        ['{"b":[1,{}],"a":"x"}', '{ "b" : [ 1 , { } ] , "a" : "x" }'],
        ['{"b":[1,{}]}', "{}"],
    ),
    Case({"enum": ["a", 1, []], "type": "string"}, ['"a"'], ["1", "[]"]),
    Case({"enum": ["a", "abc", "b"], "minLength": 2}, ['"abc"'], ['"a"', '"b"']),
    Case({"enum": ["a1", "b"], "pattern": "[0-9]"}, ['"a1"'], ['"b"']),
    Case({"enum": [1, 5, 9.5], "maximum": 5, "type": "integer"}, ["1", "5"], ["9.5"]),
    Case({"enum": [[1], [1, 2]], "minItems": 2}, ["[1,2]", "[1, 2.0]"], ["[1]"]),
    Case({"enum": [{"a": 1}, {"b": 1}], "required": ["a"]}, ['{"a":1}'], ['{"b":1}']),
    Case(
        {"enum": [{"a": 1}, {"a": "x"}], "properties": {"a": {"type": "string"}}}, ['{"a":"x"}'], ['{"a":1}']
    ),
    Case({"enum": [False, [False]]}, ["false", "[false]"], ["0", "[0]"]),
    Case({"allOf": [{"enum": [1, 2, "x"]}, {"enum": [2.0, "x", 3]}]}, ["2", '"x"'], ["1", "3"]),
    Case({"enum": ["a", "ab", "abc"]}, ['"a"', '"ab"', '"abc"'], ['"abcd"', '""']),
    Case({"enum": ["x", "\ud800"]}, ['"x"'], ['"?"']),
]

ARRAYS = [
    Case({"items": {"type": "integer"}}, ["[]", "[1]", "[1, 2,3]", '"x"'], ['["a"]', '[1,"a"]', "[1,]"]),
    Case({"type": "array", "minItems": 2, "maxItems": 3}, ["[1,2]", "[1,2,3]"], ["[]", "[1]", "[1,2,3,4]"]),
    Case({"type": "array", "maxItems": 0}, ["[]", "[ ]"], ["[1]"]),
    Case(
        {"prefixItems": [{"type": "string"}, {"type": "null"}]},
        ["[]", '["a"]', '["a",null]', '["a",null,1]'],
        ["[1]", '["a",1]'],
    ),
    Case({"prefixItems": [{"type": "string"}], "items": False}, ["[]", '["a"]'], ['["a",1]']),
    Case({"prefixItems": [True, False]}, ["[]", "[1]"], ["[1,1]"]),
    Case(
        {"prefixItems": [{"const": 1}, {"const": 2}], "items": {"const": 3}, "minItems": 3, "maxItems": 4},
        ["[1,2,3]", "[1,2,3,3]"],
        ["[1,2]", "[1,2,3,3,3]", "[1,2,2]"],
    ),
    Case(
        {"type": "array", "prefixItems": [{"const": 1}, {"const": 2}], "maxItems": 1},
        ["[]", "[1]"],
        ["[1,2]"],
    ),
    Case(
        {**DRAFT_7, "items": [{"type": "string"}], "additionalItems": {"type": "null"}},
        ["[]", '["a",null]'],
        ["[1]", '["a",1]'],
    ),
    Case({**DRAFT_7, "items": {"type": "string"}, "additionalItems": False}, ['["a","b"]'], ["[1]"]),
    Case({"items": {"items": {"const": 1}, "type": "array"}}, ["[[1],[]]"], ["[1]", "[[2]]"]),
    Case({"minItems": 10000, "type": "array"}, [], ["[]"]),
]

OBJECTS = [
    Case(
        {"properties": {"a": {"const": 1}, "b": {"const": 2}}, "required": ["b"], "type": "object"},
        ['{"b":2}', '{"a":1,"b":2}', '{ "a" : 1 , "b" : 2 }', '{"b":2,"c":[],"d":1}'],
        [
            "{}",
            '{"a":1}',
            '{"b":2,"a":1}',
            '{"b":2,"b":2}',
            '{"b":2,"c":1,"c":1}',
            '{"c":1,"b":2}',
            '{"b":1}',
        ],
    ),
    Case(
        {"properties": {"a": True}, "additionalProperties": False},
        ["{}", '{"a":1}'],
        ['{"b":1}', '{"a":1,"b":1}', '{"a":1,}'],
    ),
    Case(
        {"additionalProperties": {"type": "null"}, "required": ["z"]},
        ['{"z":null}', '{"z":null,"a":null}'],
        ["{}", '{"z":1}', '{"a":null,"z":null}'],
    ),
    Case(
        {"properties": {"a": False, "b": True}},
        ["{}", '{"b":1}', '{"b":1,"c":1}'],
        ['{"a":1}', '{"b":1,"a":1}'],
    ),
    Case(
        {"properties": {'q"\\é\n/': {"const": 1}}, "additionalProperties": False},
        ['{"q\\"\\\\é\\n/":1}'],
        ['{"q":1}'],
    ),
    Case({"required": ["b", "a"], "type": "object"}, ['{"b":1,"a":1}'], ['{"a":1}', '{"b":1}', "{}"]),
    Case({"properties": {"": {"const": 1}}}, ["{}", '{"":1}', '{"":1,"a":1}'], ['{"":2}']),
    Case(
        {"properties": {"a": {"$ref": "#"}}, "additionalProperties": False},
        ["{}", '{"a":{"a":{}}}'],
        ['{"a":{"b":1}}'],
    ),
    Case({"additionalProperties": False}, ["{}", "1"], ['{"a":1}']),
    Case(
        {"properties": {"a": {"const": 1}, "ab": {"const": 2}, "abc": {"const": 3}}},
        ['{"a":1,"ab":2,"abc":3}', '{"ab":2}'],
        ['{"ab":1}'],
    ),
]

COMBINATIONS = [
    Case({"anyOf": [{"type": "string"}, {"type": "null"}]}, ['"a"', "null"], ["1"]),
    Case(
        {"type": "string", "anyOf": [{"minLength": 3}, {"const": "a"}, {"const": 1}]},
        ['"abc"', '"a"'],
        ['"ab"', "1"],
    ),
    Case(
        {
            "properties": {"a": True, "b": True},
            "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
            "type": "object",
        },
        ['{"a":1}', '{"b":1}', '{"a":1,"b":1}'],
        ["{}", '{"c":1}'],
    ),
    Case(
        {
            "anyOf": [
                {"properties": {"k": {"const": "x"}, "p": {"const": 1}}},
                {"properties": {"k": {"const": "y"}, "q": {"const": 2}}},
            ],
            "required": ["k"],
            "type": "object",
        },
        ['{"k":"x","p":1}', '{"k":"y","q":2}', '{"k":"x","p":1,"q":5}', '{"k":"y","q":2,"p":7}'],
        ['{"k":"x","p":2}', '{"k":"y","q":1}', '{"k":"z"}', '{"k":"x","q":1,"p":1}', '{"k":"y","p":7,"q":2}'],
    ),
    Case(
        {
            "allOf": [
                {"properties": {"a": {"type": "integer"}}},
                {"properties": {"a": {"minimum": 3}, "b": {"const": 1}}},
            ]
        },
        ['{"a":3,"b":1}', "{}"],
        ['{"a":2}', '{"a":3.5}', '{"b":2}'],
    ),
    Case(
        {"allOf": [{"additionalProperties": {"type": "string"}}, {"properties": {"a": {"maxLength": 1}}}]},
        ['{"a":"x","b":"yy"}'],
        ['{"a":"xx"}', '{"a":1}', '{"b":1}'],
    ),
    Case(
        {
            "allOf": [{"maxItems": 2}, {"prefixItems": [{"const": 1}]}, {"items": {"type": "number"}}],
            "type": "array",
        },
        ["[1]", "[1,2]"],
        ["[2]", '[1,"a"]', "[1,2,3]"],
    ),
    Case({"anyOf": [{"$ref": "#"}, {"type": "string"}]}, ['"a"'], ["1"]),
    Case({"anyOf": [True, {"type": "string"}]}, ["1", "{}"], []),
    Case({"anyOf": [False, {"type": "string"}]}, ['"a"'], ["1"]),
    Case(
        {"anyOf": [{"type": "object", "required": ["a"], "properties": {"a": False}}, {"const": 1}]},
        ["1"],
        ['{"a":1}', "{}"],
    ),
]

NAMES = [
    Case(  # patterns of few names stand beside some of many, and declared names
        {
            "properties": {"b": {"type": "integer"}},
            "patternProperties": {
                "^(a|b)$": {"minimum": 1},
                "^[ac]$": {"maximum": 5},
                "^x": {"type": "null"},
                "c$": {"type": "number"},
            },
            "additionalProperties": False,
        },
        ['{"a":3}', '{"a":"s"}', '{"b":7}', '{"c":-2.5}', '{"xy":null}', '{"b":1,"zc":9,"a":5,"c":1}'],
        ['{"a":0}', '{"a":6}', '{"b":1.5}', '{"c":6}', '{"c":"s"}', '{"x":0}', '{"xc":null}', '{"d":0}'],
    ),
    Case(  # most patterns exclude each other
        {
            "patternProperties": {
                **{f"^key{i}:[a-z]+$": {"const": i} for i in range(8)},
                "^key1:a": {"type": "boolean"},
                "^key2": {"type": "integer"},
            },
            "additionalProperties": {"type": "string"},
        },
        [
            '{"key3:abc":3}',
            '{"key2:a":2}',
            '{"key2:":5}',
            '{"key1:b":1}',
            '{"key8:a":"x"}',
            '{"key1:a1":true}',
        ],
        [
            '{"key3:abc":4}',
            '{"key2:a":3}',
            '{"key2:":"x"}',
            '{"key1:a":1}',
            '{"key1:a":true}',
            '{"key8:a":8}',
        ],
    ),
    Case(
        {
            "propertyNames": {"not": {"enum": ["no", "never"]}},
            "patternProperties": {"^n": {"type": "null"}},
            "required": ["nil"],
        },
        ['{"nil":null}', '{"nil":null,"nobody":null,"x":1}'],
        ['{"nil":null,"no":null}', '{"nil":null,"never":null}', '{"nil":null,"nobody":1}', '{"nil":0}'],
    ),
    Case(  # properties that nothing else speaks of make up the number
        {
            "properties": {"a": True, "b": True, "c": True},
            "additionalProperties": False,
            "minProperties": 2,
            "maxProperties": 2,
            "dependentRequired": {"c": ["b"]},
            "type": "object",
        },
        ['{"a":1,"b":1}', '{"b":1,"c":1}'],
        ['{"a":1}', '{"a":1,"c":1}', '{"a":1,"b":1,"c":1}', "{}", '{"c":1}'],
    ),
]

CHOICES = [
    Case(  # conditions on constants and on their negations, of a value that is one of few
        {
            "properties": {"k": {"enum": ["a", "b", 1, None]}, "x": True, "y": True, "z": True},
            "required": ["k"],
            "type": "object",
            "allOf": [
                {"if": {"properties": {"k": {"not": {"const": "a"}}}}, "then": {"required": ["x"]}},
                {"if": {"properties": {"k": {"const": 1}}}, "then": {"required": ["y"]}},
                {"if": {"properties": {"k": {"type": ["null", "number"]}}}, "then": {"required": ["z"]}},
            ],
        },
        ['{"k":"a"}', '{"k":"b","x":0}', '{"k":1.0,"x":0,"y":0,"z":0}', '{"k":null,"x":0,"z":0}'],
        ['{"k":"b"}', '{"k":1,"x":0,"z":0}', '{"k":null,"x":0}', '{"k":null,"z":0}', '{"k":"c","x":0}', "{}"],
    ),
    Case(  # the same of any value
        {
            "type": "object",
            "properties": {"k": True, **{f"x{i}": True for i in range(4)}},
            "required": ["k"],
            "allOf": [
                {"if": {"properties": {"k": {"not": {"const": i}}}}, "then": {"required": [f"x{i}"]}}
                for i in range(4)
            ],
        },
        ['{"k":0,"x1":0,"x2":0,"x3":0}', '{"k":"s","x0":0,"x1":0,"x2":0,"x3":0}'],
        ['{"k":0,"x0":0,"x2":0,"x3":0}', '{"k":6,"x1":0,"x2":0,"x3":0}', '{"k":0}'],
    ),
    Case(  # two arms admit every object, so no object is in just one
        {
            "oneOf": [
                {"required": ["a"]},
                {"type": ["string", "object"]},
                {"maxLength": 2, "type": ["array", "string", "object"]},
            ]
        },
        ["null", "2"],
        ['"s"', '"sss"', "[]", "{}", '{"a":1}', '{"b":1}'],
    ),
]

REFERENCES = [
    Case(NODE, ["{}", '{"next":{}}', "1", '{"next":1}'], ['{"x":1}', '{"next":{"x":1}}']),
    Case(
        {"$ref": "#/definitions/a", "definitions": {"a": {"type": "string"}}, "maxLength": 1},
        ['"a"'],
        ['"ab"', "1"],
    ),
    Case(
        {**DRAFT_7, "$ref": "#/definitions/a", "definitions": {"a": {"type": "string"}}, "maxLength": 1},
        ['"ab"'],
        ["1"],
    ),
    Case({"$defs": {"a/b~c%d": {"const": 1}}, "$ref": "#/$defs/a~1b~0c%25d"}, ["1"], ["2"]),
    Case(
        {"items": {"$ref": "#/properties/x/anyOf/1"}, "properties": {"x": {"anyOf": [True, {"const": 2}]}}},
        ["[2]"],
        ["[1]"],
    ),
    Case(
        {"$id": "http://example.com/s.json", "$defs": {"a": {"const": 1}}, "$ref": "s.json#/$defs/a"},
        ["1"],
        ["2"],
    ),
    Case(
        {
            "$id": "http://example.com/s.json",
            "properties": {"a": {"$ref": "http://example.com/s.json"}},
            "additionalProperties": False,
        },
        ['{"a":{}}'],
        ['{"a":{"b":1}}'],
    ),
    Case(
        {"$defs": {"t": {"type": "array", "items": {"$ref": "#/$defs/t"}}}, "$ref": "#/$defs/t"},
        ["[]", "[[],[[]]]"],
        ["[1]"],
    ),
    Case(
        {
            "$defs": {"x": {"$ref": "#/$defs/y"}, "y": {"anyOf": [{"$ref": "#/$defs/x"}, {"const": 1}]}},
            "$ref": "#/$defs/x",
        },
        ["1"],
        ["2"],
    ),
    Case(
        {
            "properties": {"tree": {"$ref": "#/$defs/t"}},
            "$defs": {
                "t": {
                    "type": "object",
                    "properties": {"l": {"$ref": "#/$defs/t"}, "v": {"type": "integer"}},
                    "required": ["v"],
                }
            },
        },
        ['{"tree":{"l":{"v":1},"v":2}}'],
        ['{"tree":{"l":{},"v":2}}'],
    ),
]

ORDER = [
    # A schema that says no more than another still gives its names a place.
    Case(
        {"allOf": [{"required": ["r"]}, {"properties": {"a": {}}}], "properties": {"t": {}, "r": {}}},
        ['{"a":1,"t":1,"r":1}', '{"r":1,"z":1}'],
        ['{"t":1,"a":1,"r":1}', '{"a":1,"r":1,"t":1}', '{"a":1,"z":1,"r":1}'],
    ),
    # Its own keys are read where properties stands, and names that are only required follow those.
    Case(
        {
            "required": ["r", "b"],
            "allOf": [{"properties": {"a": {"type": "integer"}}}],
            "properties": {"b": {"type": "integer"}},
        },
        ['{"a":1,"b":1,"r":1}', '{"b":1,"r":1}'],
        ['{"b":1,"a":1,"r":1}', '{"r":1,"a":1,"b":1}', '{"a":1,"r":1,"b":1}'],
    ),
    # Keys come in the order in which the arm that a document matches speaks of them.
    Case(
        {
            "anyOf": [{"properties": {"b": {"const": 1}}}, {"properties": {"a": {"const": 1}}}],
            "type": "object",
        },
        ['{"a":1,"b":2}', '{"b":1,"a":2}', '{"a":1,"b":1}', '{"b":1,"a":1}'],
        ['{"b":2,"a":1}', '{"a":2,"b":1}', '{"b":2,"a":2}'],
    ),
    Case(
        {
            "anyOf": [
                {"properties": {"x": {"properties": {"b": {"const": 1}}}}},
                {"properties": {"x": {"properties": {"a": {"const": 1}}}}},
            ]
        },
        ['{"x":{"a":1,"b":2}}', '{"x":{"b":1,"a":2}}'],
        ['{"x":{"b":2,"a":1}}', '{"x":{"a":2,"b":1}}'],
    ),
    Case(
        {
            "anyOf": [
                {"items": {"properties": {"b": {"const": 1}}}},
                {"prefixItems": [{"properties": {"a": {"const": 1}}}]},
            ],
            "type": "array",
        },
        ['[{"a":1,"b":2}]', '[{"b":1,"a":2}]'],
        ['[{"b":2,"a":1}]'],
    ),
    Case(
        {
            "properties": {"k": True},
            "oneOf": [
                {"properties": {"b": True, "a": True, "k": {"const": 1}}},
                {"properties": {"a": True, "b": True, "k": {"const": 2}}},
            ],
            "required": ["k"],
            "type": "object",
        },
        ['{"k":1,"b":0,"a":0}', '{"k":2,"a":0,"b":0}', '{"k":2,"b":0,"o":0}'],
        ['{"k":1,"a":0,"b":0}', '{"k":2,"b":0,"a":0}', '{"b":0,"k":1}'],
    ),
    Case(
        {
            "$ref": "#/$defs/two",
            "$defs": {"two": {"properties": {"z": True, "y": True}}},
            "required": ["r", "y"],
        },
        ['{"z":1,"y":1,"r":1,"o":1,"n":1}', '{"y":1,"r":1}', "[]"],
        ['{"y":1,"z":1,"r":1}', '{"r":1,"y":1}', '{"z":1,"o":1,"y":1,"r":1}', '{"y":1,"o":1,"r":1}'],
    ),
    Case(
        {"required": ["r"], "properties": {"p": True}, "type": "object"},
        ['{"p":1,"r":1,"o":1}', '{"r":1}'],
        ['{"r":1,"p":1}', '{"o":1,"r":1}'],
    ),
    Case(
        {
            "$ref": "#/$defs/base",
            "properties": {"own": True},
            "$defs": {"base": {"properties": {"base": True}}},
        },
        ['{"base":1,"own":1}'],
        ['{"own":1,"base":1}'],
    ),
    Case(
        {"properties": {"own": True}, "allOf": [{"properties": {"base": True, "own": True}}]},
        ['{"own":1,"base":1}'],
        ['{"base":1,"own":1}'],
    ),
]

WHITESPACE = [
    Case(
        {"properties": {"a": {"type": "array", "items": True}}},
        ['{\n  "a": [\n    1,\n    2\n  ],\n  "b": {}\n}', '\r\n\t{"a" : [1 , 2 ]}', ' {"a": [ ]}', "\n{ }"],
        ["{  }", '{"a":  1}', "{}\n", "{} ", "\n\n{}", "{\t}", "{\n" + " " * 65 + "}"],
    ),
]

CASES = {
    "types": TYPES,
    "strings": STRINGS,
    "numbers": NUMBERS,
    "values": VALUES,
    "arrays": ARRAYS,
    "objects": OBJECTS,
    "combinations": COMBINATIONS,
    "names": NAMES,
    "choices": CHOICES,
    "references": REFERENCES,
    "order": ORDER,
    "whitespace": WHITESPACE,
}
