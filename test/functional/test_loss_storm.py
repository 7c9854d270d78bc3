# SPDX-License-Identifier: BSD-2-Clause
"""Calls over wires that lose 2 % in each direction: none fails, nothing stays. Longer: test/functional/loss_storm 60"""
import os

import pytest

from harness.loss import storm


@pytest.mark.load
@pytest.mark.slow
def test_loss_storm(router, sipp, peers):
    seconds = float(os.environ.get("SERAC_LOSS_STORM", "4"))
    # the short form does not wait for transactions as long as RFC 3261 wants to
    timers = {} if "SERAC_LOSS_STORM" in os.environ else dict(retr_timer1=100, retr_timer2=800)
    storm(router, sipp, peers.keep, seconds, print, **timers)
