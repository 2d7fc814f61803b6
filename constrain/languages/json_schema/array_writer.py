"""x"""

from typing import Any


class ArrayWriter:
    def __init__(self, states: Any, writer: Any) -> None:
        pass

    def node(self) -> Any:
        raise NotImplementedError
