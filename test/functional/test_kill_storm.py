# SPDX-License-Identifier: BSD-2-Clause
"""Random workers killed ten times a second under load. Longer: test/functional/kill_storm 60"""
import os

import pytest

from harness import deaths
from harness.storm import storm


@pytest.mark.load
@pytest.mark.slow
def test_kill_storm(router, sipp):
    storm(router, sipp, float(os.environ.get("SERAC_KILL_STORM", "8")), print)


@pytest.mark.load
@pytest.mark.slow
def test_kill_storm_of_calls_with_transactions(router, sipp, peers, dns):
    deaths.storm(router, sipp, peers, dns, float(os.environ.get("SERAC_KILL_STORM", "8")), print)
