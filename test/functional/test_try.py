# SPDX-License-Identifier: BSD-2-Clause
"""serac --try and serac --test: what a script does with a message, and whether that is what was expected."""
import json
import xml.etree.ElementTree as ET

import pytest

from harness.router import TOP, run_serac

SCRIPT = """listen=udp:127.0.0.1:5060
loadmodule "sl" loadmodule "textops"
route {
	if (@ruri.user == "bob") {
		append_hf("X-Seen: yes\\r\\n");
		rewritehostport("192.0.2.7:5080");
		forward();
		exit;
	}
	if (method == "OPTIONS") {
		sl_send_reply("200", "OK");
		exit;
	}
	if (@ruri.user == "away") {
		forward();
		exit;
	}
	drop;
}
"""

MESSAGE = """INVITE sip:bob@127.0.0.1 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.1:5066;branch=z9hG4bKx
From: <sip:a@example.org>;tag=1
To: <sip:bob@127.0.0.1>
Call-ID: c1
CSeq: 1 INVITE
Max-Forwards: 70

"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "s.cfg"
    path.write_text(SCRIPT)
    return path


def attempt(script, text, *more):
    message = script.parent / "m.sip"
    message.write_text(text, newline="")
    done = run_serac("--try", message, "-f", script, *more)
    assert done.returncode == 0, done.stderr
    return done.stdout.replace(str(script), "s.cfg")


def run_tests(script, text, *more):
    path = script.parent / "t.test"
    path.write_text("script s.cfg\n" + text)
    done = run_serac("--test", path, *more)
    return done.returncode, done.stdout.replace(str(path), "t.test").replace(str(script), "s.cfg")


def test_the_trace_says_what_was_done_and_why(script):
    told = attempt(script, MESSAGE)
    branch = told.split("branch=z9hG4bKs")[1].split("\n")[0]
    assert told.replace(branch, "BRANCH") == """note: line ends were made CR LF
from udp:192.0.2.1:5066 to udp:127.0.0.1:5060: INVITE sip:bob@127.0.0.1 SIP/2.0

