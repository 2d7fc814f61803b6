"""References: against the resolver of ``referencing``, and by the verdicts of the official suite."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_specifications import REGISTRY
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

import constrain as cn
from constrain.errors import SchemaError, UnsupportedKeyword
from constrain.languages.json_schema.document.document import Document
from constrain.languages.json_schema.document.resources import UnknownResource, subschemas
from tests.data_folder import maskbench, suite_path
from tests.schema_references import FOLDERS, references, suite_registry
from tests.tiny_validator import is_valid

DIALECTS = {
    4: "http://json-schema.org/draft-04/schema#",
    6: "http://json-schema.org/draft-06/schema#",
    7: "http://json-schema.org/draft-07/schema#",
    2019: "https://json-schema.org/draft/2019-09/schema",
    2020: "https://json-schema.org/draft/2020-12/schema",
}

# Files whose every verdict depends on references and dialects, and on keywords that the tiny validator has.
VERDICTS = """ref refRemote anchor defs definitions dynamicRef infinite-loop-detection vocabulary optional/anchor
    optional/cross-draft optional/dynamicRef optional/id optional/refOfUnknownKeyword optional/unknownKeyword
    unevaluatedProperties""".split()
# 'contains' with bounds, 'unevaluatedItems' after 'items': keywords, not references.
BESIDE_THE_POINT = {"unevaluatedItems depends on multiple nested contains"}


def groups(draft: str) -> list[tuple[str, Any]]:
    folder = suite_path("tests", draft)
    paths = sorted([*folder.glob("*.json"), *(folder / "optional").rglob("*.json")])
    return [
        (path.relative_to(folder).with_suffix("").as_posix(), group)
        for path in paths
        for group in json.loads(path.read_text(encoding="utf-8"))
    ]


def followed(document: Document) -> list[tuple[Any, str, Any]]:
    """(schema, value of its ``$ref``, target or None) for each schema that can be reached, as the check goes."""
    found: list[tuple[Any, str, Any]] = []
    pending, seen = [document.root], set()
    while pending:
        schema = pending.pop()
        if not isinstance(schema, dict) or id(schema) in seen:
            continue
        seen.add(id(schema))
        document.identify(schema)
        if isinstance(schema.get("$ref"), str):
            try:
                target = document.resolve(schema, schema["$ref"])
            except LookupError:
                target = None
            found.append((schema, schema["$ref"], target))
            pending.append(target)
        pending.extend(subschemas(schema))
    return found


def differences(root: Any, draft: int = 2020, registry: Any = REGISTRY) -> tuple[list[str], int]:
    """References that lead elsewhere than ``referencing`` says, and how many there are."""
    expected = {(id(schema), name): target for schema, name, target in references(root, draft, registry)}
    found = followed(Document(root, draft=draft, registry=registry))
    assert {(id(schema), name) for schema, name, _ in found} == set(expected)
    wrong = [name for schema, name, target in found if not same(target, expected[id(schema), name])]
    return wrong, len(found)


def same(one: Any, other: Any) -> bool:
    return one is other if isinstance(one, dict) else one == other


@pytest.mark.parametrize("draft", FOLDERS)
def test_every_reference_of_the_suite_leads_where_referencing_says(draft: str) -> None:
    registry = suite_registry(FOLDERS[draft])
    results = [
        (name, group["description"], *differences(group["schema"], FOLDERS[draft], registry))
        for name, group in groups(draft)
    ]
    assert not [result for result in results if result[2]]
    assert sum(count for *_, count in results) > 80


@pytest.mark.parametrize("draft", FOLDERS)
def test_verdicts_of_the_suite(draft: str) -> None:
    wrong, count = [], 0
    for name, group in groups(draft):
        if name not in VERDICTS or group["description"] in BESIDE_THE_POINT:
            continue
        document = Document(group["schema"], draft=FOLDERS[draft], registry=suite_registry(FOLDERS[draft]))
        for case in group["tests"]:
            count += 1
            if is_valid(document, case["data"]) != case["valid"]:
                wrong.append((name, group["description"], case["description"]))
    assert not wrong
    assert count > 60


def test_every_reference_of_maskbench_leads_where_referencing_says() -> None:
    wrong = {record["id"]: differences(record["schema"])[0] for record in maskbench()}
    assert not {name: found for name, found in wrong.items() if found}


# -- 2019-09, whose dynamic references the suite's data folder may lack -------------------------

TREE = {
    "$schema": DIALECTS[2019],
    "$id": "http://x/tree",
    "$recursiveAnchor": True,
    "type": "object",
    "properties": {"data": True, "children": {"type": "array", "items": {"$recursiveRef": "#"}}},
}
STRICT = {
    "$schema": DIALECTS[2019],
    "$id": "http://x/strict",
    "$recursiveAnchor": True,
    "$ref": "tree",
    "unevaluatedProperties": False,
    "$defs": {"tree": TREE},
}
MISSPELLED = {"children": [{"daat": 1}]}


def without(schema: dict[str, Any], keyword: str) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != keyword}


@pytest.mark.parametrize(
    ("schema", "value", "valid"),
    [
        (TREE, MISSPELLED, True),
        (STRICT, {"children": [{"data": 1}]}, True),
        (STRICT, MISSPELLED, False),
        # Without an anchor in the outer resource the inner one counts, and without one in the inner none is looked for.
        (without(STRICT, "$recursiveAnchor"), MISSPELLED, True),
        ({**STRICT, "$defs": {"tree": without(TREE, "$recursiveAnchor")}}, MISSPELLED, True),
        ({**STRICT, "$defs": {"tree": {**TREE, "$recursiveAnchor": False}}}, MISSPELLED, True),
        # A resource without an anchor between two that have one: the outermost counts.
        (
            {
                **without(STRICT, "$ref"),
                "allOf": [{"$ref": "between"}],
                "$defs": {"tree": TREE, "between": {"$id": "between", "$ref": "tree"}},
            },
            MISSPELLED,
            False,
        ),
        # The outermost resource counts even where validation came into the middle of it.
        (
            {
                "$schema": DIALECTS[2019],
                "$ref": "strict#/$defs/start",
                "$defs": {
                    "strict": {
                        "$id": "http://x/strict",
                        "$recursiveAnchor": True,
                        "properties": {"children": False},
                        "$defs": {"start": {"$ref": "tree"}, "tree": TREE},
                    }
                },
                "$id": "http://x/root",
            },
            {"children": [{"children": []}]},
            False,
        ),
    ],
)
def test_recursive_references(schema: Any, value: Any, valid: bool) -> None:
    assert is_valid(Document(schema), value) == valid


def test_a_dynamic_reference_with_one_possible_target_is_not_dynamic() -> None:
    tree: dict[str, Any] = {"$dynamicAnchor": "node", "properties": {"child": {"$dynamicRef": "#node"}}}
    alone = Document(tree)
    reference = tree["properties"]["child"]
    assert alone.dynamic_targets(reference, "$dynamicRef", "#node") == [tree]
    assert not alone.dynamic
    outer = {"$dynamicAnchor": "node", "$ref": "tree", "$defs": {"tree": {"$id": "tree", **tree}}}
    document = Document(outer)
    target = document.resolve(outer, "tree")
    assert document.dynamic_targets(reference, "$dynamicRef", "#node") == [target, outer]
    assert document.dynamic


def test_scopes_that_lead_to_the_same_places_are_equal() -> None:
    plain = {"$id": "plain"}
    a, b = {"$id": "a", "$dynamicAnchor": "a"}, {"$id": "b", "$dynamicAnchor": "b"}
    again = {"$id": "again", "$dynamicAnchor": "a"}
    document = Document({"$defs": {"a": a, "b": b, "again": again, "plain": plain}})
    both = document.enter(document.enter((), a), b)
    assert document.enter(document.enter((), b), a) == both
    assert document.enter(document.enter(both, again), plain) == both
    assert document.enter(document.enter((), again), a) != document.enter((), a)


# -- identifiers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "reference", "pointer"),
    [
        ({"id": "http://x/a#", "b": {}}, "#/b", "/b"),
        ({"id": "http://x/a#", "b": {}}, "a#/b", "/b"),
        ({"definitions": {"b": {"id": "#name"}}}, "#name", "/definitions/b"),
        ({"definitions": {"b": {"id": "http://x/b#name"}}}, "http://x/b#name", "/definitions/b"),
        (
            {"id": "http://x/a", "definitions": {"b": {"id": "#/definitions/b"}}},
            "a#/definitions/b",
            "/definitions/b",
        ),
        ({"id": "http://x/a", "items": {"id": "http://x/a#/items"}, "b": {}}, "a#/b", "/b"),
        (
            {"id": "http://x/a", "$ref": "#/b", "definitions": {"b": {"id": "c"}}},
            "http://x/c",
            "/definitions/b",
        ),
        ({"id": "urn:a:b", "items": {"id": "#name"}}, "urn:a:b#name", "/items"),
        ({"id": "tag:a/b", "items": {"id": "c"}}, "tag:a/c", "/items"),
        ({"a~/%": {"": [{}, {}]}}, "#/a~0~1%25//1", "/a~0~1%//1"),
        ({"x": {"id": "http://x/"}}, "#/x", "/x"),
    ],
)
def test_identifiers_of_draft_4(schema: Any, reference: str, pointer: str) -> None:
    document = Document(schema, draft=4)
    assert document.pointer(document.resolve(schema, reference)) == pointer


@pytest.mark.parametrize(
    ("schema", "reference", "words"),
    [
        ({}, "#/a", "no 'a' on the way"),
        ({"a": [{}]}, "#/a/00", "no '00' on the way"),
        ({"a": [{}]}, "#/a/1", "no '1' on the way"),
        ({"a": 1}, "#/a", "not a schema"),
        (
            {"$defs": {"a": {"$anchor": "b"}, "b": {"$anchor": "b"}}},
            "#b",
            "more than one schema is called 'b'",
        ),
        ({"$defs": {"a": {"$anchor": "b"}}}, "#a", "no schema is called 'a'"),
        (
            {"$defs": {"a": {"$id": "b"}, "b": {"$id": "b"}}},
            "b",
            "more than one schema has the identifier 'b'",
        ),
        ({"$defs": {"a": {"$id": "b", "$anchor": "c"}}}, "#c", "no schema is called 'c'"),
        ({"const": {"$id": "b"}}, "b", "no document 'b'"),
        ({"enum": [{"$anchor": "b"}], "default": {"$anchor": "b"}}, "#b", "no schema is called 'b'"),
        ({"$id": "http://x/a"}, "b", "no document 'http://x/b'"),
        ({"$id": "http://x/a"}, "https://json-schema.org/draft/2020-12/meta/none", "no document"),
    ],
)
def test_references_to_nowhere(schema: Any, reference: str, words: str) -> None:
    with pytest.raises(LookupError) as caught:
        Document(schema).resolve(schema, reference)
    assert words in caught.value.args[0]
    assert isinstance(caught.value, UnknownResource) == ("no document" in words)


def test_a_schema_that_only_a_reference_makes_one_has_its_own_base_but_no_name() -> None:
    inner = {"$ref": "#/b", "b": {}, "$id": "http://x/inner"}
    root = {"unknown": {"$id": "http://x/between", "inner": inner}, "b": {}, "$id": "http://x/root"}
    document = Document(root)
    assert document.resolve(root, "#/unknown/inner") is inner
    assert document.resolve(inner, "#/b") is inner["b"]
    with pytest.raises(UnknownResource):
        document.resolve(root, "inner")


@pytest.mark.parametrize("first", ["#/unknown/0", "root#/unknown/0"])
def test_what_was_resolved_before_the_first_identifier_was_met_stays(first: str) -> None:
    place = {"items": {"$ref": "#/b"}}
    root: dict[str, Any] = {
        "$id": "http://x/root",
        "unknown": [place],
        "b": {},
        "properties": {"p": {"$id": "p", "$ref": "#"}},
    }
    document = Document(root)
    assert document.resolve(root, first) is place
    assert document.resolve(root, "p") is root["properties"]["p"]
    assert document.resolve(root["properties"]["p"], "#") is root["properties"]["p"]
    assert document.resolve(place["items"], "#/b") is root["b"]


def test_one_object_in_two_resources_is_refused() -> None:
    shared = {"$ref": "#/b"}
    root = {"$defs": {name: {"$id": name, "items": shared, "b": {}} for name in ("one", "two")}}
    with pytest.raises(UnsupportedKeyword, match="same object"):
        Document(root).resolve(root, "one")
    twice = {"$defs": {"one": {"$id": "one"}}, "items": shared, "not": shared, "b": {}}
    assert Document(twice).resolve(shared, "#/b") is twice["b"]


# -- other documents ----------------------------------------------------------------------------


def test_documents_of_a_registry() -> None:
    part = {"$id": "part", "$anchor": "name"}
    other: dict[str, Any] = {"$id": "http://x/real", "$defs": {"part": part, "up": {"$ref": "part#name"}}}
    registry = {"http://x/published#": other, "http://x/plain": {"b": {"c": 1}}, "http://x/true": True}
    root = {"$id": "http://x/root"}
    for reference, target in (
        ("published#/$defs/up", other["$defs"]["up"]),
        ("real", other),
        ("part", part),
        ("part#name", part),
        ("plain#/b", {"c": 1}),
        ("true", True),
    ):
        document = Document(root, registry=registry)
        assert document.resolve(root, reference) == target
    document = Document(root, registry=registry)
    up = document.resolve(root, "published#/$defs/up")
    assert document.resolve(up, up["$ref"]) is part
    assert document.pointer(part) == "http://x/real#/$defs/part"
    assert document.error(UnsupportedKeyword, up, "a/b", "").pointer == "http://x/real#/$defs/up/a~1b"


def test_one_object_under_two_uris_is_two_schemas() -> None:
    same_object = {"$ref": "c", "b": {}}
    registry = {
        "http://x/1/a": same_object,
        "http://x/2/a": same_object,
        "http://x/2/c": {},
        "http://x/1/c": False,
    }
    root: dict[str, Any] = {}
    document = Document(root, registry=registry)
    one, two = document.resolve(root, "http://x/1/a"), document.resolve(root, "http://x/2/a")
    assert one == two and one is not two
    assert document.resolve(one, "c") is False
    assert document.resolve(two, "c") == {}


def test_a_crawled_registry_knows_schemas_inside_documents() -> None:
    part = {"$id": "folder/part", "items": {"$ref": "other"}}
    whole = {"$schema": DIALECTS[2020], "$id": "http://x/whole", "$defs": {"part": part}}
    contents = Resource.from_contents(whole)
    for registry in (Registry().with_resource("http://x/whole", contents), contents @ Registry()):
        for known in (registry, registry.crawl()):
            document = Document(
                {}, registry={**known, "http://x/folder/other": {"b": {}}} if known else known
            )
            assert document.resolve(document.root, "http://x/folder/part") is part
            assert document.resolve(part["items"], "other") == {"b": {}}
            lazy = Document({}, registry=known)
            assert lazy.resolve(lazy.root, "http://x/folder/part") is part


def test_a_registry_may_retrieve() -> None:
    registry: Any = Registry(retrieve=lambda uri: Resource.opaque({"title": uri}))  # type: ignore[call-arg]
    document = Document({}, registry=registry)
    assert document.resolve(document.root, "http://x/y#") == {"title": "http://x/y"}


@pytest.mark.parametrize("uri", sorted(uri for uri in REGISTRY if "draft-03" not in uri))
def test_meta_schemas_are_the_official_ones(uri: str) -> None:
    root: dict[str, Any] = {}
    assert Document(root).resolve(root, uri) == REGISTRY.contents(uri)
    assert Document(root).resolve(root, uri.replace("https:", "http:")) == REGISTRY.contents(uri)


# -- dialects -----------------------------------------------------------------------------------


def custom(draft: int, vocabulary: Any, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """(a schema in a dialect of its own, registry)"""
    meta = {"$schema": DIALECTS[draft], "$id": "http://x/meta", "$vocabulary": vocabulary}
    return {"$schema": "http://x/meta#", **more}, {"http://x/meta": meta}


def vocabularies(draft: int, **required: bool) -> dict[str, bool]:
    base = DIALECTS[draft].removesuffix("schema") + "vocab/"
    return {base + name.replace("_", "-"): value for name, value in required.items()}


def test_vocabularies() -> None:
    schema, registry = custom(
        2020, {**vocabularies(2020, core=True, applicator=False), "http://x/mine": False}
    )
    dialect = Document(schema, registry=registry).dialect
    assert {"minimum", "enum", "format", "unevaluatedItems", "title"} <= dialect.disabled
    assert dialect.disabled.isdisjoint({"properties", "$ref", "if", "$id"})
    assert not dialect.asserts_format
    assert Document({}).dialect.disabled == frozenset()
    schema, registry = custom(2019, vocabularies(2019, core=True, applicator=True))
    assert "unevaluatedItems" not in Document(schema, registry=registry).dialect.disabled


@pytest.mark.parametrize(
    ("draft", "vocabulary", "asserts"),
    [
        (2020, vocabularies(2020, format_assertion=True), True),
        (2020, vocabularies(2020, format_assertion=False), True),
        (2020, vocabularies(2020, format_annotation=True), False),
        (2019, vocabularies(2019, format=True), True),
        (2019, vocabularies(2019, format=False), False),
    ],
)
def test_format_assertion(draft: int, vocabulary: Any, asserts: bool) -> None:
    schema, registry = custom(draft, vocabulary)
    dialect = Document(schema, registry=registry).dialect
    assert dialect.asserts_format == asserts
    assert "format" not in dialect.disabled


@pytest.mark.parametrize(
    ("schema", "registry"),
    [
        custom(2020, {"http://x/mine": True}),
        ({"$schema": "http://x/none"}, {}),
        ({"$schema": "http://x/self"}, {"http://x/self": {"$schema": "http://x/self"}}),
        ({"$schema": "http://x/bare"}, {"http://x/bare": {}}),
        ({"$schema": "http://json-schema.org/draft-03/schema#"}, REGISTRY),
    ],
)
def test_unknown_dialects(schema: Any, registry: Any) -> None:
    with pytest.raises(UnsupportedKeyword) as caught:
        Document(schema, registry=registry)
    assert caught.value.pointer == "/$schema"


def test_a_resource_may_be_of_another_draft() -> None:
    old = {"$schema": DIALECTS[4], "id": "http://x/old", "properties": {"p": {"id": "part", "$ref": "#"}}}
    root = {"$id": "http://x/root", "properties": {"old": old}, "$defs": {"b": {"id": "part"}}}
    document = Document(root)
    assert document.uniform
    document.identify(old)
    assert not document.uniform
    assert [document.draft_of(schema) for schema in (root, old, root["$defs"]["b"], True)] == [
        2020,
        4,
        2020,
        2020,
    ]
    assert document.resolve(old["properties"]["p"], "#") is old  # beside $ref, an id is none before 2019-09


def test_a_resource_in_an_unknown_dialect_is_refused_when_it_is_reached() -> None:
    strange = {"$schema": "http://x/strange", "$id": "strange", "items": {}}
    root = {"$defs": {"s": strange, "b": {"$id": "b"}}}
    document = Document(root)
    assert document.resolve(root, "b") == {"$id": "b"}
    for reference in ("strange", "#/$defs/s/items"):
        with pytest.raises(UnsupportedKeyword) as caught:
            document.resolve(root, reference)
        assert caught.value.pointer == "/$defs/s/$schema"
    with pytest.raises(UnsupportedKeyword):
        document.identify(strange)


# -- random documents ---------------------------------------------------------------------------

NAMES = ["a", "b", "c/d", "http://y/z"]


@st.composite
def documents(draw: st.DrawFn, draft: int) -> Any:
    """Nested schemas with identifiers and anchors, each once, and references between them."""
    identifiers, anchors = list(NAMES), ["p", "q", "r"]
    key = "id" if draft == 4 else "$id"
    schemas: list[dict[str, Any]] = []

    def schema(depth: int) -> Any:
        result: dict[str, Any] = {}
        schemas.append(result)
        choice = draw(st.integers(0, 5))
        if choice == 1 and identifiers:
            result[key] = identifiers.pop(draw(st.integers(0, len(identifiers) - 1)))
        if choice == 2 and anchors:
            name = anchors.pop()
            result.update({"$anchor": name} if draft >= 2019 else {key: f"#{name}"})
        below = st.sampled_from(["not", "properties", "allOf", "items", "definitions", "const"])
        for keyword in draw(st.lists(below, max_size=3 - depth, unique=True)):
            count = 1 if keyword in ("not", "items", "const") else 2
            inner = [schema(depth + 1) for _ in range(count)]
            if keyword in ("properties", "definitions"):
                result[keyword] = dict(zip("st", inner, strict=True))
            else:
                result[keyword] = inner if keyword == "allOf" else inner[0]
        return result

    root = schema(0)
    root[key] = "http://x/root"
    tails = ["", "#", "#p", "#q", "#/items", "#/definitions/s", "#/allOf/1", "#/properties/t/not"]
    for place in schemas:
        if draft <= 7 and (place is root or place.get(key, "").startswith("#")):
            continue  # $ref hides an anchor, which referencing does not say, but not the identifier of a root
        if draw(st.booleans()):
            place["$ref"] = draw(st.sampled_from(["", *NAMES, "root"])) + draw(st.sampled_from(tails))
    return {"$schema": DIALECTS[draft], **root}


@settings(max_examples=150)
@given(st.data(), st.sampled_from([4, 6, 7, 2019, 2020]))
def test_random_documents(data: st.DataObject, draft: int) -> None:
    root = data.draw(documents(draft))
    try:
        wrong, _ = differences(root, draft)
    except SchemaError:
        pytest.fail("nothing here is unsupported")
    assert not wrong


# What ``referencing`` cannot crawl: dependencies of both kinds, schemas first.
POISON: dict[str, Any] = {"dependencies": {"a": {"type": "string"}, "b": ["c"]}, "$id": "http://x/poison"}


@pytest.mark.parametrize("kind", ["mapping", "listing", "retrieving"])
def test_a_document_that_nothing_refers_to_does_not_matter(kind: str) -> None:
    registry: Any = {
        "http://x/poison": POISON,
        "http://x/other": {"type": "string"},
        "http://x/odd": {"$schema": 3},
    }
    shared = {"$id": "http://x/inner", "properties": {"a": {}}}
    registry["http://x/twice"] = {"$defs": {"a": {"$id": "http://y/", "not": shared}, "b": {"not": shared}}}
    if kind != "mapping":
        retrieve = {"retrieve": lambda uri: 1 // 0} if kind == "retrieving" else {}
        registry = Registry(**retrieve).with_resources(
            (uri, DRAFT7.create_resource(schema)) for uri, schema in registry.items()
        )
    else:
        registry["http://x/no-schema"] = [1]
    grammar = cn.json_schema({"$ref": "http://x/other"}, registry=registry)
    assert grammar.matches('"a"') and not grammar.matches("1")
    with pytest.raises(cn.UnsupportedKeyword, match="there is no document 'http://x/missing'"):
        cn.json_schema({"$ref": "http://x/missing"}, registry=registry)
    with pytest.raises(cn.UnsupportedKeyword, match="not a known dialect"):
        cn.json_schema({"$schema": "http://x/dialect"}, registry=registry)
    poisoned = cn.json_schema({"$ref": "http://x/poison"}, registry=registry, draft=7)
    assert poisoned.matches('{"a": 1}') is False and poisoned.matches('{"b": 1, "c": 2}')


def test_what_cannot_be_retrieved_is_missing() -> None:
    """Whatever the function raises, and a document that ``referencing`` cannot read."""
    functions: list[Any] = [
        lambda uri: {"b": uri}["a"],
        lambda uri: Resource.from_contents({}),
        lambda uri: 1 // 0,
    ]
    for retrieve in functions:
        registry: Any = Registry(retrieve=retrieve)  # type: ignore[call-arg]
        with pytest.raises(cn.UnsupportedKeyword, match="there is no document"):
            cn.json_schema({"$ref": "http://x/missing"}, registry=registry)
