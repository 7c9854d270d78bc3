# SPDX-License-Identifier: BSD-2-Clause
"""SIP.md 2, "The language": the rows that need a running router, its modules or its command line; the others are in
test/unit/core/script/test_sipmd2.c."""
import os

import pytest

from harness.router import BUILD, run_serac


@pytest.fixture
def answers(router, peers):
    """What a script answers to one request: answers(routes, **how) → the response."""
    def make(routes, method="OPTIONS", headers=(), **how):
        r = router(routes, **how)
        caller = peers.udp()
        caller.default = r.addr
        return caller.ask(method, headers=headers)
    return make


@pytest.fixture
def forwards(router, peers):
    """What a script sends on: forwards(statements, **how) → the request as the next hop gets it."""
    def make(statements, headers=(), **how):
        callee, caller = peers.udp(), peers.udp()
        r = router("route {\n%s\nforward_udp(\"127.0.0.1\", %d);\n}" % (statements, callee.port), **how)
        caller.default = r.addr
        caller.request(headers=headers)
        return callee.recv()
    return make


def check(tmp_path, text, *args, name="serac.cfg"):
    (tmp_path / name).write_text(text)
    done = run_serac("-c", *args, "-f", tmp_path / name)
    return done.returncode, done.stdout + done.stderr


# --- edits -----------------------------------------------------------------------------------------------------------------------------
SEEN = 'append_hf("X-New: 1\\r\\n"); remove_hf("X-Old"); %s if (is_present_hf("X-New")) append_hf("X-Seen: new\\r\\n");' \
       ' if (is_present_hf("X-Old")) append_hf("X-Seen: old\\r\\n"); append_hf("X-User: $rU\\r\\n");'


@pytest.mark.parametrize("apply, params, seen", [("", "", ["old"]), ("msg_apply_changes();", "", ["new"]),
                                                 ("", "edits_visible=yes\n", ["new"])],
                         ids=["as_received", "applied", "edits_visible"])
def test_edits(forwards, apply, params, seen):
    got = forwards('rewriteuser("new");' + SEEN % apply, headers=["X-Old: 1"], params=params,
                   modules=("sl", "textops", "textopsx"))
    assert got.get("X-New") == "1" and got.get("X-Old") is None
    assert got.all("X-Seen") == seen and got.get("X-User") == "new"  # the Request-URI is always the current one


def test_append_hf_and_insert_hf(forwards):
    got = forwards('append_hf("X-A: 1\\r\\n"); append_hf("X-B: 2"); insert_hf("X-C: 3\\r\\n"); insert_hf("X-D: 4\\r\\n");'
                   'append_hf("X-E: 5\\r\\n", "Call-ID"); insert_hf("X-F: 6\\r\\n", "Call-ID");')
    names = [n for n, _, _ in got.headers]
    ours = [n for n in names if n.startswith("X-")]
    assert got.get("X-B") == "2"  # the missing line end is added
    assert ours.index("X-A") < ours.index("X-B") and names.index("X-A") > names.index("CSeq")
    assert names.index("X-C") < names.index("X-D") < names.index("From")
    assert names.index("X-F") + 1 == names.index("Call-ID") == names.index("X-E") - 1


def test_a_line_end_in_a_value_is_refused(forwards):
    got = forwards("$var(evil) = \"x\\r\\nX-Evil: 1\"; if (!append_hf(\"X-A: $var(evil)\\r\\n\")) append_hf(\"X-Refused: 1\\r\\n\");")
    assert got.get("X-Evil") is None and got.get("X-A") is None and got.get("X-Refused") == "1"


# --- ends ------------------------------------------------------------------------------------------------------------------------------
def test_the_end_with_nothing_done_is_counted_and_said(router, peers):
    r = router('route {\n\tif (method == INFO) {\n\t\tsl_send_reply("200", "OK");\n\t}\n}', debug=3)
    caller = peers.udp()
    caller.default = r.addr
    caller.request("MESSAGE")
    assert caller.ask("INFO").status == 200  # one worker or the other, but later
    r.wait_log(r"nothing was done with the request")
    r.wait_status(lambda s: s.counter("script", "nothing_done") == 1, what="the counter")
    caller.silent()


# --- flags -----------------------------------------------------------------------------------------------------------------------------
def test_flags(answers):
    got = answers('flags voicemail:7;\nroute { setflag(0); setflag(31); setflag(voicemail); resetflag(0);'
                  ' if (isflagset(31) && isflagset(7) && !isflagset(0)) sl_send_reply("299", "Flags"); }')
    assert got.status == 299


def test_a_flag_is_a_number_up_to_31(tmp_path):
    code, said = check(tmp_path, "route { setflag(32); }")
    assert code == 1 and "a flag is a number from 0 to 31" in said


