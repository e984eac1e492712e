"""Reading Containerfiles: what each instruction says, and mistakes with their lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plashui.base.errors import PlashError
from plashui.recipes.containerfile import instructions as i
from plashui.recipes.containerfile.parse import parse
from tests.recipes.drawn import DRAWN

KEYWORDS = (
    *("FROM", "RUN", "COPY", "ADD", "ENV", "ARG", "LABEL", "ONBUILD", "HEALTHCHECK"),
    *("CMD", "ENTRYPOINT", "SHELL", "VOLUME", "EXPOSE", "USER", "WORKDIR", "# x="),
)
PIECES = st.sampled_from(
    [
        *KEYWORDS,
        *("<<EOF", "<<-'E'", "EOF\n", "\n", "\\\n", " ", "--from=", "--mount=type="),
        *('["a"', "]", "'", '"', "$", "${", "}", "=", "\t", "#", "`", "\r\n", "\0"),
        *("escape=`", "é", "a", "/", "NONE", "CMD", "--interval=1s", "as", "\\u"),
    ]
)


def read(text: str | bytes) -> tuple[i.Instruction, ...]:
    data = text.encode() if isinstance(text, str) else text
    return parse(data, "Containerfile").instructions


def test_lines_are_joined_and_keep_their_numbers() -> None:
    text = "\n# c\nFROM a \\\n  # within\n\n  as B\nrun x \\\n y\\\\\nENV a=b \\  \nc=d"
    base, run, env = read(text)
    assert isinstance(base, i.From)
    assert (base.base, base.name, base.line.at.line) == ("a", "b", 3)
    assert isinstance(run, i.Run)
    assert run.command.text == "x  y\\\\"
    assert run.line.at.line == 7
    assert isinstance(env, i.Env)
    assert env.pairs == (("a", "b"), ("c", "d"))
    assert env.line.at.line == 9


def test_mark_of_byte_order_and_ends_of_lines_are_left_out() -> None:
    (base, run) = read(b"\xef\xbb\xbfFROM a\r\nRUN b \\\r\n  c\r\n")
    assert isinstance(base, i.From)
    assert isinstance(run, i.Run)
    assert (base.base, run.command.text) == ("a", "b   c")


def test_the_escape_can_be_another() -> None:
    (run,) = read("# syntax=docker/dockerfile:1\n# Escape = `\nRUN dir C:\\ `\n /w")
    assert isinstance(run, i.Run)
    assert run.command.text == "dir C:\\  /w"


def test_a_directive_behind_a_comment_is_a_comment() -> None:
    (run,) = read("# hello\n# escape=`\nRUN a \\\n b")
    assert isinstance(run, i.Run)
    assert run.command.text == "a  b"


def test_heredocs_are_read_in_order() -> None:
    text = (
        "COPY <<A <<-'B' x /t/\n$1\nA\n\t$2\n\tB\nRUN cat <<\"E F\" > /x\n\\\n# no\nE F"
    )
    copy, run = read(text)
    assert isinstance(copy, i.Copy)
    assert copy.sources == ("x",)
    assert [(one.name, one.text, one.expands) for one in copy.heredocs] == [
        ("A", "$1\n", True),
        ("B", "$2\n", False),
    ]
    assert isinstance(run, i.Run)
    assert run.heredocs[0].content == "\\\n# no\n"


def test_commands_are_json_or_for_the_shell() -> None:
    run, cmd, shell = read('RUN ["a", "b c"]\nCMD [ -f x ] && y\nSHELL ["s", "-c"]')
    assert isinstance(run, i.Run)
    assert run.command == i.Command(("a", "b c"))
    assert isinstance(cmd, i.Start)
    assert cmd.command == i.Command(text="[ -f x ] && y")
    assert isinstance(shell, i.Words)
    assert shell.words == ("s", "-c")


def test_flags_come_before_the_words() -> None:
    copy, run = read(
        "COPY --from=b --chown='1:2' --chmod=755 --link --exclude=*.o --exclude=x a b\n"
        "RUN --mount=type=cache,target=/c --mount=type=tmpfs,target=/t --network=none x"
    )
    assert isinstance(copy, i.Copy)
    assert (copy.origin, copy.owner, copy.mode) == ("b", "1:2", "755")
    assert copy.excluded == ("*.o", "x")
    assert isinstance(run, i.Run)
    assert [one.fields for one in run.mounts] == [
        (("type", "cache"), ("target", "/c")),
        (("type", "tmpfs"), ("target", "/t")),
    ]
    assert not run.network


def test_env_has_an_older_form() -> None:
    older, newer = read("ENV a  b = c\nENV a='b c' d=\"e\"")
    assert isinstance(older, i.Env)
    assert isinstance(newer, i.Env)
    assert older.pairs == (("a", "b = c"),)
    assert newer.pairs == (("a", "'b c'"), ("d", '"e"'))


def test_health_is_a_command_with_times() -> None:
    check, none = read(
        "HEALTHCHECK --interval=1m30s --timeout=1.5s --retries=3 CMD curl x\n"
        "HEALTHCHECK NONE"
    )
    assert isinstance(check, i.Health)
    assert check.command == i.Command(text="curl x")
    assert dict(check.numbers) == {
        **{"Interval": 90 * 10**9, "Timeout": 1_500_000_000, "Retries": 3}
    }
    assert isinstance(none, i.Health)
    assert none.command is None


def test_a_trigger_keeps_its_text_and_heredoc() -> None:
    (one,) = read("ONBUILD RUN cat <<E\nhi\nE")
    assert isinstance(one, i.Text)
    assert one.text == "RUN cat <<E\nhi\nE"


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("FROM a\nRUNN b", 2, "no instruction RUNN (in: RUNN b). Did you mean RUN?"),
        ("FROM a b", 1, "IMAGE AS NAME"),
        ("FROM a AS 1", 1, "cannot be the name of a stage"),
        ("FROM", 1, "FROM needs an argument"),
        ("COPY a", 1, "needs a source and a target"),
        ("COPY --form=b a c", 1, "Did you mean --from?"),
        ("COPY --chown a c", 1, "--chown needs a value"),
        ("COPY --link=1 a c", 1, "true or false"),
        ("COPY --from=a --from=b a c", 1, "twice"),
        ("COPY a <<E\nE", 1, "target"),
        ("\nRUN <<E\nx\n", 2, "the heredoc E does not end"),
        ("RUN --security=insecure x", 1, "not supported"),
        ("RUN --network=x x", 1, "no network x"),
        ("RUN []", 1, "RUN needs a command"),
        ('CMD ["a", 1]', 1, "nothing but texts"),
        ("CMD --version", 1, "CMD has no flag --version"),
        ("ENV a", 1, "ENV needs a value"),
        ("ENV a=b c", 1, "c is not NAME=VALUE"),
        ("ENV =b", 1, "a name is missing"),
        ("ARG =b", 1, "without a name"),
        ("SHELL a b", 1, "array in JSON"),
        ("VOLUME []", 1, "nothing in it"),
        ("ONBUILD FROM x", 1, "FROM cannot be done ONBUILD"),
        ("ONBUILD ONBUILD RUN x", 1, "ONBUILD cannot be done ONBUILD"),
        ("ONBUILD RUNN x", 1, "no instruction RUNN"),
        ("HEALTHCHECK x", 1, "It is CMD or NONE"),
        ("HEALTHCHECK CMD", 1, "needs a command"),
        ("HEALTHCHECK --interval=5 CMD x", 1, "length of time"),
        ("HEALTHCHECK --interval=1ns CMD x", 1, "less than 1ms"),
        ("HEALTHCHECK --retries=-1 CMD x", 1, "not a number"),
        ("# escape=x\n", 1, "nothing is escaped by x"),
        ("# escape=`\n# escape=`", 2, "set twice"),
        ("# syntax=other/frontend\n", 1, "not supported"),
        ("ADD --keep-git-dir=x a b", 1, "true or false"),
        ("RUN a\0b", 1, "NUL"),
        ('COPY <<A <<"\nA\nb', 2, "no instruction A"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, line: int, why: str) -> None:
    with pytest.raises(PlashError) as caught:
        read(text)
    assert str(caught.value).startswith(f"Containerfile, line {line}: ")
    assert why in str(caught.value)


def said_about(data: bytes) -> str:
    """Return the error for a file, "" if there is none."""
    try:
        read(data)
    except PlashError as error:
        return str(error)
    return ""


@DRAWN
@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_file_is_read_or_refused(text: str) -> None:
    said = said_about(text.encode())
    assert not said or said.startswith("Containerfile, line ")


@DRAWN
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    assert (said_about(b"RUN " + data) or " ").isprintable()
