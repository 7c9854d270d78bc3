# SPDX-License-Identifier: BSD-2-Clause
"""HUP: what changes, what stays, what is refused; who waits keeps the configuration that it began with."""
import json
import os
import re
import signal
import time

import pytest

from harness.reload import Reloader, storm
from harness.router import run_serac
from harness.wait import until

ANSWER = 'route {{\n\tsl_send_reply("200", "{}");\n}}'


@pytest.fixture
def reloader(router):
    return lambda *args, **how: Reloader(router(*args, **how))


def reason(u, **fields):
    return u.ask(**fields).first.split(" ", 2)[2]


def test_a_changed_script_answers_from_now_on(reloader, peers):
    s = reloader(ANSWER.format("one"), children=3)
    u = peers.udp()
    u.default = s.r.addr
    assert reason(u) == "one"
    s.change("one", "two").reload()
    assert {reason(u) for _ in range(30)} == {"two"}


def test_an_error_leaves_the_old_script_and_is_told_as_c_does(reloader, peers):
    s = reloader(ANSWER.format("one"))
    u = peers.udp()
    u.default = s.r.addr
    s.change("sl_send_reply", "sl_send_repli").refused()
    assert reason(u) == "one"
    s.r.wait_log(r'serac\.cfg:\d+:2: unknown function \\"sl_send_repli\\"; did you mean \\"sl_send_reply\\"\?')
    s.change("sl_send_repli", "sl_send_reply").change("one", "two").reload()
    assert reason(u) == "two"
    told = s.settled().other["configuration"]
    assert (told["generation"], told["reloads"], told["failed"]) == (3, 1, 1)


def test_a_file_that_is_gone_or_empty_leaves_the_old_script(reloader, peers):
    s = reloader(ANSWER.format("one"))
    u = peers.udp()
    u.default = s.r.addr
    text = s.r.script.read_text()
    s.r.script.unlink()
    s.refused()
    s.r.wait_log("could not read the file: No such file")
    s.r.script.write_text(text)
    s.reload()
    assert reason(u) == "one"


def test_what_waits_keeps_the_script_that_it_began_with(reloader, peers, dns):
    routes = 'route {\n\tif (uri=~"[.]test") {\n\t\tforward();\n\t\txlog("L_NOTICE", "went on in script one\\n");\n\t\texit;\n\t}\n\tsl_send_reply("200", "one");\n}'
    d = dns({"held.test": ["127.0.0.1"]}, held=["held.test"])
    s = reloader(routes, params=f'dns_servers="{d.servers}"\n', children=1)
    u, there = peers.udp(), peers.udp()
    u.default = s.r.addr
    u.request("MESSAGE", uri=f"sip:x@held.test:{there.port}")
    until(lambda: "held.test" in d.names(), 5, "the name is asked for")
    for k in range(3):
        s.change("one", f"{k} one").reload()
    assert reason(u) == "0 1 2 one"
    assert until(lambda: s.r.status().other["configuration"]["in_use"] == 2, 5, "two configurations in use") is not None
    d.release("held.test")
    there.recv()
    s.r.wait_log("went on in script one")
    assert not s.r.count_log("0 one")
    s.settled()


@pytest.mark.parametrize("line, told", [
    ("children=3", r'\\"children\\" would be 3 and is 2: this needs a restart'),
    ("shm_mem=99", r'\\"shm_mem\\" would be 99 and is 0: this needs a restart'),
    ('uid="nobody"', r'\\"user\\" would be \\"nobody\\" and is not set: this needs a restart'),
    ("listen=udp:127.0.0.1:9", r"listen=udp:127\.0\.0\.1:9 is new: this needs a restart"),
    ('loadmodule "textops.so"', r'module \\"textops\\" is not loaded yet: this needs a restart'),
])
def test_what_needs_a_restart_is_refused_by_name_and_value(reloader, line, told):
    s = reloader(ANSWER.format("one"), modules=("sl", "xlog"))
    text = s.r.script.read_text()
    s.r.script.write_text(line + "\n" + text if "load" not in line else text.replace("route", line + "\nroute", 1))
    if line.startswith("children"):
        s.r.script.write_text(text.replace("children=2", line))
    s.refused()
    s.r.wait_log(told)