route
  s.cfg:4: if (@ruri.user == "bob") {
      @ruri.user = "bob" == "bob": true
  s.cfg:5: append_hf("X-Seen: yes\\r\\n");
      append_hf("X-Seen: yes\\x0d\\x0a") = 1
  s.cfg:6: rewritehostport("192.0.2.7:5080");
      rewritehostport("192.0.2.7:5080") = 1
  s.cfg:7: forward();
      -> relayed to udp:192.0.2.7:5080: INVITE sip:bob@192.0.2.7:5080 SIP/2.0
      forward() = 1
  s.cfg:8: exit;

would be sent to udp:192.0.2.7:5080 from udp:127.0.0.1:5060
--- as it came
+++ as it would be sent
@@ -1,8 +1,11 @@
-INVITE sip:bob@127.0.0.1 SIP/2.0
+INVITE sip:bob@192.0.2.7:5080 SIP/2.0
+Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKsBRANCH
 Via: SIP/2.0/UDP 192.0.2.1:5066;branch=z9hG4bKx
 From: <sip:a@example.org>;tag=1
 To: <sip:bob@127.0.0.1>
 Call-ID: c1
 CSeq: 1 INVITE
-Max-Forwards: 70
+Max-Forwards: 69
+X-Seen: yes
+Max-Breadth: 60
""" + " \n"


TALK = """listen=udp:127.0.0.1:5060
loadmodule "textops"
route {
	$var(y) = "b"; $f.x = 3;
	if (!search("nothing")) { $var(l) = $(rU{s.len}); }
	switch ($rm) {
	case "BYE": drop;
	case "INVITE": route("X" + $var(y)); break;
	}
	switch ($rU) {
	case "alice": drop;
	case /"^bo": break;
	}
	$du = "no uri";
	while ($var(i) < 1) $var(i) = $var(i) + 1;
	$var(n) = !search("nothing");
	if (route(Xb) || method != "BYE") exit;
}
route[Xb] { return 1; }
"""

TOLD = """route
  s.cfg:4: $var(y) = "b"; $f.x = 3;
      $var(y) = "b"
      $f.x = 3
  s.cfg:5: if (!search("nothing")) { $var(l) = $(rU{s.len}); }
      search(/nothing/) = -1
      search(): false
      $var(l) = 3
  s.cfg:6: switch ($rm) {
      switch $rm = "INVITE": case "INVITE"
  s.cfg:8: case "INVITE": route("X" + $var(y)); break;
  route[Xb]
    s.cfg:19: route[Xb] { return 1; }
      route[Xb] returns 1
  s.cfg:10: switch ($rU) {
      switch $rU = "bob": none of the constants
      "bob" =~ "^bo": true
"""


def test_each_kind_of_statement_is_told_as_it_came_out(script):
    script.write_text(TALK)
    told = attempt(script, MESSAGE).split("\n\n")[1] + "\n"
    assert told.startswith(TOLD), told
    assert '      $du = "no uri", which failed\n' in told
    assert """
      $var(i) = 0 < 1: true
      $var(i) = 1
      $var(i) = 1 < 1: false
""" in told
    assert told.endswith("""
  s.cfg:17: if (route(Xb) || method != "BYE") exit;
  route[Xb]
    s.cfg:19: route[Xb] { return 1; }
      route[Xb] returns 1
      route[Xb]: true
"""), told


def test_a_reference_is_shown_with_its_transformation(script):
    script.write_text('listen=udp:127.0.0.1:5060\nroute { if ($(rU{s.len}) == 3 && @ruri.user != "x") exit; }\n')
    told = attempt(script, MESSAGE)
    assert '\nroute\n  s.cfg:2: route { if' in told and told.count("s.cfg:2:") == 1
    assert "      $(rU{s.len}) = 3 == 3: true\n" in told


HOSTILE = b"INVITE sip:bob@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5066;branch=z9hG4bKx\r\n" \
    b"From: \"\xff\xfe\xc3\x28\x01\x1b[2J\" <sip:a@example.org>;tag=1\r\nTo: <sip:bob@127.0.0.1>\r\nCall-ID: c1\r\n" \
    b"CSeq: 1 INVITE\r\nMax-Forwards: 70\r\nX-Bad: ]]>\x00\x7f\xed\xa0\x80<&; gr\xc3\xbc\xef\xbf\xbe\r\n\r\n\x00\xff"


def test_json_and_junit_stay_valid_whatever_a_message_holds(script):
    message = script.parent / "hostile.sip"
    message.write_bytes(HOSTILE)
    done = run_serac("--try", message, "-f", script, "--json")
    assert done.returncode == 0, done.stderr
    (told,) = json.loads(done.stdout)["messages"]
    assert "\x01" in told["message"] and "X-Bad: ]]>" in told["message"]
    assert '"\ufffd\ufffd\ufffd(' in told["message"] and "; gr\u00fc\ufffe" in told["message"]
    xml = script.parent / "r.xml"
    code, _ = run_tests(script, "test b\u00f6b\ufffe\x01\nmessage hostile.sip\nexpect header X-Bad = no\nexpect header From = no\n"
                                "expect first-line = no\n", "--junit", xml)
    assert code == 1
    tree = ET.parse(xml).getroot()
    assert "X-Bad" in "".join(tree.itertext())
    assert [case.get("name") for case in tree.iter("testcase")] == ["b\u00f6b\ufffd?"]


def test_the_same_message_gives_the_same_text(script):
    assert attempt(script, MESSAGE) == attempt(script, MESSAGE)


def test_what_is_answered_is_shown_whole(script):
    told = attempt(script, MESSAGE.replace("INVITE", "OPTIONS").replace("bob", "x"))
    assert "would be answered to udp:192.0.2.1:5066 from udp:127.0.0.1:5060\n  SIP/2.0 200 OK\n" in told


def test_nothing_is_said_to_be_sent_when_nothing_is(script):
    assert attempt(script, MESSAGE.replace("bob", "x")).endswith("\nnothing was sent\n")


def test_json_tells_the_same(script):
    told = json.loads(attempt(script, MESSAGE, "--json"))
    (message,) = told["messages"]
    assert told["note"] == "line ends were made CR LF"
    assert message["from"] == "udp:192.0.2.1:5066"
    events = [(e["event"], e.get("line"), e.get("text"), e.get("value")) for e in message["events"]]
    assert ("condition", 4, '@ruri.user = "bob" == "bob"', "true") in events
    assert ("call", 6, 'rewritehostport("192.0.2.7:5080")', "1") in events
    (sent,) = message["sent"]
    assert sent["kind"] == "request" and sent["to"] == "udp:192.0.2.7:5080" and sent["socket"] == "udp:127.0.0.1:5060"
    assert "+X-Seen: yes" in sent["difference"].split("\n")


def test_a_crash_file_is_replayed(script):
    head = "# serac 0.1.0: worker process 7 ended by signal 11\n# from udp:198.51.100.9:5099\n# to udp:127.0.0.1:5060\n\n"
    told = attempt(script, head + MESSAGE.replace("\n", "\r\n"))
    assert told.startswith("from udp:198.51.100.9:5099 to udp:127.0.0.1:5060: INVITE")
    assert told.count("note:") == 0


def test_replies_go_back_to_where_the_request_came_from(script):
    answer = script.parent / "200.sip"
    answer.write_text("SIP/2.0 200 OK\nVia: SIP/2.0/UDP 9.9.9.9\nContact: <sip:bob@192.0.2.7>\n\n")
    told = attempt(script, MESSAGE, "--reply", answer)
    assert "would be sent to udp:192.0.2.1:5066 from udp:127.0.0.1:5060" in told
    assert "9.9.9.9" not in told


def test_names_are_answered_as_told_and_else_stand_in(script):
    away = MESSAGE.replace("sip:bob@127.0.0.1 SIP", "sip:away@example.com SIP")
    assert "relayed to udp:example.com:5060" in attempt(script, away)
    assert "relayed to udp:192.0.2.77:5060" in attempt(script, away, "--dns", "example.com=192.0.2.77")
    assert "SIP/2.0 500 Next Hop" in attempt(script, away, "--dns", "example.com=none")
    waited = attempt(script, away, "--dns", "example.com=192.0.2.77 after 300ms")
    assert waited.index("reply to udp:192.0.2.1:5066: SIP/2.0 100") < waited.index("relayed to udp:192.0.2.77:5060")
    assert "SIP/2.0 500 Next Hop" in attempt(script, away, "--dns", "example.com=timeout")


def test_what_cannot_be_tried_is_explained(script):
    message = script.parent / "m.sip"
    message.write_text(MESSAGE)
    for more, why in [
        (["--tls-peer", "x.pem"], 'needs loadmodule "tls.so" in the script'),
        (["--from", "tls:192.0.2.1:5061"], 'needs loadmodule "tls.so" in the script'),
            (["--from", "ws:192.0.2.1:80"], "there are no WebSockets yet"),
        (["--from", "nonsense"], "write it as udp:192.0.2.1:5060"),
        (["--to", "udp:127.0.0.1:5999"], "the script listens on udp:127.0.0.1:5060"),
        (["--dns", "x"], "NAME=ADDRESS"),
        (["--reply", "/nowhere"], "no such file"),
    ]:
        done = run_serac("--try", message, "-f", script, *more)
        assert done.returncode == 1 and why.lower() in done.stderr.lower(), (more, done.stderr)


# --- tests of scripts -----------------------------------------------------------------------------------------------
BOB = "test bob\nrequest INVITE sip:bob@127.0.0.1\n\tX-Two: 2\n\n\tbody\n"


@pytest.mark.parametrize("good, bad", [
    ("relayed udp:192.0.2.7:5080", "relayed udp:192.0.2.7:5081"),
    ("relayed 192.0.2.7:5080", "relayed tcp:192.0.2.7:5080"),
    ("relayed", "no relayed"),
    ("no reply", "reply"),
    ("no reply", "reply 404"),
    ("no nothing", "nothing"),
    ("no dropped", "dropped"),
    ("header X-Seen", "header X-Unseen"),
    ("header X-Seen = yes", "header X-Seen = ye"),
    ("header X-Seen != no", "header X-Seen != yes"),
    ("header Via ~ 5060;branch", "header Via ~ 5061;branch"),
    ("header Via !~ 5061;branch", "header Via !~ 5060;branch"),
    ("no header X-Unseen", "no header X-Seen"),
    ("ruri = sip:bob@192.0.2.7:5080", "ruri = sip:bob@192.0.2.7"),
    ("body ~ ^body", "body ~ ^nobody"),
    ("first-line ~ ^INVITE", "first-line ~ ^BYE"),
    ("socket udp:127.0.0.1:5060", "socket udp:127.0.0.1:5061"),
    ("route route", "route OTHER"),
    ("no route OTHER", "no route route"),
    ("no log anything", "log anything"),
])
def test_each_expectation_holds_and_fails_when_it_should(script, good, bad):
    code, told = run_tests(script, f"{BOB}expect {good}\n")
    assert code == 0 and told.endswith("1 passed, 0 failed\n"), told
    code, told = run_tests(script, f"{BOB}expect {bad}\n")
    assert code == 1 and told.endswith("0 passed, 1 failed\n"), told
    assert f"t.test:7: expect {bad}" in told and "came: " in told


def test_replies_are_told_apart(script):
    start = "test x\nrequest OPTIONS sip:127.0.0.1\n"
    for good in ("reply", "reply 200", "reply 200 OK", "reply 2xx", "no reply 404", "no relayed"):
        assert run_tests(script, f"{start}expect {good}\n")[0] == 0, good
    for bad in ("reply 404", "reply 200 Fine", "reply 4xx", "no reply 200", "relayed"):
        assert run_tests(script, f"{start}expect {bad}\n")[0] == 1, bad


def test_a_reply_comes_back(script):
    code, told = run_tests(script, BOB + "reply 180 Ringing\n\tX-From: bob\nexpect relayed udp:192.0.2.1:5060\n"
                          "expect header X-From = bob\nexpect header To ~ ;tag=\n")
    assert code == 0, told


def test_log_lines_and_common_lines(tmp_path):
    script = tmp_path / "s.cfg"
    script.write_text('listen=udp:127.0.0.1:5060\nroute { log(-1, "seen it"); drop; }\n')
    code, told = run_tests(script, "from udp:198.51.100.1:5070\ntest a\nrequest OPTIONS sip:x@y\nexpect log seen it\n"
                          "expect log ~ seen.it\nexpect nothing\ntest b\nrequest OPTIONS sip:x@y\nexpect log never\n")
    assert code == 1 and "1 passed, 1 failed" in told and "log: " in told


def test_a_trace_is_shown_when_asked_for(script):
    text = BOB + "expect reply 404\n"
    assert "s.cfg:7: forward();" not in run_tests(script, text)[1]
    assert "s.cfg:7: forward();" in run_tests(script, text, "--trace")[1]


def test_mistakes_in_a_file_of_tests_are_explained(script):
    code, told = run_tests(script, "expects x\ntest a\nexpect reply 404\nrequest INVITE\ntest\nrequest OPTIONS sip:x\n"
                          "expect replay 404\nexpect header\nexpect header X 5\nexpect log ~ (\nreply OK\n\ttext: x\n")
    assert code == 1
    for line in ('t.test:2: a line begins with script, test, from, to, tls-peer, dns, request, message, reply or expect, not with "expects"',
                 "t.test:4: no message came before this expectation",
                 't.test:5: a request has a method and a URI, not "INVITE"',
                 "t.test:6: the test has no name",
                 't.test:8: unknown expectation "replay"',
                 "t.test:9: the name of the header field is missing",
                 't.test:10: "=", "!=", "~" or "!~" is needed before "5"',
                 't.test:11: cannot use this as a regular expression: "("',
                 't.test:12: a reply begins with its code, not with "OK"'):
        assert line in told, (line, told)


def test_a_broken_script_is_explained(tmp_path):
    script = tmp_path / "s.cfg"
    script.write_text("route { forwardd(); }\n")
    code, told = run_tests(script, BOB + "expect relayed\n")
    assert code == 1 and 'unknown function "forwardd"' in told and "0 passed, 1 failed" in told


def test_junit_tells_results(script, tmp_path):
    out = tmp_path / "j.xml"
    run_tests(script, BOB + "expect relayed\n" + BOB.replace("test bob", 'test <"&\x01') + "expect reply 404\n", "--junit", out)
    suite = ET.parse(out).getroot().find("testsuite")
    assert suite.get("tests") == "2" and suite.get("failures") == "1"
    good, bad = suite.findall("testcase")
    assert good.get("name") == "bob" and good.find("failure") is None
    assert bad.get("name") == '<"&?' and "expect reply 404" in bad.find("failure").get("message")


def test_the_examples_do_what_they_say():
    done = run_serac("--test", TOP / "etc/tests", "--trace")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("readme", ["README.md", "core/try/README.md"])
def test_the_examples_of_the_readmes_pass(tmp_path, readme):
    text = (TOP / readme).read_text().split("```test\n")[1].split("```")[0]
    for folder in (tmp_path, tmp_path / "t" / "etc"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "serac.cfg").write_text((TOP / "etc/serac.cfg").read_text())
    (tmp_path / "t" / "readme.test").write_text(text)
    done = run_serac("--test", tmp_path / "t")
    assert done.returncode == 0 and done.stdout.endswith(" passed, 0 failed\n"), done.stdout


def test_the_readmes_trace_is_what_is_printed(tmp_path):
    message = tmp_path / "m.sip"
    message.write_text(MESSAGE.replace("bob", "1000"))
    done = run_serac("--try", message, "-f", TOP / "etc/serac.cfg")
    told = [line.strip().replace(f"{TOP}/", "") for line in done.stdout.split("\n")]
    section = (TOP / "README.md").read_text().split("## A script is tried\n")[1].split("\n## ")[0]
    shown = [line.strip() for line in section.split("\n") if line.startswith("    ")]
    assert shown and all(line in told for line in shown), done.stdout


def test_what_a_name_was_answered_with_ends_with_the_test(script):
    away = "request INVITE sip:away@example.com\nexpect relayed "
    code, told = run_tests(script, f"test a\ndns example.com 192.0.2.9\n{away}192.0.2.9\ntest b\n{away}example.com\n")
    assert code == 0, told
