"""The words of verbs that read: without a parser as long as there is nothing to parse.

argparse takes longer to be imported than `ls` in all, and so does the parser.
"""

from __future__ import annotations


def only_json(verb: str, words: list[str]) -> bool:
    """Whether --json is asked for; the parser is made only where it is needed."""
    if words in ([], ["--json"]):
        return bool(words)
    from plashui.verbs.parser import Parser  # loads argparse

    parser = Parser(verb)
    parser.add_argument("--json", action="store_true")
    return bool(parser.parse_args(words).json)


def image_or_json(verb: str, words: list[str], does: str = "") -> tuple[str, bool]:
    """The image that is asked for, and whether --json is; with a parser as above."""
    if len(words) == 1 and words[0] and not words[0].startswith("-"):
        return words[0], False
    from plashui.verbs.parser import Parser  # loads argparse

    parser = Parser(verb, does)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("image", metavar="ID")
    options = parser.parse_args(words)
    return options.image, options.json
