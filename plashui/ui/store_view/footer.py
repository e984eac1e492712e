"""The bottom line of the main screen: what the keys do where the focus is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from plashui.model.forest import Size
from plashui.ui.model.action import Action
from plashui.ui.store_view.filter_field import FilterField
from plashui.ui.store_view.summary import Summary
from plashui.ui.store_view.view import StoreView
from plashui.ui.tabs.base import Tab
from plashui.ui.widgets.key_bar import Key, KeyBar

WITHOUT_IMAGE: Final = ("back", "filter", "import", "undo", "trash", "stores", "doctor")
"""What the footer has while there is no image to act on."""


def action_keys(actions: Sequence[Action]) -> list[Key]:
    """The footer: in the order of the ranks, the way out and the help always there."""
    keyed = [action for action in actions if action.key]
    shown = sorted((a for a in keyed if a.footer), key=lambda a: a.footer)
    keys = [Key(a.keys.split()[0], a.label, a.trigger, a.footer) for a in shown]
    last = [action for action in keyed if action.name in ("help", "leave")]
    return keys + [Key(a.keys, a.label, a.trigger) for a in last]


class Footer:
    """Chooses the keys; the key bar of the screen shows them."""

    def __init__(self, view: StoreView, summary: Summary, field: FilterField) -> None:
        """Tell what the keys do in this view."""
        self._view, self._summary, self._field = view, summary, field

    @property
    def tab_inside(self) -> Tab | None:
        """The tab that has the focus, if one has."""
        details = self._view.details
        return details.tab if details.has_focus_within else None

    def show(self) -> None:
        """Tell what the keys do where the focus is now."""
        view, tab = self._view, self.tab_inside
        if tab is not None:
            keys = [*tab.keys, *self._ways_out()]
        elif self._field.has_focus:
            keys = self._filter_keys()
        elif view.usage_map is not None:
            keys = self._map_keys()
        elif view.image is None:
            keys = action_keys(self._without_image())
        else:
            keys = action_keys(view.host.actions)
        view.screen.query_one(KeyBar).show(keys)

    def _filter_keys(self) -> list[Key]:
        """While one types a filter."""
        back = self._view.host.entry("back").trigger
        return [
            Key("enter", "To what was found", "focus_tree"),
            Key("esc", "Show all again", back),
        ]

    def _without_image(self) -> list[Action]:
        """What can be done; not into a store that is unseen, nor from no trash."""
        gone = {"import"} if self._summary.unseen else set()
        if not self._view.table.needle:
            gone |= {"back", "filter"}
        totals, none = self._summary.totals, Size(0, True)
        if totals is None or totals.trash == none:
            gone |= {"undo", "trash"}
        if totals is not None and totals.unsaved != none:
            gone -= {"trash"}  # there they are, if their images are gone
        able = [name for name in WITHOUT_IMAGE if name not in gone]
        entry = self._view.host.entry
        ranked = [entry(n)._replace(footer=at) for at, n in enumerate(able, 1)]
        return [*ranked, entry("help"), entry("leave")]

    def _map_keys(self) -> list[Key]:
        """The footer of the map: how to go about it, then what is done anywhere."""
        host = self._view.host
        actions = [a for a in host.actions if a.name not in ("map", "sort")]
        back = f"screen.{host.entry('map').trigger}"
        return [
            Key("+", "Zoom in", "zoom_in", 1),
            Key("-", "Zoom out", "zoom_out", 2),
            Key(host.key("map"), "Back to the tree", back, 3),
            *(
                key._replace(
                    action=f"screen.{key.action}", rank=key.rank and key.rank + 3
                )
                for key in action_keys(actions)
            ),
        ]

    def _ways_out(self) -> list[Key]:
        """What the footer ends with while the focus is in the details."""
        fill = "Beside the tree" if self._view.is_page else "Fill the screen"
        return [
            self._way("inside", fill, 9),
            self._way("tab", "Next tab", 8),
            self._way("back", "Back"),
            self._way("help", "Help"),
        ]

    def _way(self, name: str, label: str, rank: int = 0) -> Key:
        host = self._view.host
        return Key(host.key(name), label, f"screen.{host.entry(name).trigger}", rank)
