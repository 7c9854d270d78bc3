# SPDX-License-Identifier: BSD-2-Clause
"""What decides about the targets of a transaction: Max-Breadth, loops of forked requests, sips, dead destinations."""
import pytest

from harness import sip
from harness.calls import MODULES, RELAY
from harness.wait import until

FORK = 'route {{\n\tif (method=="INVITE") {{\n{more}\t}}\n\tif (!t_relay()) {{\n\t\tsl_reply_error();\n\t}}\n}}\n'
DEAD = "Next Hop Is Blocklisted"


def forked(stateful, n, **how):
    return stateful(FORK.format(more="".join(f'\t\tappend_branch("{{{name}}}");\n' for name in "bcdefgh"[:n - 1])), callees=n, **how)


# --- Max-Breadth (RFC 5393 5) --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("received, shares", [(None, ["20", "20", "20"]), ("5", ["2", "2", "1"]), ("3", ["1", "1", "1"]), ("61", ["20", "20", "20"])])
def test_breadth_is_divided_among_the_branches(stateful, received, shares):
    s = forked(stateful, 3)
    req = s.caller.start(s.callee.uri, headers=[f"Max-Breadth: {received}"] if received else [])
    got = [c.take() for c in s.callees]
    assert sorted((g.get("Max-Breadth") for g in got), reverse=True) == shares
    for callee, g in zip(s.callees, got):
        assert len(g.all("Max-Breadth")) == 1
        callee.refuse(g, 486)
    s.caller.refused(req)


def test_more_targets_than_breadth_is_440(stateful):
    s = forked(stateful, 3)
    req = s.caller.start(s.callee.uri, headers=["Max-Breadth: 2"])
    assert s.caller.refused(req).status == 440
    s.nothing_for(*s.callees)


def test_one_after_the_other_each_has_all_of_it(stateful):
    s = stateful('route {\n\tt_on_failure("NEXT");\n\tt_relay();\n}\n'
                 'failure_route[NEXT] {\n\t$ru = "{b}";\n\tt_relay();\n}\n',
                 callees=2, modules=[*MODULES, "pv"])
    req = s.caller.start(s.callee.uri, headers=["Max-Breadth: 1"])
    for callee in s.callees:
        got = callee.take()
        assert got.get("Max-Breadth") == "1"
        callee.refuse(got, 486)
    assert s.caller.refused(req).status == 486


# --- loops (RFC 5393 4) --------------------------------------------------------------------------------------------------------------
def again(s, req, got, uri=None):
    """What a callee got comes to the router again, by way of the caller."""
    return s.caller.start(uri or req.uri, via="\r\nVia: ".join([f"{s.caller.peer.via};branch=z9hG4bK{sip.unique()}", *got.vias]),
                          call_id=req.get("Call-ID"))


def test_a_forked_request_that_comes_round_is_482(stateful):
    s = forked(stateful, 2)
    req = s.caller.start(s.callee.uri)
    got = [c.take() for c in s.callees]
    assert all(len(g.branch) == len("z9hG4bKt") + 16 + 17 + 17 for g in got), [g.branch for g in got]
    looped = again(s, req, got[1])
    assert s.caller.refused(looped).status == 482
    s.nothing_for(*s.callees)
    # by another Request-URI it is a spiral
    spiral = again(s, req, got[1], uri=s.callee.uri + ";x=y")
    for callee in s.callees:
        callee.refuse(callee.take(), 486)
    s.caller.refused(spiral)
    for callee, g in zip(s.callees, got):
        callee.refuse(g, 486)
    s.caller.refused(req)


def test_two_targets_of_a_fork_before_us_both_ring(stateful):
    s = stateful()
    first = s.caller.start(s.callee.uri, call_id="merged@x", from_tag="m")
    second = s.caller.start(s.callee.uri, call_id="merged@x", from_tag="m")
    got = [s.callee.take(), s.callee.take()]
    assert got[0].branch != got[1].branch
    for g in got:
        s.callee.refuse(g, 486)
    s.caller.refused(first)
    s.caller.refused(second)


def test_the_router_itself_is_no_target(stateful):
    s = stateful('route {\n\t$ru = "sip:x@127.0.0.1:" + $Rp;\n\tif (!t_relay()) {\n\t\tsl_reply_error();\n\t}\n}\n',
                 modules=[*MODULES, "pv"])
    assert s.caller.refused(s.caller.start(s.callee.uri)).status == 482


# --- sips ------------------------------------------------------------------------------------------------------------------------------
def test_a_sips_target_is_refused_and_the_others_ring(stateful):
    s = stateful(FORK.format(more='\t\tappend_branch("sips:x@127.0.0.1");\n\t\tappend_branch("{b}");\n'), callees=2)
    req = s.caller.start(s.callee.uri)
    for callee in s.callees:
        callee.refuse(callee.take(), 486)
    assert s.caller.refused(req).status == 486