def test_a_module_or_listen_that_is_taken_out_needs_a_restart(reloader):
    s = reloader(ANSWER.format("one"), modules=("sl", "xlog"))
    text = s.r.script.read_text()
    s.r.script.write_text(text.replace('loadmodule "xlog.so"\n', ""))
    s.refused()
    s.r.wait_log(r'module \\"xlog\\" is no longer loaded: this needs a restart')
    s.r.script.write_text(re.sub(r"listen=tcp:127.0.0.1:\d+\n", "", text))
    s.refused()
    s.r.wait_log(r"listen=tcp:127\.0\.0\.1:\d+ is gone: this needs a restart")


def test_the_same_values_in_other_words_are_no_change(reloader, peers):
    s = reloader(ANSWER.format("one"), modules=("sl", "xlog"), args=("-n", "2"))
    text = s.r.script.read_text()
    # another order, a number as text, and what the command line says wins as it did
    text = text.replace('loadmodule "sl.so"\nloadmodule "xlog.so"\n', 'loadmodule "xlog"\nloadmodule "sl"\n')
    s.r.script.write_text("children=7\nport=5060\n" + text.replace("one", "two"))
    s.reload()
    u = peers.udp()
    u.default = s.r.addr
    assert reason(u) == "two"


def test_parameters_aliases_and_the_log_level_change(reloader, peers):
    s = reloader('route {\n\txlog("L_DBG", "seen\\n");\n\tif (uri==myself) {\n\t\tsl_send_reply("200", "mine");\n\t} else {\n'
                 '\t\tsl_send_reply("404", "not mine");\n\t}\n}', debug=2, children=2)
    u = peers.udp()
    u.default = s.r.addr
    assert reason(u, uri="sip:other.example") == "not mine"
    assert not s.r.count_log("seen")
    s.r.script.write_text('alias="other.example"\nserver_header="Server: changed"\n' + s.r.script.read_text().replace("debug=2", "debug=4"))
    s.reload()
    m = u.ask(uri="sip:other.example")
    assert m.first.endswith(" mine") and m.get("Server") == "changed"
    s.r.wait_log("seen")


def test_shared_variables_outlive_reloads_and_workers(reloader, peers):
    s = reloader('loadmodule "pv"\nmodparam("pv", "shvset", "n=i:5")\n'
                 'route {\n\t$shv(n) = $shv(n) + 1;\n\t$shv(who) = "seen by one" + $shv(none);\n\tsl_send_reply("200", "$shv(n)");\n}', children=1)
    u = peers.udp()
    u.default = s.r.addr
    assert reason(u) == "6"
    s.change('$shv(who) = "seen by one" + $shv(none)', 'append_to_reply("X-Who: $shv(who)\\r\\n")').change("i:5", "i:50").reload()
    m = u.ask()
    assert m.first.endswith(" 7") and m.get("X-Who") == "seen by one0"
    s.r.kill_worker()
    assert reason(u) == "8"
    # no configuration names it any more: it begins anew
    s.change("$shv(n) = $shv(n) + 1", "").change('"$shv(n)"', '"none"').change('modparam("pv", "shvset", "n=i:50")', "").reload().settled()
    s.change('"none"', '"$shv(n)"').reload()
    assert reason(u) == "0"


def test_every_parameter_that_is_not_compared_may_change():
    rows = json.loads(run_serac("--help-params", "--json").stdout)["parameters"]
    assert {r["name"] for r in rows if r["reload"]} >= {"debug", "max_wait", "server_header", "max_limit"}
    assert {r["name"] for r in rows if not r["reload"]} >= {"children", "shm_mem", "user", "port"}
    assert not [r["name"] for r in rows if r["type"].startswith("any") and not r["reload"]]


def test_many_hups_are_one(reloader, peers):
    s = reloader(ANSWER.format("one"))
    u = peers.udp()
    u.default = s.r.addr
    for n in range(40):
        s.r.signal(signal.SIGHUP)
    s.change("one", "last")
    s.r.signal(signal.SIGHUP)
    until(lambda: reason(u) == "last", 5, "the last change", every=0.02)
    s.settled()


