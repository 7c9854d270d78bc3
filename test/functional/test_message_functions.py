# SPDX-License-Identifier: BSD-2-Clause
"""Functions of modules that change or ask about messages, called by a running router's script: targets, edits that are carried out, results in variables."""
import pytest

from harness import sip

MODULES = ("sl", "textops", "textopsx", "siputils", "cfgutils", "kex", "corex", "pv", "xlog")


@pytest.fixture
def script(router, peers):
    """script(routes, …) → (caller, callee): {callee} in the routes is the callee's port."""
    def make(routes, **how):
        callee = peers.udp()
        r = router(routes.replace("{callee}", str(callee.port)), modules=MODULES, **how)
        caller = peers.udp()
        caller.default = r.addr
        return caller, callee
    return make


def test_a_redirection_names_all_targets(script):
    caller, _ = script("""
route {
	seturi("sip:first@192.0.2.1");
	append_branch("sip:second@192.0.2.2", "0.5");
	append_branch("sip:third@192.0.2.3");
	append_branch("sip:fourth@192.0.2.4");
	remove_branch(1);
	sl_send_reply("302", "Moved");
}
""")
    answer = caller.ask()
    assert answer.status == 302
    assert answer.get("Contact") == "<sip:first@192.0.2.1>, <sip:second@192.0.2.2>;q=0.5, <sip:fourth@192.0.2.4>"


def test_targets_are_bounded_by_a_parameter(script):
    caller, _ = script("""
route {
	append_branch("sip:second@192.0.2.2");
	if (!append_branch("sip:third@192.0.2.3"))
		sl_send_reply("302", "No More");
}
""", params="max_branches=2\n")
    assert caller.ask().get("Contact") == "<sip:second@192.0.2.2>"


CHANGES = """
route {
	append_hf("X-New: $rU\\r\\n");
	remove_hf("X-Old");
	set_body("changed", "text/plain");
	%s
	if (is_present_hf("X-New") && !is_present_hf("X-Old") && $rb == "changed")
		append_hf("X-Seen: new\\r\\n");
	else
		append_hf("X-Seen: old\\r\\n");
	seturi("sip:b@127.0.0.1:{callee}");
	forward();
}
"""


@pytest.mark.parametrize("call, params, seen", [("", "", "old"), ("msg_apply_changes();", "", "new"), ("", "edits_visible=yes\n", "new")])
def test_changes_show_when_they_are_carried_out(script, call, params, seen):
    caller, callee = script(CHANGES % call, params=params)
    caller.request("MESSAGE", uri="sip:joe@127.0.0.1", headers=["X-Old: 1"])
    got = callee.recv()
    assert got.get("X-Seen") == seen
    assert got.all("X-New") == ["joe"] and not got.all("X-Old") and got.body == b"changed"
    assert got.get("Content-Length") == "7" and len(got.vias) == 2


def test_answers_come_back_after_changes_were_carried_out(script):
    caller, callee = script("""
route {
	append_hf("X-New: 1\\r\\n");
	msg_apply_changes();
	rewritehostport("127.0.0.1:{callee}");
	forward();
}
reply_route {
	append_hf("X-Back: 1\\r\\n");
	msg_apply_changes();
	if (is_present_hf("X-Back") && status == 486)
		change_reply_status("404", "Not Here");
}
""")
    caller.request("OPTIONS")
    got = callee.recv()
    callee.send(sip.response(got, 486, "Busy"), got.src)
    answer = caller.recv()
    assert answer.first == "SIP/2.0 404 Not Here" and answer.get("X-Back") == "1" and len(answer.vias) == 1


def test_results_are_written_into_variables(script):
    caller, _ = script("""
route {
	if (!get_uri_param("key", "$var(key)") || get_uri_param("none", $var(key)))
		exit;
	tel2sip("tel:+1-23", "$rd", "$avp(sip)");
	subst_v("$var(key)", '/a/b/g', $var(text));
	set_uri_user($avp(sip), "456");
	pv_printf("$var(all)", "$var(key) $avp(sip) $var(text)");
	append_to_reply("X-All: $var(all)\\r\\n");
	sl_send_reply("200", "OK");
}
""")
    assert caller.ask(uri="sip:joe@127.0.0.1;key=aa").get("X-All") == "aa sip:456@127.0.0.1;user=phone bb"


def test_flags_and_chance_are_shared_by_workers(script):
    caller, _ = script("""
route {
	if ($rU == "set") {
		set_gflag(5);
		rand_set_prob(100);
	}
	if (is_gflag(5) && rand_event())
		sl_send_reply("200", "OK");
	else
		sl_send_reply("404", "Not Set");
}
""", children=4)
    assert caller.ask(uri="sip:joe@127.0.0.1").status == 404
    assert caller.ask(uri="sip:set@127.0.0.1").status == 200
    assert all(caller.ask(uri="sip:joe@127.0.0.1").status == 200 for _ in range(20))


def test_hostile_values_smuggle_nothing_in(script):
    caller, callee = script("""
route {
	append_hf("X-Body: $rb\\r\\n");
	assign_hf_value("Contact", "$rb");
	set_body("x", "$rb");
	insert_hf("X-Good: 1\\r\\n");
	seturi("sip:b@127.0.0.1:{callee}");
	forward();
}
""")
    caller.request("MESSAGE", headers=["Contact: <sip:a@b>"], body=b"a\r\nEvil: 1\r\n\r\n")
    got = callee.recv()
    assert got.get("X-Good") == "1" and not got.all("Evil") and not got.all("X-Body")
    assert got.get("Contact") == "<sip:a@b>" and got.body == b"a\r\nEvil: 1\r\n\r\n"


def test_a_walk_over_header_fields_ends(script):
    caller, callee = script("""
route {
	hf_iterator_start("i1");
	while (hf_iterator_next("i1")) {
		if ($hfitname(i1) =~ "^X-")
			hf_iterator_rm("i1");
	}
	hf_iterator_end("i1");
	bl_iterator_start("b1");
	while (bl_iterator_next("b1")) {
		if ($blitval(b1) =~ "^b")
			bl_iterator_append("b1", "bb\\r\\n");
	}
	bl_iterator_end("b1");
	rewritehostport("127.0.0.1:{callee}");
	forward();
}
""", params="edits_visible=yes\n")
    caller.request("MESSAGE", headers=["X-A: 1", "Y-A: 1", "X-B: 2"], body=b"a\r\nb\r\nc\r\n")
    got = callee.recv()
    assert got.get("Y-A") == "1" and not got.all("X-A") and not got.all("X-B")
    assert got.body == b"a\r\nb\r\nbb\r\nc\r\n"
