# SPDX-License-Identifier: BSD-2-Clause
"""Scripts as users of the SER and Kamailio families write them load, and do what they are written for."""
import re

import pytest

from harness.router import TOP, run_serac

FAMILY = TOP / "test/scripts/family"
TESTS = sorted(FAMILY.glob("*.test"))


def test_there_are_many():
    assert len(TESTS) >= 20
    assert {t.stem for t in TESTS} == {s.stem for s in FAMILY.glob("*.cfg")}


@pytest.mark.parametrize("path", TESTS, ids=lambda p: p.stem)
def test_script(path):
    done = run_serac("--test", path, "--trace")
    assert done.returncode == 0, done.stdout
    assert re.search(r"^[1-9]\d* passed, 0 failed$", done.stdout, re.M)
