"""A store, a shelf of images, and pulling from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from plashui.store.store import Store
from plashui.transfer.oci import blob
from plashui.transfer.oci.plan import plan_pull
from plashui.transfer.oci.pull import Pulled, pull
from tests.transfer.oci.images import Shelf


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(tmp_path / "store")


@pytest.fixture
def shelf() -> Shelf:
    """A source without images."""
    return Shelf()


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blob, "WAITS", (0.0,) * 5)


def pulled(
    store: Store,
    shelf: Shelf,
    tag: str,
    *,
    keep_blobs: bool = False,
    **options: object,
) -> Pulled:
    """Pull an image."""
    plan = plan_pull(store, shelf, tag, keep_blobs=keep_blobs)
    return pull(store, shelf, plan, origin=tag, **options)  # type: ignore[arg-type]