def test_the_service_manager_is_told(reloader):
    s = reloader(ANSWER.format("one"))
    begin = time.clock_gettime(time.CLOCK_MONOTONIC)
    s.r.notified.clear()
    s.reload()
    until(lambda: s.r.notification("READY=1"), 5, "READY=1")
    assert s.r.notified[0] == "RELOADING=1" and s.r.notified[-1] == "READY=1"
    at = int(s.r.notified[1].removeprefix("MONOTONIC_USEC=")) / 1e6
    assert begin <= at <= time.clock_gettime(time.CLOCK_MONOTONIC)
    s.r.notified.clear()
    s.change("sl_send_reply", "nothing").refused()
    until(lambda: s.r.notification("READY=1"), 5, "READY=1 after a refusal too")


def test_no_reload_while_stopping(reloader, peers, dns):
    d = dns({}, dead=["dead.test"])
    s = reloader('route {\n\tforward();\n}', params=f'dns_servers="{d.servers}"\nshutdown_timeout=1\n', children=1)
    u = peers.udp()
    u.default = s.r.addr
    u.request("MESSAGE", uri="sip:x@dead.test")
    until(lambda: "dead.test" in d.names(), 5, "the name is asked for")
    s.r.expect_deaths()
    s.r.signal(signal.SIGTERM)
    s.r.wait_log("main stopping")
    s.r.signal(signal.SIGHUP)
    s.r.wait_log("no reload, the router is stopping")


def test_a_loader_that_hangs_is_given_up(reloader, peers):
    s = reloader(ANSWER.format("one"), params="reload_timeout=100ms\n")
    u = peers.udp()
    u.default = s.r.addr
    good = s.r.script.read_text()
    s.r.script.write_text(good + "".join(f'route[R{n}] {{\n\txlog("entry {n} of $ru\\n");\n}}\n' for n in range(30000)))
    s.r.expect_error("the loader died")
    s.r.signal(signal.SIGHUP)
    s.r.wait_log("the loader died, the old configuration stays.*reload_timeout")
    assert reason(u) == "one"
    s.r.script.write_text(good.replace("one", "two"))
    s.reload()
    assert reason(u) == "two"
    s.settled()


def test_a_worker_that_dies_keeps_no_configuration(reloader, peers, dns):
    d = dns({}, dead=["dead.test"])
    s = reloader('route {\n\tif (uri=~"[.]test") {\n\t\tforward();\n\t\texit;\n\t}\n\tsl_send_reply("200", "one");\n}',
                 params=f'dns_servers="{d.servers}"\nmax_wait=600\n', children=1)
    u = peers.udp()
    u.default = s.r.addr
    u.request("MESSAGE", uri="sip:x@dead.test")
    until(lambda: "dead.test" in d.names(), 5, "the name is asked for")
    s.change("one", "two").reload()
    until(lambda: s.r.status().other["configuration"]["in_use"] == 2, 5, "two configurations in use")
    s.r.kill_worker()
    assert reason(u) == "two"
    s.settled()


def test_a_reload_waits_when_all_places_are_taken(reloader, peers, dns):
    names = [f"n{n}.test" for n in range(63)]
    d = dns({n: ["127.0.0.1"] for n in names}, held=names)
    s = reloader('route {\n\tif (uri=~"[.]test") {\n\t\tforward();\n\t\texit;\n\t}\n\tsl_send_reply("200", "one");\n}',
                 params=f'dns_servers="{d.servers}"\nmax_wait=600\ndns_retr_time=60\n', children=1, debug=1)
    u, there = peers.udp(), peers.udp()
    u.default = s.r.addr
    for name in names:
        u.request("MESSAGE", uri=f"sip:x@{name}:{there.port}")
        until(lambda: name in d.names(), 5, "the name is asked for", every=0.01)
        s.reload()
    s.change("one", "two")
    s.r.signal(signal.SIGHUP)
    s.r.wait_log("a reload waits until the oldest configuration is used no more in_use=64")
    assert reason(u) == "one"
    d.release(names[40])
    there.recv()
    until(lambda: reason(u) == "two", 5, "the reload that waited", every=0.05)
    for name in names:
        d.release(name)
    for _ in names[1:]:
        there.recv()
    s.settled()


@pytest.mark.load
@pytest.mark.slow
def test_reload_storm(router, sipp):
    storm(router, sipp, int(os.environ.get("SERAC_RELOAD_STORM", "120")), print)
