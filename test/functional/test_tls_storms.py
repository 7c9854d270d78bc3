# SPDX-License-Identifier: BSD-2-Clause
"""TLS under load, small; large ones: test/functional/tls_storm, test/functional/tls_reload_storm."""
import os

import pytest

from harness.tls import own
from harness.tls_storm import one_connection, reloads

MESSAGES = int(os.environ.get("SERAC_TLS_STORM", "4000"))
SECONDS = float(os.environ.get("SERAC_TLS_RELOAD_STORM", "1"))
LONG = 500 if "SERAC_TLS_RELOAD_STORM" in os.environ else 20

pytestmark = [own, pytest.mark.load]


def test_all_workers_send_on_one_connection(tls):
    one_connection(tls, MESSAGES, print)


def test_reloads_while_connections_come_and_stay(tls):
    reloads(tls, SECONDS, LONG, print)
