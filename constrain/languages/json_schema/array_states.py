"""x"""

from typing import Any


class ArrayStates:
    def __init__(self, part: Any, terms: Any) -> None:
        self.part = part

    def is_live(self) -> bool:
        raise NotImplementedError
