"""run, run:persist, build and mounted, as scripts use them."""

from __future__ import annotations

import pytest

from tests.differential.conftest import Answer, Compare


@pytest.mark.parametrize("verb", ["run 1", "mounted 1", "sudo", "data"])
def test_process_substitution_and_open_descriptors_reach_the_command(
    compare: Compare, verb: str
) -> None:
    compare(f"plash {verb} cat <(echo s); plash {verb} sh -c 'cat <&3' 3<<<x", "s\nx")


def test_without_namespaces_sudo_and_chroot_simply_run(compare: Compare) -> None:
    compare(
        "PLASH_NO_UNSHARE=1 plash sudo id -u | cmp - <(id -u) && echo same;"
        " d=$(plash nodepath 1)/_data/root;"
        ' plash sudo sh -c "PLASH_NO_UNSHARE=1 plash chroot $d echo chroot"',
        "same\nchroot",
    )


def test_the_command_finds_its_directory_in_pwd(compare: Compare) -> None:
    compare(
        'p=$(plash run 1 env | grep ^PWD=); [ "$p" = "PWD=$PWD" ] && echo yes;'
        " cd /srv; plash run 1 env | grep ^PWD=",
        "yes\nPWD=/",
    )


def test_two_dashes_may_stand_before_the_command(compare: Compare) -> None:
    compare(
        "plash run 1 -- echo run; plash run:persist 1 $PWD -- echo persist;"
        " i=$(plash build 1 -- touch /x) && plash run $i ls /x",
        "run\npersist\n/x",
    )


@pytest.mark.parametrize("sig", ["WINCH", "TSTP", "34"])
def test_signals_for_the_process_reach_the_command(compare: Compare, sig: str) -> None:
    compare(
        f"""mkfifo f; plash run 1 sh -c 'trap "echo got; exit 7" {sig};"""
        f" echo >f; while :; do sleep 0.1; done' & read <f; kill -{sig} $!; wait $!",
        "got",
        7,
    )


def test_a_script_without_its_interpreter_is_not_found(compare: Compare) -> None:
    compare("echo '#!/no/such' >x; chmod +x x; plash run 1 ./x; echo $?", "127")


def test_the_empty_image_is_refused(compare: Compare) -> None:
    compare(
        "mkdir m d; for v in 'run 0 true' 'run:persist 0 d true' 'mounted 0 ls'"
        " 'mount 0 m'; do plash $v; echo $?; done",
        "1\n1\n1\n1",
    )


def test_a_store_that_is_not_there_is_named(compare: Compare) -> None:
    compare("PLASH_DATA=/typo plash nodepath 1 2>&1 | grep -c /typo", "1")


@pytest.mark.parametrize("login", ["", "-l"])
def test_the_profile_counts_where_it_is_asked_for(compare: Compare, login: str) -> None:
    compare(
        "i=$(plash build 1 sh -c 'echo export FOO=set >/etc/profile');"
        f" plash run {login} $i sh -c 'echo FOO=$FOO'",
        "FOO=set" if login else "FOO=",
        old=Answer("FOO=set"),
        old_too=not login,
    )


def test_the_changes_of_a_run_have_the_room_of_the_disk(compare: Compare) -> None:
    size = "awk 'NR == 2 { print $2 }'"
    compare(
        f"plash run 1 df -P / | {size} >a; df -P $PLASH_DATA | {size} | cmp - a"
        " && echo same",
        "same",
    )


def test_a_tar_is_read_from_and_written_to_inherited_descriptors(
    compare: Compare,
) -> None:
    compare(
        "plash run $(plash pull:tarfile <(cat $T)) echo one;"
        " plash push:tarfile 1 >(tar t | grep -c 'bin/busybox$') | cat;"
        " plash push:tarfile 1 /dev/stdout | tar t | grep -c 'bin/busybox$'",
        "one\n1\n1",
    )


def test_two_commands_work_on_the_same_changes(compare: Compare) -> None:
    compare(
        "mkdir d; mkfifo f g;"
        " plash run:persist 1 $PWD/d sh -c 'echo >f; read x <g; cat /said' & read <f;"
        " plash run:persist 1 $PWD/d sh -c 'echo second >/said'; echo >g; wait",
        "second",
        old_too=False,  # it mounts both, and the kernel calls the outcome undefined
    )
