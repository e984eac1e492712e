"""What the details are about: a plain value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plashui.model.forest import Forest


@dataclass(frozen=True)
class Subject:
    """What the details are about: an image of a forest, and what is known of it.

    `facts` are what its files say, e.g. its distribution; empty until looked into.
    `beside` is what the notes on it and on all that stands on it take, which goes with
    them; None until looked into.
    `marked` are the images that are marked. `root` is where the store is.
    """

    forest: Forest = field(default_factory=lambda: Forest({}))
    image: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    marked: frozenset[int] = frozenset()
    beside: int | None = None
    root: str = ""

    @property
    def there(self) -> bool:
        """Whether there is such an image."""
        return self.image is not None and self.image in self.forest
