"""completion: a script for a shell, and the answers to that script.

The scripts do not know the verbs: at each Tab they pass the words so far to
`completion --words`, so they need not change when a verb does. The first line of the
answer says what else would fit (files, dirs, commands or nothing). Then comes a line
for each word that fits: the word, a tab, a description.
"""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.output import out
from plashui.verbs.shared.synopsis import tell_usage
from plashui.verbs.shared.verb import Verb
from plashui.verbs.table import ALIASES, VERBS, takes_the_last

if TYPE_CHECKING:
    from typing import Final

_BEFORE_A_VERB: Final = {"recall": True, "cache": False, "do": True}
"""Verbs before a verb, and whether that verb gets the session's last image as ID."""

_PLACES: Final = {
    **dict.fromkeys(("FILE", "PATH"), "files"),
    **dict.fromkeys(("DIR", "MOUNTDIR", "CHANGESDIR"), "dirs"),
}
_OF_THE_HOST: Final = frozenset({"mounted", "sudo", "data"})
"""The verbs that run commands of this machine."""

Word = tuple[str, str]
"""A word that fits, and its description."""

_BASH: Final = r"""# Completion of plash and plashui: eval "$(plash completion bash)"
_plash() {
    local rest=${COMP_LINE:0:COMP_POINT} program=${1/#\~\//$HOME/}
    local -a words=() answer=()
    local i word current value start
    # Bash cuts words at a colon; only what follows a space is a new one.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $i == 0 || $rest == [[:space:]]* ]]; then
            rest=${rest#"${rest%%[![:space:]]*}"}
            words+=("")
        fi
        ((i < COMP_CWORD)) || word=$rest
        words[-1]+=$word
        rest=${rest#"$word"}
    done
    current=${words[-1]}
    words[-1]=${current#[\"\']}
    [[ $current == [\"\']* ]] || words[-1]=${words[-1]//\\/}
    mapfile -t answer < <("$program" completion --words "${words[@]:1}" 2>/dev/null)
    start=${current%"${current##*:}"}
    [[ $COMP_WORDBREAKS == *:* ]] || start=
    COMPREPLY=()
    for value in "${answer[@]:1}"; do
        value=${value%%$'\t'*}
        # A name must stay a word, whatever is in it.
        case $current in
        \"*) value=$(sed 's/[\\"$`]/\\&/g' <<<"$value") ;;
        \'*) value=${value//\'/\'\\\'\'} ;;
        *) printf -v value %q "$value" ;;
        esac
        COMPREPLY+=("${value#"$start"}")
    done
    compopt -o nosort 2>/dev/null
    case ${answer[0]} in
    files) compopt -o default ;;
    dirs) compopt -o dirnames ;;
    commands)
        mapfile -t answer < <(compgen -c -- "$current")
        COMPREPLY+=("${answer[@]}")
        compopt -o default
        ;;
    esac
}
complete -F _plash plash plashui"""

_ZSH: Final = r"""#compdef plash plashui
# Completion of plash and plashui: eval "$(plash completion zsh)"
_plash() {
    local -a answer found
    local line program=${words[1]/#\~\//$HOME/}
    answer=("${(@f)$($program completion --words "${(@Q)words[2,CURRENT-1]}" \
        "${(Q)PREFIX}" 2>/dev/null)}")
    for line in "${(@)answer[2,-1]}"; do
        [[ -z $line ]] || found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    done
    (( $#found )) && _describe -V plash found
    case $answer[1] in
    files) _files ;;
    dirs) _files -/ ;;
    commands) _command_names -e; _files ;;
    esac
}
if [[ $funcstack[1] == _plash ]]; then
    _plash "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
    compdef _plash plash plashui
fi"""

_FISH: Final = r"""# Completion of plash and plashui: plash completion fish | source
function __plash_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    set -l typed (string replace -r '^["\']' '' -- $current)
    set typed (string replace -a '\\' '' -- $typed)
    set -l answer ($program completion --words $words[2..-1] "$typed" 2>/dev/null)
    set -q answer[2]; and printf '%s\n' $answer[2..-1]
    switch "$answer[1]"
        case files
            __fish_complete_path "$current"
        case dirs
            __fish_complete_directories "$current"
        case commands
            __fish_complete_command
    end
end
for program in plash plashui
    complete -c $program -f -k -a '(__plash_complete)'
end"""

_SCRIPTS: Final = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def run(words: list[str]) -> int:
    """Print the script for a shell, or answer it."""
    if words[:1] == ["--words"]:
        try:
            kind, found = answer(words[1:] or [""])
        except (PlashError, OSError):
            return 0  # a shell has no place for what went wrong
        out("\n".join([kind, *(f"{word}\t{about}" for word, about in found)]))
        return 0
    if len(words) != 1 or words[0] not in _SCRIPTS:
        return tell_usage("completion", words)
    out(_SCRIPTS[words[0]])
    return 0


