"""Records the main job as README's animation: the real app in a real terminal.

`python -m screenshots.record [FILE.gif]` plays a person in tmux, on the demo's store:
an image is entered, changed, saved, removed and brought back. It needs tmux,
rsvg-convert (Debian: librsvg2-bin), the font Fira Code (fonts-firacode) and Pillow
(PyPI).
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from PIL import Image
from rich.ansi import AnsiDecoder
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

WIDTH, HEIGHT = 120, 32
ZOOM: Final = 0.8
THEME: Final = TerminalTheme(
    (20, 23, 28),
    (205, 211, 222),
    [
        *((36, 42, 51), (217, 115, 127), (143, 191, 127), (217, 168, 96)),
        *((125, 166, 217), (180, 142, 173), (143, 184, 168), (205, 211, 222)),
    ],
)
PATIENCE: Final = 120.0


class Camera:
    """A person at a terminal, and the film of it."""

    def __init__(self, home: Path) -> None:
        """Open the terminal in an empty home."""
        self._tmux = ["tmux", "-S", str(home / "tmux"), "-f", "/dev/null"]
        self._frames: list[tuple[str, float]] = []
        self._env = os.environ | {
            "HOME": str(home),
            "PLASH_DATA": str(home / ".plashdata"),
            "XDG_CACHE_HOME": str(home / ".cache"),
            "XDG_STATE_HOME": str(home / ".state"),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "PS1": "$ ",
            "TMUX": "",
            "ENV": "",
            "LANG": "C.UTF-8",
            "COLORTERM": "truecolor",
            "TEXTUAL_ANIMATIONS": "none",
        }
        size = ["-x", str(WIDTH), "-y", str(HEIGHT)]
        self.tmux("new-session", "-d", *size, "bash", "--norc", "--noprofile")
        for option in ("default-terminal", "tmux-256color"), ("escape-time", "0"):
            self.tmux("set", "-g", *option)
        self.tmux("set", "-ga", "terminal-overrides", ",*:Tc")

    def tmux(self, *words: str) -> str:
        """Give tmux a command; what it prints."""
        done = subprocess.run(
            [*self._tmux, *words],
            env=self._env,
            cwd=self._env["HOME"],
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def press(self, *keys: str, hold: float = 0.3) -> None:
        """Press keys, and show for `hold` seconds what they do."""
        for key in keys:
            self.tmux("send-keys", key)
            time.sleep(0.25)
            self.look(hold)

    def type(self, text: str, hold: float = 0.8) -> None:
        """Type a text, a few letters a frame, then Enter."""
        for at in range(0, len(text), 4):
            piece = text[at : at + 4]  # tmux takes a ; at the end for its own
            self.tmux("send-keys", "-l", re.sub(";$", r"\\;", piece))
            time.sleep(0.06)
            self.look(0.12)
        time.sleep(0.2)
        self.look(0.5)
        self.tmux("send-keys", "Enter")
        time.sleep(0.4)
        self.look(hold)

    def wait(self, *words: str, hold: float = 1.0) -> None:
        """Wait until all of these are on the screen, then film that."""
        end = time.monotonic() + PATIENCE
        while not all(word in self.tmux("capture-pane", "-p") for word in words):
            if time.monotonic() > end:
                raise SystemExit(
                    f"never came: {words}\n{self.tmux('capture-pane', '-p')}"
                )
            time.sleep(0.2)
        time.sleep(0.3)
        self.look(hold)

    def begin(self) -> None:
        """Let the film begin with what is on the screen now."""
        self._frames.clear()
        self.look(1.0)

    def screen(self) -> str:
        """What the terminal shows, with its escape sequences."""
        return self.tmux("capture-pane", "-p", "-e", "-N")

    def look(self, seconds: float) -> None:
        """Take a picture that is shown so long; one like the last makes that longer."""
        picture = self.screen()
        if self._frames and self._frames[-1][0] == picture:
            self._frames[-1] = (picture, self._frames[-1][1] + seconds)
        else:
            self._frames.append((picture, seconds))

    def develop(self, target: Path) -> None:
        """Write the film."""
        pictures = [drawn(text) for text, _ in self._frames]
        sheet = Image.new("RGB", (WIDTH * 4, HEIGHT * 4 * len(pictures)))
        for at, picture in enumerate(pictures):
            small = picture.resize((WIDTH * 4, HEIGHT * 4), Image.Resampling.NEAREST)
            sheet.paste(small, (0, HEIGHT * 4 * at))
        palette = sheet.quantize(96)
        plain = Image.Dither.NONE
        pictures = [one.quantize(palette=palette, dither=plain) for one in pictures]
        pictures[0].save(
            target,
            save_all=True,
            append_images=pictures[1:],
            duration=[int(min(s, 3.0) * 1000) for _, s in self._frames],
            loop=0,
            optimize=True,
        )
        seconds = sum(seconds for _, seconds in self._frames)
        print(f"{target}: {seconds:.1f} s, {target.stat().st_size} bytes")

    def close(self) -> None:
        """Leave the terminal."""
        subprocess.run([*self._tmux, "kill-server"], env=self._env, check=False)


def drawn(screen: str) -> Image.Image:
    """A screen with its escape sequences, as a picture."""
    console = Console(
        record=True,
        width=WIDTH,
        height=HEIGHT,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    # tmux carries colours over the ends of lines, and so does this decoder.
    lines = list(AnsiDecoder().decode(screen))[:HEIGHT]
    for line in lines + [Text()] * (HEIGHT - len(lines)):
        console.print(line, no_wrap=True, crop=True, end="\n")
    svg = console.export_svg(title="plashui", theme=THEME)
    svg = svg.replace("<text ", '<text xml:space="preserve" ')
    words = ["rsvg-convert", "--zoom", str(ZOOM)]
    png = subprocess.run(words, input=svg.encode(), check=True, capture_output=True)
    return Image.open(io.BytesIO(png.stdout)).convert("RGB")


def main(target: str = "") -> None:
    """Play the main job."""
    film = Path(target) if target else Path(__file__).parent / "session.gif"
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        camera = Camera(home)
        try:
            play(camera)
            camera.develop(film)
        finally:
            camera.close()
            subprocess.run(
                ["plash", "sudo", "rm", "-rf", home / ".plashdata"], check=False
            )


def play(camera: Camera) -> None:
    """The main job, on the demo's store: enter, change, save, remove, undo, look."""
    camera.type("cd /; clear; plashui demo ~/.plashdata")
    camera.wait("nginx", "GB free", "BIGGEST IN THIS LAYER")
    camera.press("G", "k", "k", "k", "k", "k", "k", "k", "k", hold=0)
    camera.wait("16 nginx")
    camera.begin()
    camera.press("Enter", hold=0)
    camera.wait("exit comes back", "#", hold=0.6)
    camera.type("echo welcome > /etc/motd", hold=0.3)
    camera.type("exit", hold=0)
    camera.wait("Esc: decide later", hold=1.3)
    camera.type("welcome", hold=0)
    camera.wait("Saved as image 21", hold=1.0)
    camera.press("h", hold=0.3)
    camera.press("d", hold=0)
    camera.wait("Removes 2 images", hold=1.3)
    camera.press("d", hold=0)
    camera.wait("u undo", hold=1.0)
    camera.press("u", hold=0)
    camera.wait("restored", hold=1.0)
    camera.press("M", hold=0)
    camera.wait("distribution:", hold=1.5)


if __name__ == "__main__":
    main(*sys.argv[1:])
