"""config: all settings as they are now, and where each comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from plashui.core import config
from plashui.core.text import clean
from plashui.core.toml import written, written_key
from plashui.verbs.output import complain, out
from plashui.verbs.words import Parser

_DAY = 86400


Settle = Callable[[config.Loaded], tuple[config.Loaded, Mapping[str, str]]]
"""What the app makes of a config: more that is wrong, and the keys of each action."""


def config_verb(words: list[str], settle: Settle) -> int:
    """Print what holds, as TOML; status 1 if something in the file is wrong."""
    Parser(
        "config",
        "Print all settings as they are now, as TOML, each with where it comes from.\n"
        "What is wrong in the file is told on stderr, and the status is 1.",
    ).parse_args(words)
    loaded, keys = settle(config.load())
    for line in config_lines(loaded, keys):
        out(line)
    for trouble in loaded.troubles:
        complain(str(trouble))
    return 1 if loaded.troubles else 0


def config_lines(loaded: config.Loaded, keys: Mapping[str, str]) -> Iterator[str]:
    """The config as lines of a file that could be in its place."""
    found = loaded.config
    nothing = "nothing in it holds" if loaded.troubles else "not there, or empty"
    yield f"# {clean(loaded.file)}{'' if loaded.lines else f' ({nothing})'}"
    yield ""
    for name, setting in config.SETTINGS.items():
        value = getattr(found, setting.field)
        if setting.field == "trash_age" and value is not None:
            value = f"{value / _DAY:g}d"
        line = f"{name} = {written(value)}" if value is not None else f"# {name} ="
        yield f"{line}  # {_source(loaded, name)}; {setting.about}"
    for table, values in (("stores", found.stores), ("servers", found.servers)):
        yield from ("", f"[{table}]")
        for key, word in values.items():
            source = _source(loaded, table, key)
            yield f"{written_key(key)} = {written(word)}  # {source}"
    for host, registry in found.registries.items():
        yield from ("", f"[registries.{written_key(host)}]")
        for key, value in registry._asdict().items():
            source = _source(loaded, "registries", host, key)
            line = f"{key} = {written(value)}"
            yield f"{line if value or key == 'insecure' else f'# {key} ='}  # {source}"
    yield from ("", "[keys]")
    for action, words in keys.items():
        source = _source(loaded, "keys", action)
        value = written([word for word in words.split(",") if word])
        yield f"{written_key(action)} = {value}  # {source}"


def _source(loaded: config.Loaded, *path: str) -> str:
    """The line a value is from; wrong ones are not what holds, of keys none then."""
    wrong = {trouble.line for trouble in loaded.troubles}
    line = loaded.lines.get(path)
    keys = {at for where, at in loaded.lines.items() if where[0] == "keys"}
    if line is None or line in wrong or (path[0] == "keys" and keys & wrong):
        return "default"
    return f"line {line}"
