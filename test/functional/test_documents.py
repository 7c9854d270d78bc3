# SPDX-License-Identifier: BSD-2-Clause
"""What the documents show is right: each ```cfg block of a README and each configuration in etc/ passes serac -c."""
import re

import pytest

from harness.router import TOP, run_serac


def blocks():
    for readme in sorted(TOP.glob("**/README.md")):
        if readme.relative_to(TOP).parts[0].startswith("build"):
            continue
        text = readme.read_text()
        for m in re.finditer(r"^```cfg\n(.*?)^```$", text, re.M | re.S):
            line = text.count("\n", 0, m.start()) + 1
            yield pytest.param(m.group(1), id=f"{readme.relative_to(TOP)}:{line}")
    for cfg in sorted(TOP.glob("etc/*.cfg")):
        yield pytest.param(cfg.read_text(), id=str(cfg.relative_to(TOP)))


@pytest.mark.parametrize("text", blocks())
def test_example_is_a_good_script(text, tmp_path):
    script = tmp_path / "example.cfg"
    script.write_text(text)
    done = run_serac("-c", "-W", "-f", script)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_link_in_a_readme_leads_somewhere():
    dead = []
    for readme in TOP.glob("**/README.md"):
        if readme.relative_to(TOP).parts[0].startswith("build"):
            continue
        for target in re.findall(r"\]\(([^)#:\s]+)\)", readme.read_text()):
            if not (readme.parent / target).exists():
                dead.append(f"{readme.relative_to(TOP)}: {target}")
    assert not dead, "\n".join(dead)
