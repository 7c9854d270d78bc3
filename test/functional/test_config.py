# SPDX-License-Identifier: BSD-2-Clause
"""serac -c: what it says about good and bad configurations; the examples of the tree are good ones."""
import pathlib
import re
import shutil

import pytest

from harness.documents import lay_out
from harness.router import BUILD, TOP, run_serac


def check(tmp_path, text, *flags):
    f = tmp_path / "serac.cfg"
    f.write_text(text)
    done = run_serac("-c", *flags, "-f", f)
    return done.returncode, done.stdout + done.stderr


def readme_scripts():
    """The code blocks of all READMEs that are routing scripts."""
    found = []
    for readme in [TOP / "README.md", *sorted(TOP.glob("*/README.md")), *sorted(TOP.glob("modules/*/README.md"))]:
        if not readme.exists():
            continue
        for n, block in enumerate(re.findall(r"^```[^\n]*\n(.*?)^```", readme.read_text(), re.M | re.S), 1):
            if re.search(r"^\s*(request_)?route\s*(\[\w+\])?\s*\{", block, re.M):
                found.append(pytest.param(block, id=f"{readme.relative_to(TOP)}-{n}"))
    return found


@pytest.mark.parametrize("flags", [(), ("-A", "WITH_TLS")], ids=["plain", "tls"])
@pytest.mark.parametrize("example", sorted(p.relative_to(TOP / "etc") for p in (TOP / "etc").rglob("*.cfg")), ids=str)
def test_examples_of_etc_are_good(tmp_path, tls_folder, example, flags):
    there = tmp_path / example
    there.parent.mkdir(parents=True, exist_ok=True)
    there.write_bytes((TOP / "etc" / example).read_bytes())
    lay_out(there.parent, tls_folder)
    done = run_serac("-c", "-W", *flags, "-f", there)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("script", readme_scripts())
def test_examples_of_readmes_are_good(tmp_path, tls_folder, script):
    lay_out(tmp_path, tls_folder)
    code, said = check(tmp_path, script)
    assert code == 0, said


def test_the_main_readme_has_an_example():
    assert any(p.id.startswith("README.md") for p in readme_scripts())


def test_a_good_script(tmp_path):
    assert check(tmp_path, 'listen=udp:127.0.0.1:5060\nroute {\n\texit;\n}\n')[0] == 0


def test_all_errors_are_told_with_place_line_caret_and_hint(tmp_path):
    code, said = check(tmp_path, 'loadmodule "sl"\nroute {\n\tsl_send_replyy("200", "OK");\n\tforwad();\n\tsetflag("x", 1, 2, 3);\n}\n')
    assert code == 1
    assert re.search(r"serac\.cfg:3:2: ", said) and re.search(r"serac\.cfg:4:2: ", said) and "serac.cfg:5:" in said
    assert 'did you mean "sl_send_reply"' in said and 'did you mean "forward"' in said
    lines = said.splitlines()
    at = next(i for i, l in enumerate(lines) if "serac.cfg:4:2" in l)
    assert "forwad();" in lines[at + 1] and lines[at + 2].strip().startswith("^")


@pytest.mark.parametrize("text", ["route {", "route { if (method==) exit; }", "listen=udp:127.0.0.1:99999\nroute { exit; }",
                                  "no_such_parameter=1\nroute { exit; }", 'loadmodule "nosuchmodule"\nroute { exit; }',
                                  "route { log(1, \"unterminated); }", "children=abc\nroute { exit; }",
                                  'modparam("sl", "nosuch", 1)\nroute { exit; }', "\x00\x01\x02", "route { route(NOWHERE); }",
                                  'route { forward("udp:127.0.0.1:5070"); }', 'route { forward("$rd"); }'])
def test_a_bad_script_is_1_with_a_place(tmp_path, text):
    code, said = check(tmp_path, text)
    assert code == 1
    assert re.search(r"serac\.cfg:\d+:\d+: ", said), said


def test_warnings_are_2_only_with_w(tmp_path):
    warns = "children=999\nlisten=udp:127.0.0.1:5060\nshm_mem=64\ntcp_children=4\nroute { exit; }\n".replace("children=999\n", "children=1\n", 1)
    code, said = check(tmp_path, warns)
    assert code == 0 and "warning" in said
    assert check(tmp_path, warns, "-W")[0] == 2


