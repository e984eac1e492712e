"""clean, doctor: the store as a whole; and what the helper asks of it."""

from __future__ import annotations

import sys

from plashui.base.terminal_text import clean
from plashui.operations import doctor, gc
from plashui.verbs.output import out, print_json, say, store
from plashui.verbs.words import Parser


def clean_verb(words: list[str]) -> int:
    """Remove what dead processes left."""
    Parser("clean").parse_args(words)
    done = gc.clean(store())
    for line in (*done.warnings(), done.sentence()):
        say(line)
    if done.trouble is not None:
        raise done.trouble
    return 0


def doctor_verb(words: list[str]) -> int:
    """Say what works here; status 1 if something that is needed does not."""
    parser = Parser("doctor")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(words)
    findings = doctor.diagnose(store())
    if options.json:
        print_json([finding._asdict() for finding in findings])
    else:
        for found in findings:
            mark = "ok  " if found.ok else "opt " if found.optional else "NOT "
            why = f": {found.why}" if found.why else ""
            optional = " (optional)" if found.optional and not found.ok else ""
            sys.stdout.write(f"{mark} {clean(found.what + optional + why)}\n")
            if found.remedy:
                sys.stdout.write(f"     -> {clean(found.remedy)}\n")
    return 0 if all(found.ok or found.optional for found in findings) else 1


def engine_advice_verb(words: list[str]) -> int:
    """Print what would make room, for the helper on a full disk."""
    from plashui.store.disk_full import advice

    Parser("engine:advice").parse_args(words)
    out(advice(store()))
    return 0
