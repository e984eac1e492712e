"""A purge that is refused after it has begun."""

from __future__ import annotations

from pathlib import Path

import pytest

from plashui.base.errors import InUse
from plashui.operations.purge import purge
from plashui.store.names import set_name
from plashui.store.store import Store
from tests.store.test_store import add_layer


def test_what_another_process_makes_anew_costs_no_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    store = Store(tmp_path / "store")
    store.create()
    add_layer(store.path, 3, "0/3")
    set_name(store, "box", 3)
    names = store.path / "map"

    def somebody_comes(*_what: object) -> None:
        if not names.exists():  # everything is taken out
            names.mkdir()
            (names / "new").symlink_to("../layer/0/4")
            raise InUse("somebody runs in it", ())

    monkeypatch.setattr("plashui.operations.purge.refuse_if_used", somebody_comes)
    with pytest.raises(InUse, match="somebody runs in it"):
        purge(store)
    assert set(store.read().images) == {3}
