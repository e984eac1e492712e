"""The name a new image is to have: looked at before the work, given after it."""

from __future__ import annotations

from plashui.base.errors import NameTaken
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.store import names
from plashui.store.names import check_new_name

if TYPE_CHECKING:
    from typing import Final

    from plashui.store.store import Store


class NewName(NamedTuple):
    """What a new image is to be called; "" is no name.

    With `force` the name is taken from the image that has it.
    """

    name: str = ""
    force: bool = False

    def check(self, store: Store, image: int | None = None) -> None:
        """Before anything is made: raise PlashError if no image can be called so.

        Raises NameTaken if another (than `image`) is, without `force`.
        """
        if self.name:
            check_new_name(self.name)
            if not self.force:
                names.check_free(store, self.name, image)

    def give(self, store: Store, image: int) -> None:
        """Name the image that was made.

        Raises NameTaken, with `made`, if somebody took the name since `check`.
        """
        if not self.name:
            return
        try:
            names.set_name(store, self.name, image, take=self.force)
        except NameTaken as taken:
            raise NameTaken(self.name, taken.image, image) from None


UNNAMED: Final = NewName()
