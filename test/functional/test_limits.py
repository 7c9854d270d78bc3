# SPDX-License-Identifier: BSD-2-Clause
"""pike and ratelimit in a running router: several workers count together, and a death loses no count."""

PIKE = """
modparam("pike", "sampling_time_unit", 3600)
modparam("pike", "reqs_density_per_unit", 20)
modparam("pike", "allow", "127.0.0.9")
route {
	if (!pike_check_req()) {
		if ($rc == -2) {
			sl_send_reply("429", "New");
		}
		exit;
	}
	sl_send_reply("200", "OK");
}
"""
RATELIMIT = """
modparam("ratelimit", "timer_interval", 3600)
modparam("ratelimit", "pipe", "0:TAILDROP:1")
modparam("ratelimit", "queue", "0:OPTIONS")
route {
	$var(n) = 0;
	while ($var(n) < 90) {
		if (!rl_check()) {
			sl_send_reply("503", "Limiting");
			exit;
		}
		$var(n) = $var(n) + 1;
	}
	sl_send_reply("200", "OK");
}
"""




def test_workers_count_a_source_together_and_a_death_forgets_nothing(router, peers):
    r, u = router(PIKE, modules=("sl", "pike"), children=3), peers.udp()
    u.default = r.addr
    codes = []
    for _ in range(10):
        codes.append(u.ask("OPTIONS", uri="sip:x@y").status)
    for pid in r.workers():
        r.kill_worker(pid)
    for _ in range(10):
        codes.append(u.ask("OPTIONS", uri="sip:x@y").status)
    assert codes == [200] * 20
    assert u.ask("OPTIONS", uri="sip:x@y").status == 429
    for _ in range(30):
        u.request("OPTIONS", uri="sip:x@y")
    s = r.wait_status(lambda s: s.counter("pike", "requests") == 31, what="the source is blocked in all workers")
    assert s.counter("pike", "blocked") == 1
    r.wait_log("warning pike a source sends too much, it is blocked src=127.0.0.1:")
    allowed = peers.udp("127.0.0.9")
    allowed.default = r.addr
    assert [allowed.ask("OPTIONS", uri="sip:x@y").status for _ in range(30)] == [200] * 30


def test_a_flood_from_many_sources_needs_no_memory(router, peers):
    r = router(PIKE.replace("pike_check_req()", 'pike_check_ip("$(hdr(X-From))")'), modules=("sl", "pike", "textops"), children=2)
    u = peers.udp()
    u.default = r.addr

    def send(source):
        return u.request("OPTIONS", uri="sip:x@y", headers=(f"X-From: {source}",))
    before = r.status().memory["in_use"]
    for n in range(2000):
        u.final(send(f"10.0.{n // 250}.{n % 250}"))
    for n in range(20):
        assert u.final(send("192.0.2.1")).status == 200
    assert u.final(send("192.0.2.1")).status == 429
    assert r.status().memory["in_use"] - before < 1 << 20


def test_workers_share_a_pipe(router, peers):
    r, u = router(RATELIMIT, modules=("sl", "ratelimit"), children=3), peers.udp()
    u.default = r.addr
    # 3600 fit: 40 times 90
    codes = [m.status for m in u.finals([u.request("OPTIONS", uri="sip:x@y") for _ in range(60)])]
    s = r.status()
    assert s.counter("ratelimit", "passed") == 3600
    assert s.counter("ratelimit", "refused") == codes.count(503)
    assert 37 <= codes.count(200) <= 40
