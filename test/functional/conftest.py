# SPDX-License-Identifier: BSD-2-Clause
"""The fixtures: router(…) starts a router, peers makes endpoints for it; both are put away and judged after the test."""
import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.dont_write_bytecode = True

from harness import faults, ports, tls as tls_kit  # noqa: E402
from harness.calls import Scene  # noqa: E402
from harness.dns import Dns  # noqa: E402
from harness.documents import make_certificates  # noqa: E402
from harness.peers import Peers  # noqa: E402
from harness.pki import Pki  # noqa: E402
from harness.router import BINARY, Router, StartFailed, temp_dir  # noqa: E402
from harness.sipp import Sipp, available  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "fault: needs the fault build (make fault, SERAC_BUILD=build-fault)")
    config.addinivalue_line("markers", "load: says something about speed, or works the machine hard; not for sanitizers")
    config.addinivalue_line("markers", "slow: takes more than ten seconds")


def pytest_collection_modifyitems(items):
    if faults.names():
        return
    for item in items:
        if item.get_closest_marker("fault"):
            item.add_marker(pytest.mark.skip(reason="this is not the fault build (make fault; SERAC_BUILD=build-fault)"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    setattr(item, "report_" + report.when, report)
    if report.failed:
        for router in getattr(item, "routers", []):
            report.sections.append((f"router {router.dir}", (router.script.read_text() if router.script.exists() else "") + "\n--- log ---\n"
                                    + "\n".join(router.lines[-150:])))


@pytest.fixture
def peers(request):
    made = Peers()
    yield made
    made.close()


@pytest.fixture
def router(request):
    """router(routes, …) → a Router that is ready. At the end: connections are gone, memory is whole, TERM ends it with 0, no error was logged."""
    made = []
    request.node.routers = made
    if not BINARY.exists():
        pytest.fail(f"no {BINARY}: run make first")

    def make(*args, start=True, **named):
        r = Router(*args, **named)
        made.append(r)
        return r.start() if start else r
    # peers close before the router is judged: it must be at rest then
    open_peers = request.getfixturevalue("peers")
    yield make
    open_peers.close()
    good = not getattr(request.node, "report_call", None) or request.node.report_call.passed
    failures = []
    for r in made:
        try:
            r.finish(judge=good)
        except AssertionError as e:
            failures.append(e)
    if failures:
        raise failures[0]


@pytest.fixture
def stateful(router, peers):
    """stateful(routes, …) → a Scene: a router with module tm, a caller and callees."""
    return lambda *args, **how: Scene(router, peers, *args, **how)


@pytest.fixture(scope="session")
def pki(tmp_path_factory):
    """The certificates of all tests."""
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def tls(request, peers, pki):
    """tls.router(…), tls.client(r), tls.server(cert): a Kit."""
    if not tls_kit.available():
        pytest.skip("there is no module tls in this build")
    kit = tls_kit.Kit(request.getfixturevalue("router"), peers, pki, peers.keep)
    return kit


@pytest.fixture(scope="session")
def tls_folder(tmp_path_factory):
    """The certificates that examples name."""
    return make_certificates(tmp_path_factory.mktemp("documents"))


@pytest.fixture
def start_error():
    """start_error(routes, …) → what a router that does not start says."""
    def make(*args, **named):
        r = Router(*args, **named)
        try:
            with pytest.raises(StartFailed) as failed:
                r.start()
            assert r.process.returncode not in (0, None)
            return str(failed.value)
        finally:
            r.kill()
            shutil.rmtree(r.dir, ignore_errors=True)
    return make


@pytest.fixture
def sipp(request):
    """sipp(scenario, …) → a running sipp."""
    if not available():
        pytest.fail("sipp is not installed (Debian package sip-tester)")
    directory, made = temp_dir(), []

    def make(scenario, **how):
        made.append(Sipp(directory, scenario, **how))
        return made[-1]
    yield make
    for s in made:
        s.close()
    if not getattr(request.node, "report_call", None) or request.node.report_call.passed:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def dns():
    made = []

    def make(records, **how):
        made.append(Dns(records, **how))
        return made[-1]
    yield make
    for d in made:
        d.close()


@pytest.fixture
def ipv6():
    if not ports.have_ipv6():
        pytest.skip("this machine has no IPv6 loopback")


@pytest.fixture
def root():
    if os.geteuid() != 0:
        pytest.skip("needs root: network namespaces and other users' identities")