# --- values of functions ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("max_forwards, value", [("10", 1), (None, 2), ("0", -1)])
def test_values_of_mf_process_maxfwd(router, peers, max_forwards, value):
    r = router('route { mf_process_maxfwd_header("10"); sl_send_reply("200", "$rc"); }')
    caller = peers.udp()
    caller.default = r.addr
    assert caller.ask("OPTIONS", max_forwards=max_forwards).first == f"SIP/2.0 200 {value}"


# --- loadmodule, modparam --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["./modules/sl/sl.so", "modules/sl/sl.so", "sl.so", "sl", "/usr/lib/x86_64-linux-gnu/kamailio/modules/sl.so"])
def test_loadmodule_takes_the_base_name(tmp_path, path):
    assert check(tmp_path, f'loadmodule "{path}"\nroute {{ sl_send_reply("200", "OK"); }}') [0] == 0


def test_a_foreign_shared_object_is_never_opened(tmp_path):
    folder = tmp_path / "modules"
    folder.mkdir()
    marker = tmp_path / "opened"
    source = tmp_path / "foreign.c"
    source.write_text('#include <stdio.h>\n__attribute__((constructor)) static void opened(void) '
                      '{ FILE *f = fopen("%s", "w"); if (f) fclose(f); }\n' % marker)
    assert os.system(f"cc -shared -fPIC -o {folder}/foreign.so {source}") == 0
    code, said = check(tmp_path, 'loadmodule "foreign"\nroute { exit; }', "-L", folder)
    assert code == 1 and "foreign" in said and not marker.exists()


def test_modparam_takes_a_pattern_of_modules(tmp_path):
    text = 'loadmodule "sl"\nloadmodule "maxfwd"\nmodparam("%s", "max_limit", 20)\nroute { exit; }'
    for good in ("maxfwd", "nathelper|maxfwd", "max.*"):
        assert check(tmp_path, text % good)[0] == 0, good
    code, said = check(tmp_path, text % "nathelper|tm")
    assert code == 1 and "is loaded" in said


# --- workers, memory -------------------------------------------------------------------------------------------------------------------
def test_children_and_shm_mem(tmp_path):
    many = 4 * (os.cpu_count() or 1) + 1
    code, said = check(tmp_path, f"children={many}\nshm_mem=128\nroute {{ exit; }}")
    assert code == 0 and said.count("warning: ") == 2 and '"children"' in said and '"shm_mem"' in said
    assert "warning" not in check(tmp_path, "children=2\nshm_mem=256\nroute { exit; }")[1]


# --- paths, exit codes -----------------------------------------------------------------------------------------------------------------
def test_paths_are_relative_to_the_file_then_to_the_working_directory(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "serac.cfg").write_text('include_file "part.cfg"\nroute { route(PART); }\n')
    (tmp_path / "part.cfg").write_text("route[PART] { exit; }\n")
    done = run_serac("-c", "-f", "sub/serac.cfg", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (tmp_path / "sub" / "part.cfg").write_text("route[PART] { nonsense(); }\n")  # beside the file comes first
    done = run_serac("-c", "-f", "sub/serac.cfg", cwd=tmp_path)
    assert done.returncode == 1 and "sub/part.cfg:1:" in done.stderr


def test_exit_codes_and_dump(tmp_path):
    warns = "fork=yes\nroute { exit; }"
    assert check(tmp_path, "route { exit; }", "-W")[0] == 0
    assert check(tmp_path, warns)[0] == 0 and check(tmp_path, warns, "-W")[0] == 2
    assert check(tmp_path, "route { nonsense(); }", "-W")[0] == 1
    code, said = check(tmp_path, "children=3\nroute { exit; }", "--dump")
    assert code == 0 and "children = 3" in said


def test_absent_modules(tmp_path):
    text = 'loadmodule "dispatcher"\nroute { if (ds_select_dst("1", "4")) exit; }'
    assert check(tmp_path, text)[0] == 1
    code, said = check(tmp_path, text, "--lenient")
    assert code == 0 and 'no module "dispatcher" yet' in said
    code, said = check(tmp_path, text.replace('"1", "4"', ""), "--lenient")
    assert code == 1 and '"ds_select_dst" takes' in said


def test_every_module_that_is_there_loads(tmp_path):
    # tm before those that need it
    names = sorted((f.stem for f in (BUILD / "modules").glob("*.so")), key=lambda n: (n != "tm", n))
    assert check(tmp_path, "".join(f'loadmodule "{n}"\n' for n in names) + "listen=udp:127.0.0.1:5060\nroute { exit; }")[0] == 0