def answer(words: list[str]) -> tuple[str, list[Word]]:
    """Return what could replace the last of the words after `plash`."""
    *before, current = words
    has_image = False
    while before and (verb := ALIASES.get(before[0], before[0])) in _BEFORE_A_VERB:
        has_image = _BEFORE_A_VERB[verb]
        before = before[1:]
    macros = _macros_among(before)
    if macros is not None and (macros or current.startswith("-")):
        kind, found = _of_macros(macros, current)
        own = VERBS["build"].options() if before == ["build"] else {}
        return kind, [*_starting(current, [(one, "") for one in own]), *found]
    if not before and current.startswith("-"):
        return _of_macros([], current)
    if not before:
        return "", _starting(current, _verbs())
    verb = ALIASES.get(before[0], before[0])
    entry = VERBS.get(verb)
    if entry is None:
        return "files", []
    given = has_image and takes_the_last(verb)
    kind, wants_value = _operand(entry, before[1:], given)
    if wants_value:
        return "files", []
    if current.startswith("-") and kind != "...":
        return "", _starting(current, [(option, "") for option in entry.options()])
    if verb in ("restore", "trash"):
        return "", _starting(current, _trashed())
    if verb == "help-macros":
        from plashui.recipes.macros.compile import MACROS

        known = [(name, entry.does) for name, entry in MACROS.items()]
        return "", _starting(current, known)
    return _fitting(verb, kind, current)


def _macros_among(before: list[str]) -> list[str] | None:
    """Return the words that are macros and their arguments; None if none can be."""
    if before and (before[0].startswith("-") or before[0] == "eval"):
        found = before[before[0] == "eval" :]
    elif before and before[0] in ("b", "build"):
        found = before[1:]
        at = next((n for n, word in enumerate(found) if word[:1] == "-"), len(found))
        if found[at:] and found[at] in ("-l", "--share-home"):
            return None
        if before[0] == "build" and at:
            return None  # build ID CMD
        found = found[at:]
    else:
        return None
    return None if "--" in found else found


def _of_macros(words: list[str], current: str) -> tuple[str, list[Word]]:
    """Return the macros, or what the argument of one can be."""
    from plashui.recipes.macros.compile import MACROS  # only for builds

    if current.startswith("-"):
        known = [
            (f"-{name}" if len(name) == 1 else f"--{name}", entry.does)
            for name, entry in MACROS.items()
        ]
        return "", _starting(current, known)
    name = next((w for w in reversed(words) if w.startswith("-")), "").lstrip("-")
    if name in ("from", "f", "from-id", "from-map"):
        return "", _starting(current, _images())
    if name == "from-lxc":
        return "", _starting(current, _offers())
    if name == "layer":
        managers = [(n, e.does) for n, e in MACROS.items() if e.group == "packages"]
        return "", _starting(current, managers)
    usage = MACROS[name].usage if name in MACROS else ""
    return ("dirs" if "DIR" in usage.split() else "files"), []


def _operand(entry: Verb, words: list[str], given: bool) -> tuple[str, bool]:
    """Return the kind of the next operand, and whether an option expects a value.

    `given`: the first operand is not typed. "..." stands for the words of a command.
    """
    options, operands = entry.options(), entry.operands()[given:]
    count = 0
    wants_value = False
    for word in words:
        if wants_value:
            wants_value = False
        elif word.startswith("-") and word != "-":
            wants_value = options.get(word, False)
        else:
            count += 1
    if "CMD" in operands and count > operands.index("CMD"):
        return "...", False
    if operands[-1:] == ["..."]:
        count = min(count, len(operands) - 2)
    return (operands[count] if count < len(operands) else "", wants_value)


def _fitting(verb: str, kind: str, current: str) -> tuple[str, list[Word]]:
    if kind == "ID":
        return "", _starting(current, _images())
    if kind == "KEY":
        return "", _starting(current, [w for w in _images() if not w[0].isdecimal()])
    if kind == "HOST":
        return "", _starting(current, _registries())
    if kind == "KIND":
        from plashui.image.packages.leftovers import KINDS  # only for one verb

        return "", _starting(current, list(KINDS.items()))
    if kind == "DISTRO:RELEASE":
        return "", _starting(current, _offers())
    if kind == "VERB":
        return "", _starting(current, _verbs())
    if kind == "CMD":
        return ("commands" if verb in _OF_THE_HOST else "files"), []
    if "|" in kind:
        return "", _starting(current, [(word, "") for word in kind.split("|")])
    return ("files" if kind == "..." else _PLACES.get(kind, "")), []


def _starting(current: str, found: list[Word]) -> list[Word]:
    return [word for word in found if word[0].startswith(current)]


def _verbs() -> list[Word]:
    return [(name, verb.does) for name, verb in VERBS.items()]


def _images() -> list[Word]:
    """Return names, then ids, newest first; leave out names that cannot be printed."""
    images = store().read().images
    names: list[Word] = []
    ids: list[Word] = []
    for image in sorted(images.values(), reverse=True):
        origin = clean(image.origin)
        names += [
            (name, f"{image.id}  {origin}".rstrip())
            for name in image.names
            if clean(name) == name
        ]
        named = clean(", ".join(image.names))
        ids.append((str(image.id), f"{named}  {origin}".strip()))
    return names + ids


def _registries() -> list[Word]:
    """Return the registries of the settings, and those that there are logins for."""
    from plashui.settings import config
    from plashui.transfer.registry.login import known_hosts  # only for two verbs

    found = dict.fromkeys(known_hosts(), "logged in")
    settings = config.load().config
    for host in (*settings.registries, settings.default_registry):
        found.setdefault(host, "")
    return [(host, about) for host, about in found.items() if clean(host) == host]


def _offers() -> list[Word]:
    """Return what the image server had when it was asked the last time."""
    from plashui.settings import config
    from plashui.transfer.lxc.server import address, known  # only for one verb

    return [
        (offer.name, offer.serial) for offer in known(address(config.load().config))
    ]


def _trashed() -> list[Word]:
    from plashui.store.trash import listing  # only two verbs complete what is in it

    return [
        (str(one.id), clean(f"{', '.join(one.names)}  {one.origin}".strip()))
        for one in listing.trashed(store())
    ]
