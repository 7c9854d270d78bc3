# SPDX-License-Identifier: BSD-2-Clause
"""Waiting: always for a condition, never for a time."""
import os
import time

# everything is slower under a sanitizer or on a busy machine; only the bounds grow
SCALE = float(os.environ.get("SERAC_TEST_SCALE", "1"))


class TimedOut(AssertionError):
    pass


def until(condition, timeout=5.0, what="", every=0.01):
    """Polls until condition() is true and returns its value; TimedOut after timeout seconds."""
    end = time.monotonic() + timeout * SCALE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise TimedOut(f"not within {timeout * SCALE:g} s: {what or getattr(condition, '__name__', condition)}")
        time.sleep(every)


def holds(condition, seconds, what="", every=0.01):
    """Asserts that condition() stays true for a while: for things that must not happen."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert condition(), what
        time.sleep(every)
