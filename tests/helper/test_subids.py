"""How many subordinate ids one has, and which are free."""

from __future__ import annotations

import pwd
from functools import partial
from pathlib import Path

from plashui.helper import subids
from plashui.helper.subids import Owners, first_free

UID = 65534
NAME = pwd.getpwuid(UID).pw_name
OURS = Owners(65_537, 65_537)


def test_what_is_free_is_behind_everybodys(tmp_path: Path) -> None:
    table = tmp_path / "subuid"
    table.write_text("me:100000:1000\nyou:200000:65536\n42:300000:10\nme:x:1\n:::\n")
    assert first_free(table) == 300010
    assert first_free(tmp_path / "none") == 100000


def test_the_remedy_reaches_the_ids_and_overlaps_nobody(tmp_path: Path) -> None:
    more = partial(subids.more, ours=OURS, uid=UID, tables=tmp_path)
    (tmp_path / "subuid").write_text("me:100000:65536\nyou:165536:65536\n")
    (tmp_path / "subgid").write_text("me:100000:65536\n")
    assert more(Owners(65536, 65536)) == ""
    assert more(Owners(65537, 0)) == (
        f"As root: usermod --add-subuids 231072-296607 {NAME}"
    )
    # 65,537 ids and 65,536 more are up to 131,072; 3 * 65,536 more, up to 262,144.
    assert more(Owners(131_072, 200_000)) == (
        "As root: usermod --add-subuids 231072-296607"
        f" --add-subgids 231072-427679 {NAME}"
    )


def test_ids_that_no_range_can_hold_are_for_root(tmp_path: Path) -> None:
    more = partial(subids.more, ours=OURS, tables=tmp_path)
    assert "as root" in more(Owners(4_294_967_294, 0), uid=UID)
    assert "at least 70001 ids" in more(Owners(70_000, 0), uid=0)
