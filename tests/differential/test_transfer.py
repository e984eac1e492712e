"""Images in and out: what scripts for the old program do with them."""

from __future__ import annotations

import pytest

from tests.differential.conftest import Answer, Compare

FILES = "plash run {} ls /bin/busybox"
GOES_IN = [
    'plash pull:tarfile <(cat "$T")',
    'plash pull:tarfile /dev/fd/3 3<"$T"',
    'plash pull:tarfile <"$T"',
    'cat "$T" | plash pull:tarfile',
    'cat "$T" | plash pull:tarfile /dev/stdin',
    'plash pull:url "file://$T"',
    'cp "$T" x; gzip x; plash pull:tarfile x.gz',
    'cp "$T" x; gzip x; plash pull:tarfile <(zcat x.gz)',
]
GOES_OUT = [
    "plash push:tarfile 1 >(cat >x); wait $!",
    "plash push:tarfile 1 /dev/stdout | cat >x",
    "plash push:tarfile 1 /dev/fd/4 4>x",
    "plash push:tarfile 1 - >x",
    "plash push:tarfile 1 >x",
    'plash push:tarfile 1 "$PWD/x"',
]


@pytest.mark.in_turn
@pytest.mark.parametrize("script", GOES_IN)
def test_a_tar_comes_from_whatever_can_be_read(compare: Compare, script: str) -> None:
    compare(f"i=$({script}); echo $i; {FILES.format('$i')}", "2\n/bin/busybox")


@pytest.mark.in_turn
@pytest.mark.parametrize("script", GOES_OUT)
def test_a_tar_goes_to_whatever_can_be_written(compare: Compare, script: str) -> None:
    compare(f"{script}; tar -tf x | grep -c 'bin/busybox$'", "1")


def test_a_file_is_named_as_seen_from_here(compare: Compare) -> None:
    """In the old program that was the root directory of the image."""
    script = "plash push:tarfile 1 x 2>&-; tar -tf x 2>&- | grep -c 'bin/busybox$'"
    compare(script, "1", old=Answer("0", 1))


def test_a_directory_that_mkdtemp_made_is_filled(compare: Compare) -> None:
    """The old program did that with its own cp, into the directory that is there."""
    compare('plash push:dir 1 "$(plash mkdtemp)" && echo filled', "filled")


@pytest.mark.in_turn
@pytest.mark.parametrize(
    "words",
    [
        'pull:dir ""',
        'pull:tarfile ""',
        'push:dir 1 ""',
        'push:tarfile 1 ""',
        "push:dir 1 .",
    ],
)
def test_an_unset_variable_is_not_the_working_directory(
    compare: Compare, words: str
) -> None:
    compare(f"plash {words} 2>&-; echo $?; ls -A", "1", old_too=False)


@pytest.mark.parametrize(
    "script",
    [
        'cp "$T" ./-t.tar; plash pull:tarfile -t.tar',
        "plash push:dir 1 -out >&2; plash pull:dir -out",
    ],
)
def test_a_dash_does_not_make_a_name_an_option(compare: Compare, script: str) -> None:
    compare(script, "2", old_too=False)


def test_a_tar_that_is_cut_makes_no_image(compare: Compare) -> None:
    script = (
        "mkdir d; touch d/{1..40}; tar -cf x d; head -c $((512 * 11)) x >y;"
        " plash pull:tarfile y 2>&-; echo $?"
    )
    compare(script, "1", old_too=False)
