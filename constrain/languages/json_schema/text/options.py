"""What a caller may choose about the texts that are generated."""

from __future__ import annotations

from dataclasses import dataclass

WHITESPACE = ("flexible", "compact", "spaced", "indented")
ORDERS = ("schema", "any")
INTEGERS = ("value", "digits")
MAX_DIGITS = 400


@dataclass(frozen=True)
class Options:
    """Choices that a schema cannot make.

    Attributes:
        whitespace: ``"flexible"`` allows, wherever JSON does before and inside the document, one
            space, then a line break and at most 64 spaces or tabs of indentation, each optional;
            ``"compact"`` allows none; ``"spaced"`` wants what ``json.dumps`` writes: one space after each
            comma and colon that stands between values, and no other; ``"indented"`` what ``json.dumps``
            writes with ``indent``, but that each line may be indented by any number of blanks up to 64.
        max_digits: longest run of digits before and after the decimal point (1 to 400).
        property_order: ``"schema"`` wants the keys of an object in the order in which the schema
            mentions them, other keys last; ``"any"`` accepts them in any order.
        formats: whether ``format`` is asserted, where it names a format that a specification
            defines, or is an annotation.
        draft: 4, 6, 7, 2019 or 2020, for schemas that do not declare one (None: 2020), or one that is not known
            (None: these are refused).
        ascii: whether characters beyond ASCII are escaped, as ``json.dumps`` does by default.
        integers: how whole numbers are spelled where a schema asks for some (``"type": "integer"``) or lists them
            (``const``, ``enum``): ``"value"`` in any way, ``1.0`` too, ``"digits"`` without a decimal point. To
            draft 4, ``1.0`` is no integer in any case.
    """

    whitespace: str = "flexible"
    max_digits: int = 32
    property_order: str = "schema"
    formats: bool = True
    draft: int | None = None
    ascii: bool = False
    integers: str = "value"

    @property
    def spelling(self) -> tuple[str, int, bool]:
        """The options that say how values are spelled, whatever the schema."""
        return self.whitespace, self.max_digits, self.ascii

    def __post_init__(self) -> None:
        if self.whitespace not in WHITESPACE:
            raise ValueError(f"whitespace must be one of {', '.join(WHITESPACE)}, not {self.whitespace!r}")
        if self.property_order not in ORDERS:
            raise ValueError(
                f"property_order must be one of {', '.join(ORDERS)}, not {self.property_order!r}"
            )
        if self.integers not in INTEGERS:
            raise ValueError(f"integers must be one of {', '.join(INTEGERS)}, not {self.integers!r}")
        if self.draft not in (None, 4, 6, 7, 2019, 2020):
            raise ValueError(f"the draft must be 4, 6, 7, 2019 or 2020, not {self.draft!r}")
        if not 1 <= self.max_digits <= MAX_DIGITS:
            raise ValueError(f"max_digits must lie between 1 and {MAX_DIGITS}, not {self.max_digits}")
