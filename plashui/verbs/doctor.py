"""doctor: what works on this machine."""

from __future__ import annotations

from plashui.base.terminal_text import clean
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.output import out, print_json
from plashui.verbs.shared.parser import Parser


def run(words: list[str]) -> int:
    """Print what works; return 1 if something required does not."""
    parser = Parser("doctor")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(words)
    from plashui.operations import doctor

    findings = doctor.diagnose(store())
    if options.json:
        print_json([finding._asdict() for finding in findings])
    else:
        for found in findings:
            mark = "ok  " if found.ok else "opt " if found.optional else "NOT "
            why = f": {found.why}" if found.why else ""
            optional = " (optional)" if found.optional and not found.ok else ""
            out(f"{mark} {clean(found.what + optional + why)}")
            if found.remedy:
                out(f"     -> {clean(found.remedy)}")
    return 0 if all(found.ok or found.optional for found in findings) else 1
