# SPDX-License-Identifier: BSD-2-Clause
"""What the documents show is right: each ```cfg block passes serac -c, each link leads somewhere."""
import re

import pytest

from harness.documents import lay_out
from harness.router import TOP, run_serac


def blocks():
    """Those of the inner folders; test_config.py runs the outer ones."""
    for readme in sorted(TOP.glob("*/*/README.md")):
        folder = readme.relative_to(TOP)
        if folder.parts[0].startswith("build") or folder.parts[0] == "modules":
            continue
        text = readme.read_text()
        for m in re.finditer(r"^```cfg\n(.*?)^```$", text, re.M | re.S):
            yield pytest.param(m.group(1), id=f"{folder}:{text.count(chr(10), 0, m.start()) + 1}")


@pytest.mark.parametrize("text", blocks())
def test_example_is_a_good_script(text, tmp_path, tls_folder):
    lay_out(tmp_path, tls_folder)
    script = tmp_path / "example.cfg"
    script.write_text(text)
    done = run_serac("-c", "-f", script)
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