def test_dump(tmp_path):
    f = tmp_path / "serac.cfg"
    f.write_text("children=3\nlisten=udp:127.0.0.1:5060\nroute { exit; }\n")
    done = run_serac("-c", "--dump", "-f", f)
    assert done.returncode == 0 and "children" in done.stdout and "3" in done.stdout


def test_a_folder_without_modules_is_not_a_version_without_them(tmp_path):
    f = tmp_path / "serac.cfg"
    f.write_text('loadmodule "sl"\nroute { sl_send_reply("200", "OK"); }\n')
    said = run_serac("-c", "-L", tmp_path, "-f", f)
    assert said.returncode == 1
    assert f"there are no modules in {tmp_path}" in said.stderr and "yet" not in said.stderr and "serac.cfg:2" not in said.stderr


def test_includes_are_relative_to_the_file(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.cfg").write_text('include_file "b.cfg"\n')
    (tmp_path / "sub" / "b.cfg").write_text("route[B] { exit; }\n")
    assert check(tmp_path, 'include_file "sub/a.cfg"\nroute { route(B); }\n')[0] == 0
    (tmp_path / "sub" / "b.cfg").write_text("route[B] { nonsense(); }\n")
    code, said = check(tmp_path, 'include_file "sub/a.cfg"\nroute { route(B); }\n')
    assert code == 1 and "b.cfg:1:" in said


def test_standard_input():
    done = run_serac("-c", "-f", "-", stdin="route { exit; }\n")
    assert done.returncode == 0


def test_an_mpath_to_another_routers_modules_does_no_harm(tmp_path):
    foreign = tmp_path / "lib"
    foreign.mkdir()
    # a shared object that is not ours, by the names of one that we have and one that we do not
    for name in ("sl", "dispatcher"):
        shutil.copy(BUILD / "modules" / "sl.so", foreign / f"{name}.so")
        data = (foreign / f"{name}.so").read_bytes().replace(b"serac_module", b"other_module")
        (foreign / f"{name}.so").write_bytes(data)
    script = tmp_path / "one.cfg"
    script.write_text(f'mpath="{foreign}/"\nlisten=udp:127.0.0.1:5060\nloadmodule "sl.so"\nroute {{ sl_send_reply("200", "OK"); }}\n')
    done = run_serac("-c", "-f", script)
    assert done.returncode == 0, done.stderr
    script.write_text(f'mpath="{foreign}/"\nlisten=udp:127.0.0.1:5060\nloadmodule "dispatcher.so"\nroute {{ ds_select_dst("1", "4"); }}\n')
    done = run_serac("-c", "-f", script)
    assert done.returncode == 1 and 'no module "dispatcher" yet' in done.stderr + done.stdout
    assert run_serac("-c", "--lenient", "-f", script).returncode == 0


@pytest.mark.parametrize("line, said", [
    ("children=250", '"children": workers never wait'),
    ("shm_mem=64", '"shm_mem": this is megabytes, and little'),
    ("shm=64", '"shm": this is megabytes'),
    ("fork=yes", '"fork" is not needed here'),
])
def test_values_that_people_bring_along_are_remarked_on(tmp_path, line, said):
    code, got = check(tmp_path, f"{line}\nroute {{ exit; }}\n")
    assert code == 0
    assert f"warning: {said}" in got


@pytest.mark.parametrize("module, call", [
    ("siputils", "has_totag()"), ("siputils", 'uri_param("lr")'), ("siputils", "is_rpid_user_e164()"),
    ("kex", 'is_myself("$ru")'), ("corex", "isxflagset(1)"), ("cfgutils", "is_gflag(1)"), ("pv", 'pv_isset("$ru")'),
    ("rr", "is_dialog_ours()"),
])
def test_a_question_whose_answer_nobody_hears_is_told(tmp_path, module, call):
    code, got = check(tmp_path, f'loadmodule "{module}"\nroute {{ {call}; forward(); }}\n', "-W")
    assert code == 2
    assert f'"{call.split("(")[0]}" changes nothing, and its value is not used' in got


@pytest.mark.parametrize("module, name, value, said", [
    ("xlog", "prefix", "$ci $(var(x)): ", 'xlog: prefix: "$var(x)" belongs to routes; put it into an $avp(x)'),
    ("siputils", "rpid_avp", "$avpp(x)", 'siputils: rpid_avp: unknown variable "$avpp"; did you mean "$avp"?'),
    ("siputils", "rpid_avp", "$var(x)", 'siputils: rpid_avp: "$var(x)" belongs to routes'),
    ("rr", "custom_user_avp", "$avpp(x)", 'rr: custom_user_avp: unknown variable "$avpp"; did you mean "$avp"?'),
])
def test_variables_in_parameters_are_resolved(tmp_path, module, name, value, said):
    text = f'loadmodule "{module}"\n'
    if module == "xlog":
        text += 'modparam("xlog", "prefix_mode", 1)\n'
    code, got = check(tmp_path, text + f'modparam("{module}", "{name}", "{value}")\nroute {{ exit; }}\n')
    assert code == 1 and said in got


@pytest.mark.parametrize("module, name, value, said", [
    ("acc", "log_extra", '"ua=$hdr(User-Agent);x=$nope"', 'acc: log_extra: unknown variable "$nope"'),
    ("acc", "log_extra", '"$ru"', 'acc: log_extra: a field is written name=$variable or name=@select, not: "$ru"'),
    ("acc", "multi_leg_info", '"a=$ru"', 'acc: multi_leg_info: a leg\'s field is name=$avp(x), not: "$ru"'),
    ("acc", "failed_filter", '"404,4xx"', "acc: failed_filter: statuses from 300 to 699 are named"),
    ("acc", "db_url", '"mysql://localhost/sip"', '"db_url" cannot be set: needs a database module, which Serac does not have yet; log_flag'),
    ("acc", "db_flag", "1", '"db_flag" cannot be set: needs a database module'),
    ("acc", "cdr_enable", "1", '"cdr_enable" cannot be set: needs module dialog'),
    ("acc", "log_fmt", '"fsi"', '"log_fmt" cannot be set: log_extra names the fields'),
    ("acc", "log_flag", "32", "32"),
    ("uac_redirect", "deny_filter", '"("', "uac_redirect: deny_filter: "),
    ("uac_redirect", "default_filter", '"maybe"', "uac_redirect: default_filter is accept or deny"),
    ("uac_redirect", "acc_function", '"acc_db_request"', "uac_redirect: acc_function is acc_log_request"),
])
def test_values_that_cannot_be_are_told(tmp_path, module, name, value, said):
    text = f'loadmodule "tm"\nloadmodule "{module}"\nmodparam("{module}", "{name}", {value})\nroute {{ exit; }}\n'
    code, got = check(tmp_path, text)
    assert code == 1 and said in got


def test_what_is_absent_is_left_out_leniently(tmp_path):
    text = 'loadmodule "tm"\nloadmodule "acc"\nmodparam("acc", "db_flag", 1)\nmodparam("acc", "cdr_enable", 0)\nroute { exit; }\n'
    code, got = check(tmp_path, text, "--lenient")
    assert code == 0 and 'warning: "db_flag" is left out: needs a database module' in got and "cdr_enable" not in got


@pytest.mark.parametrize("module, call, said", [
    ("acc", 'acc_db_request("x", "acc")', "acc_log_request(comment) writes a line"),
    ("acc", 'acc_log_request("")', "a comment is needed"),
    ("uac_redirect", 'get_redirects("many")', 'how many Contacts in all, and of each response: "6"'),
    ("uac_redirect", 'set_deny_filter("x", "reset")', "the filters that shall not count any more are named"),
])
def test_calls_that_cannot_be_are_told(tmp_path, module, call, said):
    text = f'loadmodule "tm"\nloadmodule "{module}"\nroute {{ exit; }}\nfailure_route[F] {{ {call}; }}\n'
    code, got = check(tmp_path, text)
    assert code == 1 and said in got


def test_names_are_defined_on_the_command_line(tmp_path):
    text = "#!ifdef WITH_X\nroute { xlog(TEXT); exit; }\n#!endif\nloadmodule \"xlog\"\n"
    assert check(tmp_path, text)[0] == 1
    assert check(tmp_path, text, "-A", "WITH_X", "-A", 'TEXT="hello"')[0] == 0


@pytest.mark.parametrize("line, said", [
    ('rewritehostport("1.2.3.4:99999")', '"rewritehostport": a port is a number from 1 to 65535'),
    ('sethostport("not a host:5060")', '"sethostport": this is no host and port'),
    ('sethpt("example.com:0;transport=tcp")', "a port is a number"),
    ('sethost("a b")', '"sethost": this is no host'),
    ("setport(70000)", "a port is a number"),
    ('seturi("bob")', "this is no URI"),
    ('append_hf("no header")', '"append_hf": a whole header field is needed'),
    ('append_hf("Content-Length: 0")', '"append_hf": Content-Length is made for the message as it leaves'),
    ('append_to_reply("l: 0")', '"append_to_reply": Content-Length is made'),
    ('append_hf("X: 1\\r\\n\\r\\nbody")', "a whole header field is needed"),
])
def test_constants_that_can_never_be_good_are_refused(tmp_path, line, said):
    code, got = check(tmp_path, f'loadmodule "textops"\nroute {{ {line}; exit; }}\n')
    assert code == 1
    assert said in got


@pytest.mark.parametrize("lines, said", [
    ('emergency_numbers="112,"', 'emergency_numbers are numbers with commas: "112,911"'),
    ("overload_lag=61000", '"overload_lag" must be between 0 and 60000 ms'),
    ('loadmodule "pike"\nmodparam("pike", "allow", "10.0.0.0/8, 10.0.0.0/40")', '"allow": not a network'),
    ('loadmodule "ratelimit"\nmodparam("ratelimit", "pipe", "3:FEEDBACK:80")', "set overload_lag"),
    ('loadmodule "ratelimit"\nmodparam("ratelimit", "queue", "2:INVITE")', "a queue names a pipe that there is not"),
    ('loadmodule "pike"\nroute[A] { if (!pike_check_ip("example.com")) { exit; } }\nroute[B] { route(A); }', "an IP address is needed"),
    ('loadmodule "ratelimit"\nroute[A] { if (!rl_check_pipe("40")) { exit; } }\nroute[B] { route(A); }', "a pipe is a number from 0 to 31"),
    ("event_route[core:overlode] { drop; }", 'did you mean "core:overload"?'),
])
def test_what_limits_is_checked(tmp_path, lines, said):
    code, got = check(tmp_path, f"{lines}\nroute {{ exit; }}\n")
    assert code == 1
    assert said in got


@pytest.mark.parametrize("line", ['rewritehostport("[::1]:5060")', 'sethostport("example.com")', 'append_hf("X-A: $ru\\r\\n")',
                                  'append_hf("$hdr(X)")', 'seturi("tel:+4930")', 'rewritehostport("10.0.0.1:5060")', 'sethost("::1")'])
def test_constants_that_may_be_good_are_taken(tmp_path, line):
    code, got = check(tmp_path, f'loadmodule "textops"\nroute {{ {line}; exit; }}\n')
    assert code == 0, got


@pytest.mark.parametrize("servers, code", [("foo", 1), ("127.0.0.1,", 1), ("127.0.0.1:5353,[::1]:53,10.0.0.1", 0)])
def test_name_servers_are_addresses(tmp_path, servers, code):
    got = check(tmp_path, f'dns_servers="{servers}"\nroute {{ exit; }}\n')
    assert got[0] == code, got[1]


@pytest.mark.parametrize("defines", ["", "WITH_AUTH WITH_MYSQL WITH_USRLOCDB", "WITH_NAT WITH_RTPENGINE", "WITH_ANTIFLOOD WITH_ACCDB"])
def test_the_configuration_that_kamailio_comes_with_loads_leniently(tmp_path, defines):
    theirs = pathlib.Path("/etc/kamailio/kamailio.cfg")
    if not theirs.exists():
        pytest.skip("kamailio is not installed")
    flags = [flag for name in defines.split() for flag in ("-A", name)]
    code, said = check(tmp_path, theirs.read_text(), "--lenient", *flags)
    assert code == 0, said
