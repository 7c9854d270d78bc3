# SPDX-License-Identifier: BSD-2-Clause
"""The house around the code: lint finds what it is there to find, packages asks apt for nothing needlessly, install installs."""
import os
import shutil
import subprocess

import pytest

from harness.router import BUILD, TOP

SPDX_C = "/* SPDX-License-Identifier: BSD-2-Clause */\n"
SPDX = "# SPDX-License-Identifier: BSD-2-Clause\n"
LONG_FUNCTION = SPDX_C + "int f(void)\n{\n" + "\tf();\n" * 60 + "\treturn 0;\n}\n"

BROKEN = [
    ("core/base/a.c", '#include "core/mem/pool.h"\n', "core/mem lies above core/base"),
    ("core/mem/a.c", '#include "parser/msg.h"\n', "parser lies above core/mem"),
    ("parser/a.c", '#include "core/mem/heap.h"\n', "the parser sees"),
    ("parser/a.c", '#include "core/run/log.h"\n', "the parser sees"),
    ("core/net/a.c", '#include "net.h"\n', "name it from the top"),
    ("modules/x/mod.c", '#include "core/mem/pool.h"\n', "a module sees"),
    ("modules/x/mod.c", '#include "modules/y/y.h"\n', "a module sees"),
    ("core/base/a.c", "extern int x;\n", "extern belongs into a header"),
    ("core/base/a.c", "\n" * 700, "file of 701 lines"),
    ("core/base/a.c", LONG_FUNCTION[len(SPDX_C):], "function of 63 lines"),
    ("core/base/a.c", "int  x;\n", "clang-format"),
    ("core/base/a.c", "/* TO" + "DO: all */\n", "unfinished"),
    ("core/base/a.c", "int x; \n", "white space at the end"),
    ("core/base/a.c", "int x;", "no newline at the end"),
    ("tools/x.py", "def f(:\n", "tools/x.py:2:"),
    ("scripts/x", "#!/bin/bash\n" + SPDX + "if then\n", "syntax error"),
]
RIGHT = [
    ("core/mem/a.c", '#include "core/base/str.h"\n#include "core/mem/pool.h"\n#include <stdio.h>\n'),
    ("parser/a.c", '#include "core/base/str.h"\n#include "core/mem/pool.h"\n#include "parser/msg.h"\n'),
    ("modules/x/mod.c", '#include "core/mod/api.h"\n#include "modules/x/x.h"\n#include "modules/y/api.h"\n'),
    ("core/main.c", '#include "core/script/script.h"\n'),
]


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "tools").mkdir()
    shutil.copy(TOP / "tools" / "lint", tmp_path / "tools")
    for name in ("Makefile.defs", ".clang-format"):
        shutil.copy(TOP / name, tmp_path)

    def lint(path, text):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        for folder in (file.parent, tmp_path / "tools"):
            (folder / "README.md").write_text("a folder\n")
        spdx = "" if text.startswith("#!") else SPDX_C if path.endswith((".c", ".h")) else SPDX
        file.write_text(spdx + text)
        if text.startswith("#!"):
            file.chmod(0o755)
        # git would take the tree around this folder for its own
        env = dict(os.environ, GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
        return subprocess.run([tmp_path / "tools" / "lint"], capture_output=True, text=True, env=env)
    return lint


@pytest.mark.parametrize("path, text, said", BROKEN, ids=[b[2] for b in BROKEN])
def test_lint_reports(tree, path, text, said):
    done = tree(path, text)
    assert done.returncode == 1
    assert said in done.stdout
    assert path in done.stdout


@pytest.mark.parametrize("path, text", RIGHT, ids=[r[0] for r in RIGHT])
def test_lint_says_nothing_when_all_is_well(tree, path, text):
    done = tree(path, text)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_lint_misses_readme_and_licence(tree, tmp_path):
    (tmp_path / "core" / "net").mkdir(parents=True)
    (tmp_path / "core" / "net" / "a.c").write_text("int x;\n")
    done = tree("core/base/a.c", "int x;\n")
    assert "core/net:1: no README.md" in done.stdout
    assert "core/net/a.c:1: no SPDX" in done.stdout


def stub(folder, name, text):
    file = folder / name
    file.write_text("#!/bin/sh\n" + text)
    file.chmod(0o755)


def packages(tmp_path, missing, uid=1000):
    """Runs scripts/packages build where these commands are not to be found and apt-get only notes what it is asked."""
    bin = tmp_path / "bin"
    bin.mkdir()
    for name in ("bash", "sh", "cat", "env", "nproc", "make", "flex", "bison", "gcc"):
        if name not in missing:
            os.symlink(shutil.which(name), bin / name)
    stub(bin, "id", f"echo {uid}\n")
    stub(bin, "dpkg-query", "exit 1\n")
    stub(bin, "apt-get", f'echo "$*" >>{tmp_path}/asked\n')
    done = subprocess.run([TOP / "scripts" / "packages", "build"], capture_output=True, text=True, env={"PATH": str(bin)},
                          stdin=subprocess.DEVNULL)
    asked = tmp_path / "asked"
    return done, asked.read_text() if asked.exists() else ""


def test_apt_is_not_asked_when_nothing_is_missing(tmp_path):
    done, asked = packages(tmp_path, missing=())
    assert (done.returncode, done.stdout, done.stderr, asked) == (0, "", "", "")


def test_what_is_missing_is_installed_by_root(tmp_path):
    done, asked = packages(tmp_path, missing=("flex", "bison"), uid=0)
    assert done.returncode == 0
    assert asked == "install -q -y --no-install-recommends bison flex\n"


def test_without_root_it_says_what_to_install(tmp_path):
    done, asked = packages(tmp_path, missing=("flex",))
    assert done.returncode == 1
    assert "sudo apt-get install --no-install-recommends flex" in done.stderr
    assert asked == ""


@pytest.mark.skipif(BUILD != TOP / "build", reason="only the plain build is installed")
def test_installed_router_finds_its_modules_and_configuration(tmp_path):
    make = ["make", "-s", "-C", TOP, "install", f"DESTDIR={tmp_path}"]
    cfg = tmp_path / "usr/local/etc/serac/serac.cfg"
    done = subprocess.run([*make, "WERROR=-Werror"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    serac = tmp_path / "usr/local/sbin/serac"
    done = subprocess.run([serac, "-c", "-W", "-f", cfg], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    unit = (tmp_path / "usr/local/lib/systemd/system/serac.service").read_text()
    assert os.access(tmp_path / "usr/local/sbin/serac-cert", os.X_OK)
    assert "ExecStart=/usr/local/sbin/serac -f /usr/local/etc/serac/serac.cfg" in unit
    cfg.write_text("# the operator's\n")
    assert subprocess.run(make, capture_output=True).returncode == 0
    assert cfg.read_text() == "# the operator's\n"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_accepts_the_unit(tmp_path):
    unit = tmp_path / "serac.service"
    text = (TOP / "etc" / "serac.service").read_text().replace("/usr/local/sbin/serac", "/bin/true")
    unit.write_text(text)
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
    said = [line for line in done.stderr.splitlines() if "serac.service" in line]
    assert not said, said


@pytest.mark.parametrize("tls, there", [("TLS=0", False), ("TLS=1", True), ("", True)])
def test_make_can_leave_tls_out(tls, there, tmp_path):
    shown = subprocess.run(["make", "-n", "-C", str(TOP), f"B={tmp_path}/build", *filter(None, [tls]), "modules"], capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    assert ("modules/tls.so" in shown.stdout) == there and "modules/sl.so" in shown.stdout
