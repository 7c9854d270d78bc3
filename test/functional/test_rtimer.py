# SPDX-License-Identifier: BSD-2-Clause
"""rtimer in a running router: each time in one worker, whoever dies; requests that a timer sends; what -c says of a missing route."""
import pytest

from harness.router import run_serac

TIMER = """
modparam("rtimer", "timer", "name=t;interval=100ms")
modparam("rtimer", "exec", "timer=t;route=TICK")
route {
	sl_send_reply("200", "OK");
}
route[TICK] {
	$shv(n) = $shv(n) + 1;
	xlog("L_NOTICE", "tick $shv(n)\\n");
%s}
"""


def test_it_runs_once_for_all_workers_and_survives_them(router):
    r = router(TIMER % "", modules=("sl", "pv", "xlog", "rtimer"), children=3)
    r.wait_log(r"tick 5\b")
    for pid in r.workers():
        r.kill_worker(pid)
    r.wait_log(r"tick 12\b")
    lines = [line for line in r.log().splitlines() if "tick " in line]
    numbers = [int(line.rpartition("tick ")[2].split()[0].strip('"')) for line in lines]
    assert numbers == sorted(set(numbers)), "each is run by one worker"


def test_a_timer_sends_requests(router, peers):
    u = peers.udp()
    r = router(TIMER % f'\tt_uac_send("OPTIONS", "sip:a@127.0.0.1:{u.port}", "", "", "From: <sip:b@c>\\r\\n", "");\n',
               modules=("sl", "tm", "pv", "xlog", "rtimer"))
    m = u.recv()
    assert m.method == "OPTIONS"


@pytest.mark.parametrize("route, said", [("", "rtimer runs route[TICK], which the script does not have"),
                                         ("route[TICK] { t_relay(); }", "t_relay")])
def test_a_route_that_cannot_run_is_an_error(tmp_path, route, said):
    script = tmp_path / "a.cfg"
    script.write_text('loadmodule "tm"\nloadmodule "rtimer"\nmodparam("rtimer", "timer", "name=t;interval=1")\n'
                      f'modparam("rtimer", "exec", "timer=t;route=TICK")\nroute {{ exit; }}\n{route}\n')
    done = run_serac("-c", "-f", script)
    assert done.returncode == 1
    assert said in done.stdout + done.stderr
