# SPDX-License-Identifier: BSD-2-Clause
"""What the functional tests are made of: a router, peers for it, and ways to wait for something that must happen."""
