# SPDX-License-Identifier: BSD-2-Clause
"""serac --help-functions, --help-attributes, --help-params, --help-module: tables made from the rows, plain and as JSON."""
import json

import pytest

from harness.router import BUILD, run_serac

TABLES = {"functions": "--help-functions", "attributes": "--help-attributes", "parameters": "--help-params"}
MODULES = {f.stem for f in (BUILD / "modules").glob("*.so")}


def rows(*args):
    done = run_serac(*args, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("table", TABLES)
def test_every_row_has_help(table):
    found = rows(TABLES[table])
    assert table in found and len(found[table]) > 10
    assert not [r for rows_ in found.values() for r in rows_ if not r["help"]]


def test_the_core_and_all_modules_are_there():
    found = rows("--help-functions", "--help-attributes", "--help-params")
    seen = {r["module"] for table in found.values() for r in table}
    with_rows = {m for m in MODULES if any(rows("--help-module", m).values())}
    assert seen == with_rows | {"core"} and {"sl", "xlog", "maxfwd"} <= seen


def test_what_a_row_tells():
    found = rows("--help-module", "sl")
    reply = next(r for r in found["functions"] if r["name"] == "sl_send_reply")
    assert [a["type"] for a in reply["arguments"]] == ["number", "text with $x"]
    assert [a["optional"] for a in reply["arguments"]] == [False, True] and "request" in reply["routes"]
    code = next(r for r in found["parameters"] if r["name"] == "default_code")
    assert (code["type"], code["default"], code["min"], code["max"], code["reload"]) == ("number", 500, 400, 699, True)
    core = rows("--help-module", "core")
    timeout = next(r for r in core["parameters"] if r["name"] == "worker_timeout")
    assert (timeout["type"], timeout["default"], timeout["unit"], timeout["reload"]) == ("time", 10000, "s", True)
    assert not next(r for r in core["parameters"] if r["name"] == "children")["reload"]
    user = next(r for r in core["attributes"] if r["variable"] == "$rU")
    assert user["can_be_set"] and user["type"] == "text"
    asks = {r["name"] for r in core["functions"] if r["only_asks"]}
    assert "isflagset" in asks and "setflag" not in asks


def test_as_text():
    said = run_serac("--help-module", "sl").stdout
    for line in ("functions of module sl", '    sl_send_reply(number [, "text with $x"])  in request', "parameters of module sl",
                 '    modparam("sl", "default_code", ...)  number, default 500, 400 to 699; HUP changes it'):
        assert line in said, line
    said = run_serac("--help-module", "core").stdout
    for line in ('    @contact[n].uri.params["name"]  text', "    $rU  text, can be set", "    setflag(number)  in all routes",
                 "    worker_timeout=  time, default 10s, 500ms to 3600s, a bare number is in s; HUP changes it"):
        assert line in said, line
    assert "fork=" not in said  # accepted, not needed


def test_words():
    words = {(w["word"], w["what"]): w["advice"] for w in rows("--help-words")["words"]}
    assert ("if", "part of the language") in words
    assert words["fork", "parameter that is accepted and not needed"]
    assert not [w for w, advice in words.items() if not w[1] or ("refused" in w[1] and not advice)]
    assert "    fork  parameter that is accepted and not needed: " in run_serac("--help-words").stdout


def test_a_module_that_is_not_there(tmp_path):
    done = run_serac("--help-module", "slx")
    assert done.returncode == 1 and 'did you mean "sl"' in done.stderr
    # a folder without modules still has the core
    assert "setflag" in run_serac("--help-functions", "-L", tmp_path).stdout
