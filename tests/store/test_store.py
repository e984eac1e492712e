"""The store on disk: the old program's format, read without changing a byte."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import pytest

from plashui.base.errors import PlashError
from plashui.model.forest import Image, Usage
from plashui.operations.removal_plan import plan_removal
from plashui.operations.remove import remove
from plashui.store import marks, names
from plashui.store.cache import Cache, file_of, forget_gone
from plashui.store.store import Store
from plashui.store.workdir import workdir
from tests.tools import write_notes


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache directory of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def add_layer(store: Path, number: int, place: str) -> Path:
    """A layer as the old program leaves it: `place` is relative to layer/."""
    root = store / "layer" / place / "_data/root"
    root.mkdir(parents=True)
    (store / f"index/{number}").symlink_to(f"../layer/{place}")
    return root


def fill_old_store(path: Path) -> Path:
    """By hand, to the letter of the format, with all that may lie about in one."""
    for name in ("index", "map", "tmp", "mnt", "layer/0/_data/root"):
        (path / name).mkdir(parents=True)
    (path / "index/0").symlink_to("../layer/0")
    add_layer(path, 3, "0/3")
    add_layer(path, 7, "0/3/7")
    add_layer(path, 12, "0/3/7/12")
    add_layer(path, 8, "0/8")
    (path / "layer/0/3/7/_data/root/file").write_text("x" * 5000)
    (path / "id_counter").write_bytes(b"." * 12)
    (path / "map/debian").symlink_to("../layer/0/3")
    (path / "map/de bian [b]").symlink_to("../layer/0/3/7")
    (path / "map/gone").symlink_to("../layer/0/99")
    (path / "map/a file").write_text("no link")
    (path / "index/5").symlink_to("../layer/0/3/5")
    (path / "index/README").write_text("unknown")
    (path / "index/007").symlink_to("../layer/0/3/7")
    (path / "layer/0/3/notes.txt").write_text("unknown")
    (path / "layer/0/3/42").write_text("a file with an id's name")
    (path / "layer/0/3/_whatever").mkdir()
    (path / "tmp/plashtmp_1_999999999_abcdef").mkdir()
    (path / "stray").write_text("unknown")
    return path


@pytest.fixture
def old_store(tmp_path: Path) -> Path:
    """A store of the old program's."""
    return fill_old_store(tmp_path / "old")


def snapshot(top: Path) -> dict[str, tuple[object, ...]]:
    """Everything about every entry that a write would change."""
    found: dict[str, tuple[object, ...]] = {}
    for directory, below, files in os.walk(top):
        for name in [".", *below, *files]:
            path = Path(directory, name)
            info = path.lstat()
            content = (
                str(path.readlink())
                if path.is_symlink()
                else path.read_bytes()
                if path.is_file()
                else sorted(os.listdir(path))
            )
            found[str(path)] = (
                info.st_ino,
                info.st_mode,
                info.st_mtime_ns,
                info.st_ctime_ns,
                content,
            )
    return found


def test_the_old_programs_store_opens_and_is_not_changed_by_reading(
    old_store: Path,
) -> None:
    before = snapshot(old_store)
    store = Store(old_store)
    for _again in range(2):
        forest = store.read()
        assert list(forest.images) == [3, 7, 8, 12]
        assert forest.images[7].parent == 3
        assert forest.images[3].children == (7,)
        assert forest.images[3].names == ("debian",)
        assert forest.images[7].names == ("de bian [b]",)
        assert forest.lineage(12) == [12, 7, 3]
        assert forest.images[3].created is not None
        assert store.exists()
        assert store.resolve("debian") == 3
        assert store.resolve("12") == 12
        assert store.get_name("gone") is None
        store.disk()
    assert snapshot(old_store) == before


def test_an_index_link_without_its_layer_is_no_image(old_store: Path) -> None:
    store = Store(old_store)
    assert 5 not in store.read()
    with pytest.raises(PlashError, match="no image 5"):
        store.resolve("5")
    with pytest.raises(PlashError, match="no image or name 'nobody'"):
        store.resolve("nobody")


def test_an_image_that_goes_or_comes_is_noticed_though_its_facts_are_kept(
    old_store: Path,
) -> None:
    store = Store(old_store)
    assert 12 in store.read()
    long_ago = 1_000_000_000
    for directory in ("layer/0", "layer/0/3", "layer/0/3/7"):
        os.utime(old_store / directory, (long_ago, long_ago))
    store.read()
    assert Cache(old_store).seen, "the directories are known to be whole now"
    # As the old program removes: one rename, and the index link stays.
    (old_store / "layer/0/3/7/12").rename(old_store / "tmp/12")
    assert list(store.read().images) == [3, 7, 8]
    (old_store / "tmp/12").rename(old_store / "layer/0/3/7/12")
    assert list(store.read().images) == [3, 7, 8, 12]
    (old_store / "layer/0/3").rename(old_store / "tmp/3")
    assert list(store.read().images) == [8]


