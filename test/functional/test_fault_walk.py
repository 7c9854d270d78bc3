# SPDX-License-Identifier: BSD-2-Clause
"""A child killed at every fault place in turn, allocations failing in turn. The full walk: test/functional/fault_walk"""
import os

import pytest

from harness import faults

FULL = bool(os.environ.get("SERAC_FAULT_WALK"))
NAMES = faults.names()
SHARES = 4

pytestmark = [pytest.mark.fault, pytest.mark.slow]


@pytest.fixture(scope="module")
def reference():
    if not NAMES:
        pytest.skip("this is not the fault build (make fault; SERAC_BUILD=build-fault)")
    return faults.Run({}).go()


@pytest.mark.parametrize("share", range(SHARES))
def test_killed_at_every_place(reference, share):
    failures, missed = faults.walk(NAMES[share::SHARES], (1, 2, 3) if FULL else (1 + share % 3,), print, reference, FULL)
    assert not failures, "\n".join(failures)
    if FULL:
        assert not missed, f"the traffic does not reach {missed}"


def alloc_numbers(total):
    """All of them in the full walk, else a sample that thins out."""
    if FULL:
        return list(range(1, total + 1))
    n, chosen = 1, []
    while n <= total and len(chosen) < 24:
        chosen.append(n)
        n = max(n + 1, int(n * 1.25))
    return chosen


@pytest.mark.parametrize("share", range(SHARES))
def test_every_allocation_fails_in_turn(reference, share):
    total = faults.Run({"SERAC_FAULT_ALLOC": "1000000000"}).go()["fault"].get("allocs", 100)
    assert total > 10
    failures = []
    for n in alloc_numbers(total)[share::SHARES]:
        try:
            got = faults.Run({"SERAC_FAULT_ALLOC": str(n)}).go()
            faults.compare(reference, got)
            assert got["died"] == 0, "a worker died of a failed allocation"
            print(f"allocation {n} of {total}: good")
        except AssertionError as e:
            failures.append(f"allocation {n}: {e}")
    assert not failures, "\n".join(failures)
