# SPDX-License-Identifier: BSD-2-Clause
"""A worker killed at every fault place of transactions in turn: the service goes on, no transaction and no memory is left."""
import os

import pytest

from harness import faults
from harness.faults_tm import Stateful, places

FULL = bool(os.environ.get("SERAC_FAULT_WALK"))
NAMES = places()
SHARES = 4

pytestmark = [pytest.mark.fault, pytest.mark.slow]


@pytest.fixture(scope="module")
def reference():
    if not NAMES:
        pytest.skip("this is not the fault build (make fault; SERAC_BUILD=build-fault)")
    return Stateful({}).go()


@pytest.mark.parametrize("share", range(SHARES))
def test_killed_at_every_place_of_transactions(reference, share):
    failures = []
    for name in NAMES[share::SHARES]:
        for n in (1, 5, 20) if FULL else (1 + share * 3,):
            try:
                got = Stateful({"SERAC_FAULT": f"{name}:{n}"}).go()
                faults.compare(reference, got)
                print(f"{name}:{n} {'killed' if got['died'] else 'not reached'}")
            except AssertionError as e:
                failures.append(f"{name}:{n}: {e}")
    assert not failures, "\n".join(failures)