def test_a_store_made_anew_in_the_same_place_is_another_one(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    store.create()
    root = add_layer(store.path, 1, "0/1")
    write_notes(root.parent.parent, "first")
    assert store.read().images[1].origin == "first"
    shutil.rmtree(store.path)
    store.create()
    add_layer(store.path, 1, "0/1")
    assert store.read().images[1].origin == ""


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b"\xff\xfe", b"plashui facts 4\n" + b"\xff" * 40]
)
def test_a_damaged_cache_or_meta_is_as_good_as_none(
    old_store: Path, cache: Path, damage: bytes
) -> None:
    store = Store(old_store)
    store.read()
    [file] = (cache / "plashui").iterdir()
    file.write_bytes(damage)
    meta = old_store / "layer/0/8/_meta"
    meta.mkdir()
    (meta / "image.json").write_bytes(damage)
    (meta / "usage.json").write_bytes(damage or b'{"allocated": -1}')
    forest = store.read()
    assert list(forest.images) == [3, 7, 8, 12]
    assert forest.images[8].own is None
    assert forest.images[8].origin == ""


def test_no_store_is_an_empty_one_and_reading_makes_none(tmp_path: Path) -> None:
    store = Store(tmp_path / "none")
    assert len(store.read()) == 0
    assert not store.exists()
    assert store.disk().free > 0
    assert not (tmp_path / "none").exists()


def test_a_made_store_is_the_old_programs_format(tmp_path: Path) -> None:
    store = Store(tmp_path / "deep/down")
    store.create()
    store.create()
    assert sorted(p.name for p in store.path.iterdir()) == [
        "id_counter",
        "index",
        "layer",
        "map",
        "mnt",
        "tmp",
    ]
    assert (store.path / "index/0").readlink() == Path("../layer/0")
    assert (store.path / "index/0/_data/root").is_dir()
    assert (store.path / "id_counter").stat().st_size == 0


def test_a_lost_counter_never_gives_an_id_out_again(old_store: Path) -> None:
    (old_store / "id_counter").unlink()
    Store(old_store).create()
    assert (old_store / "id_counter").stat().st_size == 12


