"""Arguments of verbs that read, without a parser in the usual cases.

Importing argparse takes longer than the whole of `ls`.
"""

from __future__ import annotations


def only_json(verb: str, words: list[str]) -> bool:
    """Return whether the words are --json; parse other words, which are an error."""
    if words in ([], ["--json"]):
        return bool(words)
    from plashui.verbs.shared.parser import Parser  # loads argparse

    parser = Parser(verb)
    parser.add_argument("--json", action="store_true")
    return bool(parser.parse_args(words).json)


def is_image(words: list[str]) -> bool:
    """Return whether the words are one image and nothing else."""
    return len(words) == 1 and words[0] != "" and not words[0].startswith("-")


def image_or_json(verb: str, words: list[str], does: str = "") -> tuple[str, bool]:
    """Return the image that the words name, and whether --json is among them."""
    if is_image(words):
        return words[0], False
    from plashui.verbs.shared.parser import Parser  # loads argparse

    parser = Parser(verb, does)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("image", metavar="ID")
    options = parser.parse_args(words)
    return options.image, options.json
