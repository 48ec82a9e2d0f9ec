"""Run one server and end it when the pipe from its owner closes.

This is a script of its own that needs the standard library only. The owner holds the other end of
its standard input; however the owner dies, the kernel closes that. It is run in a session of its
own, so Ctrl-C at the terminal reaches neither it nor the server.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
CANNOT_RUN = 126
BY_SIGNAL = 128
OWNER = 0  # the file descriptor of standard input


def main(arguments: list[str]) -> int:
    """Run the command after the five numbers and the input; give its exit code."""
    stop, seconds, uid, gid, lock = (int(number) for number in arguments[:5])
    text, *command = arguments[5:]
    try:
        server = start(command, lock=lock, stop=stop, uid=uid, gid=gid)
    except (OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"{command[0]} cannot be run as user id {uid}: {error}\n")
        return CANNOT_RUN
    outlive_signals()
    threading.Thread(target=end_with_owner, args=(server, stop, seconds), daemon=True).start()
    feed(server, text)
    code = server.wait()
    return code if code >= 0 else BY_SIGNAL - code


def start(
    command: list[str], *, lock: int, stop: int, uid: int, gid: int
) -> subprocess.Popen[bytes]:
    root = os.geteuid() == 0
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        pass_fds=(lock,),
        user=uid if root else None,
        group=gid if root else None,
        extra_groups=[] if root else None,
        preexec_fn=death_wish(stop),  # noqa: PLW1509 - there is only one thread yet
    )


def death_wish(stop: int) -> Callable[[], None] | None:
    """Have Linux stop the server when even this guard is killed."""
    if not sys.platform.startswith("linux"):
        return None
    libc, guard = ctypes.CDLL(None), os.getpid()

    def wish() -> None:
        libc.prctl(PR_SET_PDEATHSIG, stop)
        if os.getppid() != guard:
            os._exit(CANNOT_RUN)

    return wish


def outlive_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def end_with_owner(server: subprocess.Popen[bytes], stop: int, seconds: int) -> None:
    while os.read(OWNER, 1):
        pass
    server.send_signal(stop)
    try:
        server.wait(seconds)
    except subprocess.TimeoutExpired:
        server.kill()


def feed(server: subprocess.Popen[bytes], text: str) -> None:
    if server.stdin is not None:
        with contextlib.suppress(BrokenPipeError), server.stdin:
            server.stdin.write(text.encode())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