def test_a_directory_of_other_files_does_not_become_a_store(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(PlashError, match="not a store"):
        Store(tmp_path).create()
    assert sorted(os.listdir(tmp_path)) == ["thesis.tex"]


def test_names_are_set_moved_and_forgotten(old_store: Path) -> None:
    store = Store(old_store)
    names.set_name(store, "web", 8)
    assert os.readlink(old_store / "map/web") == "../layer/0/8"
    names.set_name(store, "web", 12)
    assert store.get_name("web") == 12
    assert (old_store / "map/web/_data/root").is_dir()
    names.delete_name(store, "web")
    names.delete_name(store, "web")
    assert store.get_name("web") is None
    assert [p.name for p in (old_store / "tmp").iterdir()] == [
        "plashtmp_1_999999999_abcdef"
    ]


@pytest.mark.parametrize(
    "name", ["", "./a", "a/", "a//b", "..", ".", "n" * 256, "nul\0"]
)
def test_names_that_cannot_be_are_refused(old_store: Path, name: str) -> None:
    with pytest.raises(PlashError):
        names.set_name(Store(old_store), name, 3)


def test_the_store_is_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PLASH_DATA", raising=False)
    assert Store.locate().path == tmp_path / ".plashdata"
    monkeypatch.setenv("PLASH_DATA", "")
    assert Store.locate().path == tmp_path / ".plashdata"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLASH_DATA", "rel/ative")
    assert Store.locate().path == tmp_path / "rel/ative"


def test_a_work_directory_names_its_maker_and_goes_away(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    with workdir(store) as work:
        assert work.name.startswith(f"plashtmp_{os.getsid(0)}_{os.getpid()}_")
        assert stat.S_IMODE(work.path.stat().st_mode) == 0o700
    assert os.listdir(store.path / "tmp") == []


def test_a_thousand_images_are_read_whole(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    store.create()
    place = {0: "0"}
    for number in range(1, 1001):
        parent = 0 if number % 10 == 1 else number - 1
        place[number] = f"{place[parent]}/{number}"
        add_layer(store.path, number, place[number])
    forest = store.read()
    assert len(forest) == 1000
    assert len(forest.roots) == 100
    assert isinstance(forest.images[1], Image)


def test_a_store_read_again_keeps_the_images_it_has_and_sees_what_others_did(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path / "s")
    store.create()
    add_layer(store.path, 1, "0/1")
    first = store.read()
    other = Store(store.path)
    usage = Usage(5, 5, 1)
    other.facts().add({1: other.read().images[1]._replace(own=usage)})
    add_layer(store.path, 2, "0/2")
    second = store.read()
    assert first.images[1].own is None
    assert second.images[1].own == usage
    assert store.read().images[1] is second.images[1], "not made a second time"
    assert set(second.images) == {1, 2}


@pytest.mark.parametrize("counter", ["goes on", "lost", "put back"])
def test_an_id_given_out_anew_is_not_taken_for_the_image_it_was(
    old_store: Path, counter: str
) -> None:
    """As from a backup, or by who lost the counter: 12 was on 7, and is on 8 now."""
    store = Store(old_store)
    assert store.read().images[12].parent == 7
    write_notes(old_store / "layer/0/3/7/12", "the old one")
    settle(old_store)
    assert Store(old_store).read().images[12].parent == 7
    shutil.rmtree(old_store / "layer/0/3/7/12")
    (old_store / "index/12").unlink()
    if counter == "lost":
        (old_store / "id_counter").rename(old_store / "lost")  # its inode is not free
        (old_store / "id_counter").write_bytes(b"." * 12)
    elif counter == "put back":
        os.truncate(old_store / "id_counter", 8)
    place = "0/8/12" if counter == "goes on" else "0/3/7/12"
    add_layer(old_store, 12, place)
    write_notes(old_store / f"layer/{place}", "the new one")
    for forest in (Store(old_store).read(), store.read()):
        assert forest.images[12].parent == int(place.split("/")[-2])
        assert forest.images[12].origin == "the new one"
        assert 12 in forest.images[int(place.split("/")[-2])].children


def settle(store: Path) -> None:
    """Make all directories old enough that their times tell any change."""
    for directory, _names, _files in os.walk(store):
        os.utime(directory, (1_000_000_000, 1_000_000_000))


def test_removing_the_old_parent_of_an_id_leaves_the_new_image(old_store: Path) -> None:
    store = Store(old_store)
    store.read()
    settle(old_store)
    store.read()
    shutil.rmtree(old_store / "layer/0/3/7/12")
    (old_store / "index/12").unlink()
    add_layer(old_store, 12, "0/8/12")
    for name in ("layer/0/3/7", "layer/0/8", "index"):
        os.utime(old_store / name, (1_000_000_000, 1_000_000_000))  # nothing tells it
    forest = store.read()
    remove(store, plan_removal(store, forest, [7]), trash=True)
    assert (old_store / "index/12/_data/root").is_dir()
    assert Store(old_store).resolve("12") == 12


def test_caches_of_stores_that_are_gone_are_forgotten(
    tmp_path: Path, cache: Path
) -> None:
    stores = {name: fill_old_store(tmp_path / name) for name in ("here", "gone", "new")}
    for path in stores.values():
        Store(path).read()
    files = {name: Path(file_of(str(path)) or "") for name, path in stores.items()}
    for name in ("gone", "new"):
        shutil.rmtree(stores[name])
    fill_old_store(stores["new"])
    directory = cache / "plashui"
    mine = directory / f"facts-1-2-3.{os.getpid()}.new"
    mine.touch()
    for name in ("facts-1-2-3.4194305.new", "nodes-1-2-3", "facts-1-2-3", "other"):
        (directory / name).write_text("x")
        if name != "facts-1-2-3":
            os.utime(directory / name, (1_000_000_000, 1_000_000_000))
    forget_gone()
    left = {"facts-1-2-3", "nodes-1-2-3", "other", mine.name}
    assert set(os.listdir(directory)) == left | {files["here"].name, files["gone"].name}
    os.utime(files["gone"], (1_000_000_000, 1_000_000_000))
    os.utime(directory / "facts-1-2-3", (1_000_000_000, 1_000_000_000))
    forget_gone()
    forget_gone()
    assert set(os.listdir(directory)) == {"other", mine.name, files["here"].name}


def test_what_is_noted_of_images_is_nobody_elses_to_read(
    old_store: Path, cache: Path
) -> None:
    old_store.chmod(0o755)  # its owner lets others look into it
    os.umask(0o022)
    store = Store(old_store)
    marks.pin(store, 3)
    marks.write_note(store, 3, "mine")
    remove(store, plan_removal(store, store.read(), [8]), trash=True)
    (cache / "plashui").chmod(0o755)  # as versions before this one made it
    store.facts().save()
    private = {
        *(cache / "plashui").iterdir(),
        *(old_store / "layer/0/_meta").iterdir(),
        *(cache / "plashui", old_store / "trash"),
        old_store / marks.WRITTEN / "3",
        old_store / "trash/8/_meta/trash.json",
    }
    assert len(private) == 7
    assert {p: p.stat().st_mode & 0o077 for p in private} == dict.fromkeys(private, 0)
