"""How many subordinate ids one has, and which are free."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from plashui.core import subids


def test_all_ranges_count_by_name_or_uid(tmp_path: Path) -> None:
    table = tmp_path / "subuid"
    table.write_text("me:100000:1000\nyou:200000:65536\n42:300000:10\nme:x:1\n:::\n")
    assert subids.read(table, "me", 42) == subids.Table(1011, 300010)
    assert subids.read(tmp_path / "none", "me", 42) == subids.Table(1, 100000)


def test_the_remedy_reaches_the_id_and_overlaps_nobody(tmp_path: Path) -> None:
    name = pwd.getpwuid(os.getuid()).pw_name
    (tmp_path / "subuid").write_text(f"{name}:100000:65536\nyou:165536:65536\n")
    (tmp_path / "subgid").write_text(f"{name}:100000:65536\n")
    assert subids.lacking(65536, 65536, tables=tmp_path) == ("", "")
    assert subids.lacking(65537, 0, tables=tmp_path) == (
        "user id 65537, beyond the 65,537 you have",
        f"As root: usermod --add-subuids 231072-296607 {name}",
    )
    why, remedy = subids.lacking(200000, 200000, tables=tmp_path)
    assert "user id 200000" in why
    assert "group id 200000" in why
    # 65,537 ids and 3 * 65,536 more: up to 262,144
    assert "--add-subuids 231072-427679 --add-subgids 231072-427679" in remedy
