"""Create the objects of the main screen."""

from __future__ import annotations

from textual.screen import Screen

from plashui.ui.model.host import Host
from plashui.ui.store_view.describer import Describer
from plashui.ui.store_view.filter_field import FilterField
from plashui.ui.store_view.footer import Footer
from plashui.ui.store_view.job_runner import JobRunner
from plashui.ui.store_view.mini_map import SmallMap
from plashui.ui.store_view.old_trash import OldTrash
from plashui.ui.store_view.package_reader import PackageReader
from plashui.ui.store_view.reader import StoreReader
from plashui.ui.store_view.summary import Summary
from plashui.ui.store_view.titles import Titles
from plashui.ui.store_view.view import StoreView
from plashui.ui.store_view.watcher import StoreWatcher


class Parts:
    """The objects of a main screen; each gets the ones it needs."""

    def __init__(self, screen: Screen[None], host: Host) -> None:
        """Create the objects for this screen."""
        self.view = StoreView(screen, host)
        self.summary = Summary(self.view)
        self.titles = Titles(self.view, self.summary)
        self.small_map = SmallMap(self.view, self.titles)
        self.field = FilterField(self.view)
        self.footer = Footer(self.view, self.summary, self.field)
        self.describer = Describer(self.view)
        self.watcher = StoreWatcher(
            self.view, self.summary, self.footer, self.describer
        )
        self.reader = StoreReader(
            self.view,
            self.summary,
            self.field,
            self.footer,
            self.describer,
            self.watcher,
        )
        self.packages = PackageReader(self.view)
        self.old_trash = OldTrash(self.view)
        self.jobs = JobRunner(self.view, self.reader)
