"""config without an image: the settings as they are now, and the source of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plashui.base.terminal_text import clean
from plashui.settings import config
from plashui.settings.toml_text import written, written_key
from plashui.ui.actions.table import ACTIONS
from plashui.ui.model.keymap_settings import settled
from plashui.verbs.shared.output import complain, out

_DAY = 86400


def run() -> int:
    """Print the settings, and what is wrong in the file."""
    loaded, keys = settled(config.load(), ACTIONS)
    for line in config_lines(loaded, keys):
        out(line)
    for trouble in loaded.troubles:
        complain(str(trouble))
    return 1 if loaded.troubles else 0


def config_lines(loaded: config.Loaded, keys: Mapping[str, str]) -> Iterator[str]:
    """Yield the settings as lines of a file that could replace the config."""
    found, sources = loaded.config, _Sources(loaded)
    nothing = "nothing in it holds" if loaded.troubles else "not there, or empty"
    yield f"# {clean(loaded.file)}{'' if loaded.source else f' ({nothing})'}"
    yield ""
    for name, setting in config.SETTINGS.items():
        value = getattr(found, setting.field)
        if setting.field == "trash_age" and value is not None:
            value = f"{value / _DAY:g}d"
        line = f"{name} = {written(value)}" if value is not None else f"# {name} ="
        yield f"{line}  # {sources.of(name)}; {setting.about}"
    for table, words in (("releases", found.releases), ("stores", found.stores)):
        if words or table == "stores":
            yield from ("", f"[{table}]")
        for key, word in words.items():
            source = sources.of(table, key)
            yield f"{written_key(key)} = {written(word)}  # {source}"
    for host, registry in found.registries.items():
        yield from ("", f"[registries.{written_key(host)}]")
        for name, setting in config.REGISTRY.items():
            source = sources.of("registries", host, name)
            value = written(getattr(registry, setting.field))
            yield f"{name} = {value}  # {source}; {setting.about}"
    for own, command in found.commands.items():
        yield from ("", f"[commands.{written_key(own)}]")
        for name, setting in config.COMMAND.items():
            given = getattr(command, setting.field)
            value = written(list(given) if name == "key" else given)
            source = sources.of("commands", own, name)
            yield f"{name} = {value}  # {source}; {setting.about}"
    yield from ("", "[keys]")
    for action, pressed in keys.items():
        source = sources.of("keys", action)
        value = written([word for word in pressed.split(",") if word])
        yield f"{written_key(action)} = {value}  # {source}"


class _Sources:
    """Tells from which line of the config a value is."""

    def __init__(self, loaded: config.Loaded) -> None:
        self.lines = loaded.lines()
        self._wrong = {trouble.line for trouble in loaded.troubles}

    def of(self, *path: str) -> str:
        """Return `line N`, or `default` if that line is wrong or there is none."""
        line = self.lines.get(path)
        return "default" if line is None or line in self._wrong else f"line {line}"
