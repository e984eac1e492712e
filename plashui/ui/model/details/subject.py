"""The subject of the details, as a plain value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from plashui.model.forest import Forest

NOTHING: Final = Forest({})


class Subject(NamedTuple):
    """The subject of the details: an image of a forest and what is known of it.

    `facts` say what its files tell, e.g. its distribution; empty until they were read.
    `beside` is the bytes of the notes that are removed together with the image and its
    descendants; None until counted. `marked` are the marked images, `root` is the
    store. `hue` is the number of its colour. `biggest` are the directories of its layer
    that take the most, with their bytes, if known.
    `steps` are the steps of its build, if these are folded into it.
    """

    forest: Forest = NOTHING
    image: int | None = None
    facts: Mapping[str, str] = MappingProxyType({})
    marked: frozenset[int] = frozenset()
    beside: int | None = None
    root: str = ""
    hue: int = 0
    biggest: Sequence[tuple[str, int]] = ()
    steps: tuple[int, ...] = ()

    @property
    def whole(self) -> tuple[int, ...]:
        """The images that are shown as one, the first of its steps first."""
        return self.steps if self.image is None else (*self.steps, self.image)

    @property
    def there(self) -> bool:
        """Whether the image exists."""
        return self.image is not None and self.image in self.forest
