"""The footer of the main screen: the keys for the widget with the focus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from plashui.base.units import size
from plashui.model.forest import Size
from plashui.ui.model.action import Action
from plashui.ui.store_view.filter_field import FilterField
from plashui.ui.store_view.summary import Summary
from plashui.ui.store_view.view import StoreView
from plashui.ui.tabs.base import Tab
from plashui.ui.widgets.key_bar import Key, KeyBar

WITHOUT_IMAGE: Final = (
    *("back", "filter", "import", "import_file", "demo", "undo", "trash", "stores"),
    *("tour", "doctor"),
)
"""Names of the actions in the footer while no image is under the cursor."""

OF_ONE: Final = ("run", "rename", "copy")
"""Actions in the footer that are for one image, and only unfold a chain."""


def action_keys(actions: Sequence[Action]) -> list[Key]:
    """Return the entries of the footer by rank; quit and help are always there."""
    keyed = [action for action in actions if action.key]
    shown = sorted((a for a in keyed if a.footer), key=lambda a: a.footer)
    keys = [Key(a.keys.split()[0], a.label, a.trigger, a.footer) for a in shown]
    last = [action for action in keyed if action.name in ("help", "leave")]
    return keys + [Key(a.keys, a.label, a.trigger) for a in last]


class Footer:
    """Choose the keys that the key bar shows."""

    def __init__(self, view: StoreView, summary: Summary, field: FilterField) -> None:
        """Show the keys of this view."""
        self._view, self._summary, self._field = view, summary, field
        self._chain: Sequence[int] = ()

    @property
    def tab_inside(self) -> Tab | None:
        """Return the tab that has the focus, if any."""
        details = self._view.details
        return details.tab if details.has_focus_within else None

    def show(self) -> None:
        """Show the keys for the widget with the focus."""
        view, tab = self._view, self.tab_inside
        self._chain = view.chain
        if tab is not None:
            keys = [*tab.keys, *self._ways_out()]
        elif self._field.has_focus:
            keys = self._filter_keys()
        elif view.usage_map is not None:
            keys = self._map_keys()
        elif view.marked:
            keys = self._marked_keys(view.marked)
        elif view.image is None:
            keys = action_keys(self._without_image())
        elif self._chain:
            keys = self._chain_keys(self._chain)
        else:
            keys = action_keys(view.host.actions)
        view.screen.query_one(KeyBar).show(keys)

    def follow(self) -> None:
        """Show other keys if the cursor came to a folded chain, or left it."""
        if self._view.chain != self._chain:
            self.show()

    def _filter_keys(self) -> list[Key]:
        """Return the keys while a filter is being typed."""
        back = self._view.host.entry("back").trigger
        return [
            Key("enter", "Go to match", "focus_tree"),
            Key("esc", "Clear filter", back),
        ]

    def _marked_keys(self, marked: Sequence[int]) -> list[Key]:
        """Return what can be done with several images at once."""
        view, forest = self._view, self._view.forest
        every = set(view.tops)
        tops = [i for i in every if every.isdisjoint(forest.lineage(i)[1:])]
        freed = sum(forest.subtree(image).bytes for image in tops)
        labels = {
            "remove": f"Remove {size(freed)}",
            "pin": "Pin",
            "compare": "Compare" if len(marked) == 1 else "",
            "mark": "Mark",
            "back": "Clear marks",
        }
        keys = [
            self._way(name, label, rank)._replace(action=view.host.entry(name).trigger)
            for rank, (name, label) in enumerate(labels.items(), 1)
            if label
        ]
        return [
            *keys,
            *action_keys([view.host.entry("help"), view.host.entry("leave")]),
        ]

    def _chain_keys(self, chain: Sequence[int]) -> list[Key]:
        """Return what can be done with a folded chain."""
        labels = {"shell": "Show", "remove": f"Remove from {chain[0]}"}
        return action_keys(
            [
                one._replace(label=labels.get(one.name, one.label))
                for one in self._view.host.actions
                if one.name not in OF_ONE
            ]
        )

    def _without_image(self) -> list[Action]:
        """Return the actions that work without an image under the cursor.

        Import needs a store that could be read; undo and trash need something in the
        trash.
        """
        gone = {"import", "import_file"} if self._summary.unseen else set()
        if self._view.table.needle:
            gone |= {"import_file", "demo", "tour"}  # of an empty store
        else:
            gone |= {"back", "filter"}
        totals, none = self._summary.totals, Size(0, True)
        if totals is None or totals.trash == none:
            gone |= {"undo", "trash"}
        if totals is not None and totals.unsaved != none:
            gone -= {"trash"}  # changes of removed images are listed in the trash
        able = [name for name in WITHOUT_IMAGE if name not in gone]
        entry = self._view.host.entry
        ranked = [entry(n)._replace(footer=at) for at, n in enumerate(able, 1)]
        return [*ranked, entry("help"), entry("leave")]

    def _map_keys(self) -> list[Key]:
        """Return the keys of the map: first its own, then the actions."""
        host = self._view.host
        actions = [a for a in host.actions if a.name not in ("map", "sort", "config")]
        back = f"screen.{host.entry('map').trigger}"
        return [
            Key("+", "Zoom in", "zoom_in", 1),
            Key("-", "Zoom out", "zoom_out", 2),
            Key("c", "Colours", "recolour", 3),
            Key(host.key("map"), "Back to the tree", back, 4),
            *(
                key._replace(
                    action=f"screen.{key.action}", rank=key.rank and key.rank + 4
                )
                for key in action_keys(actions)
            ),
        ]

    def _ways_out(self) -> list[Key]:
        """Return the last keys while the focus is in the details."""
        fill = "Split view" if self._view.is_page else "Full screen"
        return [
            self._way("inside", fill, 9),
            self._way("tab", "Next tab", 8),
            self._way("back", "Back"),
            self._way("help", "Help"),
        ]

    def _way(self, name: str, label: str, rank: int = 0) -> Key:
        host = self._view.host
        return Key(host.key(name), label, f"screen.{host.entry(name).trigger}", rank)
