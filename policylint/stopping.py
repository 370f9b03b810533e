"""What ends a run from outside: a signal, or the time of --timeout."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from threading import current_thread, main_thread
from types import FrameType
from typing import TextIO

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # the last is not known everywhere
SIGNALS = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
CAN_HOLD_BACK = hasattr(signal, "pthread_sigmask")


class Stopped(BaseException):
    """The run is to end now. No Exception, so that nobody takes it for a problem of a plugin and goes on."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def listen() -> None:
    """Let signals raise Stopped, so that a run can clean up and say what it has written."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup, or a shell's background job
            signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped(128 + number, f"Stopped by {signal.Signals(number).name}.")


@contextmanager
def held_back() -> Iterator[None]:
    """Signals wait until the end of the block: what is in it happens as a whole. For moments, not for work."""
    if not CAN_HOLD_BACK:
        yield
        return
    held = {*SIGNALS, signal.SIGALRM}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, held)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Held(StringIO):
    """Keeps what is printed, and is a terminal where the real output is one."""

    def __init__(self, real: TextIO) -> None:
        super().__init__()
        self.real = real

    def isatty(self) -> bool:
        return self.real.isatty()


@contextmanager
def whole_output(write: Callable[[list[str]], None]) -> Iterator[None]:
    """Let `write` have what the block prints once it is through, and nothing when it is stopped: a part looks whole."""
    real = sys.stdout
    held = _Held(real)
    sys.stdout = held
    try:
        yield
    except Stopped:
        held.truncate(0)
        raise
    finally:
        sys.stdout = real
        write([held.getvalue()])


@contextmanager
def time_limit(seconds: float | None, code: int) -> Iterator[None]:
    """Raise Stopped in the block when it takes longer. Where there is no timer (Windows, other threads), nothing limits it."""
    if seconds is None or not hasattr(signal, "setitimer") or current_thread() is not main_thread():
        yield
        return

    def over(number: int, frame: FrameType | None) -> None:
        raise Stopped(code, f"The run took longer than the {seconds:g} seconds of --timeout.")

    before = signal.signal(signal.SIGALRM, over)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
