"""The name for a new image: checked before the image is made, set afterwards."""

from __future__ import annotations

from plashui.base.errors import NameTaken
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.store import names
from plashui.store.names import check_new_name

if TYPE_CHECKING:
    from typing import Final

    from plashui.store.store import Store


class NewName(NamedTuple):
    """The name for a new image; "" for none.

    `force` takes the name from another image that has it.
    """

    name: str = ""
    force: bool = False

    def check(self, store: Store, image: int | None = None) -> None:
        """Raise PlashError if the name is invalid.

        Raises NameTaken, unless `force`, if an image other than `image` has it.
        """
        if self.name:
            check_new_name(self.name)
            if not self.force:
                names.check_free(store, self.name, image)

    def give(self, store: Store, image: int) -> None:
        """Name the new image.

        Raises NameTaken, with `made`, if another process took the name after `check`.
        """
        if not self.name:
            return
        try:
            names.set_name(store, self.name, image, take=self.force)
        except NameTaken as taken:
            raise NameTaken(self.name, taken.image, image) from None


UNNAMED: Final = NewName()