def test_a_sips_request_is_480(stateful):
    s = stateful()
    req = s.caller.start(s.callee.uri.replace("sip:", "sips:"))
    assert s.caller.refused(req).status == 480
    s.nothing_for(s.callee)


# --- dead destinations -----------------------------------------------------------------------------------------------------------------
ON = "use_dst_blocklist=yes\n"

def listed(s, why):
    s.r.status()
    return s.r.count_log(f"status blocklisted dst=127.0.0.1:{s.callee.port} transport=udp why={why}")


def test_who_is_silent_is_not_asked_again(stateful):
    s = stateful(RELAY, params=ON, fr_timer=400)
    req, _ = s.invite()
    assert s.caller.refused(req).status == 408
    assert listed(s, "timeout")
    req = s.caller.start(s.callee.uri)
    assert s.caller.refused(req).first == f"SIP/2.0 500 {DEAD}"
    s.callee.forget()
    assert s.caller.refused(s.caller.start(s.callee.uri, "MESSAGE")).status == 500
    s.nothing_for(s.callee)


def test_who_is_not_there_is_not_asked_again(stateful):
    s = stateful(RELAY, params=ON, fr_timer=20000)
    s.callee.peer.close()
    assert s.caller.refused(s.caller.start(s.callee.uri, "MESSAGE")).status == 500
    assert listed(s, "send")
    assert s.caller.refused(s.caller.start(s.callee.uri)).first == f"SIP/2.0 500 {DEAD}"
    assert s.r.status().counter("udp", "unreached") == 1


def test_other_addresses_of_the_name_are_tried(stateful, dns):
    names = dns({"gw.test": ["127.0.0.9", "127.0.0.1"]})
    s = stateful(RELAY, params=ON + f'dns_servers="{names.servers}"\n', fr_timer=20000)
    for _ in range(2):
        req = s.caller.start(f"sip:b@gw.test:{s.callee.port}")
        s.callee.refuse(s.callee.take(), 486)
        assert s.caller.refused(req).status == 486
    status = s.r.status()
    assert status.counter("udp", "unreached") == 1
    assert (status.counter("blocklist", "added"), status.counter("blocklist", "refused")) == (1, 1)


def test_who_rings_or_is_no_invite_is_not_listed(stateful):
    s = stateful(RELAY, params=ON, fr_timer=400, fr_inv_timer=600)
    req, got = s.invite()
    s.callee.answer(got, 180)
    s.callee.cancelled(got)
    assert s.caller.refused(req).status == 408
    s.call("MESSAGE")
    until(lambda: s.r.status().counter("tm", "timeouts") == 2, 5, "the MESSAGE to be given up")
    assert not listed(s, "timeout")
    s.callee.refuse(s.invite()[1], 486)


def test_it_is_off_unless_asked_for(stateful):
    s = stateful(RELAY, fr_timer=400)
    for _ in range(2):
        req, _ = s.invite()
        assert s.caller.refused(req).status == 408


@pytest.mark.parametrize("timers, headers, is_listed", [
    ({}, ["Retry-After: 60"], False), ({"blst_503": 1}, ["Retry-After: 60"], True), ({"blst_503": 1}, [], False),
    ({"blst_503": 1, "blst_503_def_timeout": 60}, [], True), ({"blst_503": 1, "blst_503_max_timeout": 0}, ["Retry-After: 60"], False),
    ({"blst_503": 1, "blst_503_min_timeout": 60}, ["Retry-After: 0"], True)])
def test_a_503_lists_for_its_retry_after(stateful, timers, headers, is_listed):
    s = stateful(RELAY, params=ON, **timers)
    req, got = s.invite()
    s.callee.refuse(got, 503, headers=headers)
    assert s.caller.refused(req).status == 500
    assert bool(listed(s, "503")) == is_listed


def test_a_list_makes_the_second_gateway_the_first(stateful):
    s = stateful('route {\n\tif (!blst_is_blocklisted("udp:127.0.0.1:{a_port}")) {\n\t\tt_on_failure("NEXT");\n\t\tt_relay();\n\t\texit;\n\t}\n'
                 '\t$ru = "{b}";\n\tt_relay();\n}\nfailure_route[NEXT] {\n\t$ru = "{b}";\n\tt_relay();\n}\n',
                 callees=2, params=ON, modules=[*MODULES, "pv", "blst"], fr_timer=400)
    for n in range(2):
        req = s.caller.start(s.callee.uri)
        if n == 0:
            s.callee.take()
        got = s.callees[1].take()
        s.callees[1].refuse(got, 486)
        assert s.caller.refused(req).status == 486
    s.nothing_for(s.callee)
