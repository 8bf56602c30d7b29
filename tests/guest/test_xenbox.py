# SPDX-License-Identifier: MIT
"""The test bed itself: one test for each reason behind an exit code, and for each promise.

These call the command line tool, as its users do, with a guest of their own.
"""

import gzip
import json
import os
import re
import signal
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest
from conftest import XENBOX, rare
from xenboxlib import verdict

PVH = ("run", "--type", "pvh", "--timeout", "60")


# -- exit codes ------------------------------------------------------------------------

def test_0_power_off_after_a_passing_verdict(xenbox, little_guest):
    done = xenbox(*PVH, "--cmdline", "pass", little_guest)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "guest: 3 passed, 0 failed"
    assert done.stdout.count("passed") == 1, "the console is shown once"


def test_1_failing_verdict_and_crash(xenbox, little_guest):
    done = xenbox(*PVH, "--cmdline", "fail", little_guest)
    assert done.returncode == 1
    assert "failing verdict: guest: 1 passed, 2 failed" in done.stderr


def test_1_power_off_without_a_verdict(xenbox, little_guest):
    done = xenbox(*PVH, "--cmdline", "off", little_guest)
    assert done.returncode == 1
    assert "powered off without a verdict" in done.stderr


def test_1_nothing_was_tested():
    """A run in which no test ran shows nothing, however it ends."""
    line = "guest: 0 passed, 0 failed"
    assert verdict.find(f"hello\n{line}\n") == (line, False)
    assert verdict.find("guest: 10 passed, 0 failed\n")[1] is True


@pytest.mark.parametrize("words", [
    ("run",), ("dance",), ("run", "--type", "pv", "IMAGE"), ("exec",),
    ("run", "/nowhere/image"), ("run", "/tmp"), ("run", "--set", "nonsense", "IMAGE"),
    ("run", "--verdict", "(", "IMAGE"), ("run", "--timeout", "-1", "IMAGE"),
    ("run", "--xen", "/nowhere/xen", "IMAGE"), ("up", "--instance", "../x")])
def test_2_usage(xenbox, little_guest, words):
    done = xenbox(*(little_guest if word == "IMAGE" else word for word in words))
    assert done.returncode == 2
    assert done.stderr


def test_3_crash_without_a_verdict(xenbox, little_guest):
    done = xenbox(*PVH, "--cmdline", "crash", little_guest)
    assert done.returncode == 3
    assert "crashed, without a verdict" in done.stderr


def test_3_crash_after_a_passing_verdict(xenbox, little_guest):
    done = xenbox(*PVH, "--cmdline", "late", little_guest)
    assert done.returncode == 3
    assert "after: guest: 3 passed, 0 failed" in done.stderr


def test_3_triple_fault(xenbox, little_guest):
    done = xenbox(*PVH, "--cmdline", "fault", little_guest)
    assert done.returncode == 3
    assert "triple fault" in done.stderr


def test_4_hang_after_printing(xenbox, little_guest):
    done = xenbox("run", "--type", "pvh", "--timeout", "8", "--cmdline", "hang", little_guest)
    assert done.returncode == 4
    assert "still running" in done.stderr
    assert "told to: hang" in done.stdout


def test_4_never_printed(xenbox, little_guest):
    done = xenbox("run", "--type", "pvh", "--timeout", "8", "--cmdline", "mute", little_guest)
    assert done.returncode == 4
    assert "never printed" in done.stderr


def test_5_not_created(xenbox, little_guest):
    done = xenbox(*PVH, "--set", "memory=99999", little_guest)
    assert done.returncode == 5
    assert "libxl: error:" in done.stderr, "xl's own words are shown"


def test_6_not_a_hypervisor(xenbox, little_guest, tmp_path):
    garbage = tmp_path / "xen"
    garbage.write_bytes(b"garbage" * 1000)
    done = xenbox(*PVH, "--instance", "pytest-6", "--xen", str(garbage), little_guest)
    assert done.returncode == 6
    assert "multiboot header" in done.stderr and "what to do" in done.stderr


def test_6_dom0_does_not_come_up(xenbox):
    done = xenbox("up", "--instance", "pytest-6", "--boot-timeout", "1")
    assert done.returncode == 6
    assert "did not reach its prompt" in done.stderr and "last words" in done.stderr
    assert xenbox("status", "--instance", "pytest-6").returncode == 1


def test_6_a_program_is_missing(xenbox, little_guest, tmp_path):
    os.symlink("/usr/bin/python3", tmp_path / "python3")
    done = xenbox(*PVH, little_guest, PATH=str(tmp_path))
    assert done.returncode == 6
    assert "qemu-system-x86_64 is missing" in done.stderr
    assert "apt-get install" in done.stderr


# -- ways to boot, and what reaches the guest ----------------------------------------------

@pytest.mark.parametrize("way", ["grub", rare("grub-disk")])
def test_hvm_by_grub_gets_its_command_line(boot, little_guest, way):
    result = boot(little_guest, boot=way, cmdline="pass a=b,c \"d\"", timeout=180)
    assert result.passed, result.message
    assert "told to: pass a=b,c" in result.console
    assert "3 passed" in result.pv_console, "the PV console is kept as well"


def test_hvm_as_firmware_gets_its_command_line(boot, little_guest):
    result = boot(little_guest, boot="firmware", cmdline="pass a=b", memory=4)
    assert result.passed, result.message
    assert "told to: pass a=b" in result.console


def test_console_input(start, little_guest):
    run = start(little_guest, boot="firmware", cmdline="echo")
    assert run.expect("say something")
    run.send(b"marmalade\n")
    assert run.expect("^marmalade$")
    assert run.wait().passed


def test_paused_until_somebody_says_so(start, little_guest):
    run = start(little_guest, type="pvh", cmdline="pass", paused=True)
    while "created" not in run.timings:
        assert run.pump()
    assert " --p--- " in run.execute("xl list guest")[1] and not run.console()
    run.execute("xl unpause guest")
    assert run.wait().passed


def test_save_and_restore(start, little_guest):
    run = start(little_guest, boot="firmware", cmdline="echo")
    assert run.expect("say something")
    run.save_and_restore()
    run.send(b"restored\n")
    assert run.expect("^restored$")
    assert run.wait().passed


def test_result_knows_everything(boot, little_guest):
    result = boot(little_guest, type="pvh", cmdline="fail")
    assert (result.code, result.shutdown, result.reason) == (1, 3, "crash")
    assert (result.verdict, result.passing) == ("guest: 1 passed, 2 failed", False)
    assert "debug port" in result.xen_log, "what the guest writes to port 0xe9"
    assert {"created", "first_output", "verdict", "ended"} <= set(result.timings)


def test_own_verdict(xenbox, little_guest):
    done = xenbox(*PVH, "--verdict", "^guest: (?P<failed>here)?", little_guest)
    assert done.returncode == 0, "the last match counts"
    done = xenbox(*PVH, "--verdict", "(?P<failed>here)", little_guest)
    assert done.returncode == 1


def test_settings_files_and_log(xenbox, little_guest, tmp_path):
    (tmp_path / "data").write_text("x" * 4096)
    done = xenbox("run", "--type", "pvh", "--vcpus", "2", "--set", "name=\"other\"",
                  "--set", "memory=16", "--file", f"d.img={tmp_path}/data",
                  "--set", "disk=[\"file:/run/guest/d.img,xvda,w\"]",
                  "--log", str(tmp_path / "log"), little_guest)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "log").read_text() == done.stdout
    assert xenbox("exec", "cat /run/guest/d.img").stdout == "x" * 4096


# -- results: see test_results.py for what needs no bed ------------------------------------

def saved(xenbox, little_guest, tmp_path, order, *words):
    """(what the tool did, the JSON document, the JUnit suite) of a run of the little guest."""
    done = xenbox(*PVH, "--cmdline", order, "--results", str(tmp_path / "r.json"),
                  "--junit", str(tmp_path / "r.xml"), *words, little_guest)
    suite = ElementTree.parse(tmp_path / "r.xml").getroot().find("testsuite")
    return done, json.loads((tmp_path / "r.json").read_text()), suite


def test_results_of_the_guests_own(xenbox, little_guest, tmp_path):
    done, whole, suite = saved(xenbox, little_guest, tmp_path, "ktap", "--vcpus", "2",
                               "--log", str(tmp_path / "log"))
    assert done.returncode == 0, done.stderr
    assert (whole["schema"], whole["irqs"]) == ("guest-1", [1, 2])
    assert [(t["name"], t["state"], t["reason"]) for t in whole["tests"]] == [
        ("one", "pass", ""), ("two", "fail", '1 < 2 & "so"'), ("three", "skip", "no three")]
    assert whole["tests"][1]["diagnostic"] == ["told while it ran"]
    host = whole["host"]
    assert (host["code"], host["ended_by"], host["type"], host["vcpus"]) == (
        0, "poweroff", "pvh", 2)
    assert host["cmdline"] == "ktap" and re.match(r"4\.\d+", host["xen"])
    assert host["problems"] == host["xen_lost_events"] == [] and "exits" not in host
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "1")
    assert "# json" not in done.stdout, "long lines are not shown"
    assert (tmp_path / "log").read_text().count("# json: ") == 2, "but they are kept"
    assert xenbox("log", "console").stdout.count("# json: ") == 2


def test_results_of_a_guest_that_prints_none(xenbox, little_guest, tmp_path):
    done, whole, suite = saved(xenbox, little_guest, tmp_path, "pass", "--exits")
    assert done.returncode == 0, done.stderr
    assert (whole["schema"], whole["tests"]) == ("xenbox-results-1", [])
    assert whole["host"]["problems"] == ["the console has no KTAP report"]
    vcpu, = whole["host"]["exits"]["vcpus"]
    assert vcpu["vcpu"] == 0 and vcpu["exits"]["VMMCALL"] > 3 and vcpu["entries"] > 3
    assert suite.get("errors") == "1", "a report that is not there is no pass"


def test_results_that_are_broken(xenbox, little_guest, tmp_path):
    done, whole, _ = saved(xenbox, little_guest, tmp_path, "broken")
    assert done.returncode == 1 and "are not JSON" in done.stderr
    assert whole["schema"] == "xenbox-results-1" and len(whole["tests"]) == 3
    assert "are not JSON" in whole["host"]["problems"][0]
    done = xenbox(*PVH, "--cmdline", "broken", little_guest)
    assert done.returncode == 0, "nobody asked for them"
    assert "warning: the guest's results are not JSON" in done.stderr


def test_results_of_a_run_that_went_wrong(xenbox, little_guest, tmp_path):
    done, whole, suite = saved(xenbox, little_guest, tmp_path, "cut")
    assert (done.returncode, whole["host"]["code"], whole["host"]["ended_by"]) == (3, 3, "crash")
    assert "cut off: 1 results, the plan promises 3" in whole["host"]["problems"][0]
    assert suite.get("errors") == "2", "the report's and the run's"
    done, whole, suite = saved(xenbox, little_guest, tmp_path, "hang", "--timeout", "8")
    assert (done.returncode, whole["host"]["code"]) == (4, 4)
    assert "still running" in suite.find("testcase[@name='(run)']/error").get("message")


@pytest.mark.parametrize("option", ["--results", "--junit", "--log"])
@pytest.mark.parametrize("path", ["/nowhere/file", "/tmp"])
def test_2_results_that_can_go_nowhere(xenbox, little_guest, option, path):
    done = xenbox(*PVH, option, path, little_guest)
    assert done.returncode == 2 and f"{option} {path}: " in done.stderr
    assert not done.stdout, "no domain was started"


# -- dom0 ---------------------------------------------------------------------------------

def test_exec_returns_output_and_status(xenbox):
    done = xenbox("exec", "echo out; exit 7")
    assert (done.stdout, done.returncode) == ("out\n", 7)
    assert "Domain-0" in xenbox("exec", "xl", "list").stdout


def test_shell(bed):
    with subprocess.Popen([XENBOX, "shell", "--instance", bed.options.instance], text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as shell:
        shell.stdin.write("echo answer $((6 * 7))\n")
        shell.stdin.flush()
        while "answer 42" not in shell.stdout.readline():
            pass
        shell.stdin.close()
        assert shell.wait() == 0


def test_runs_wait_for_each_other(bed, little_guest):
    agent = bed.acquire()
    with subprocess.Popen([XENBOX, *PVH, "--instance", bed.options.instance, little_guest],
                          stderr=subprocess.PIPE, text=True) as other:
        assert "waiting for another run" in other.stderr.readline()
        agent.close()
        assert other.wait() == 0


def test_own_xen_overlay_and_options(xenbox, bed, tmp_path):
    """What a developer of Xen puts in place of the distribution's."""
    mine = ("--instance", "pytest-own")
    with open(os.path.join(bed.cache, "image.json"), encoding="utf-8") as file:
        built = json.load(file)["folder"]
    xen = tmp_path / "xen.gz"
    with open(os.path.join(built, "xen"), "rb") as file:
        xen.write_bytes(gzip.compress(file.read(), 1))
    program = tmp_path / "tools/usr/local/sbin/xl"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho my own xl\n")
    program.chmod(0o755)
    try:
        done = xenbox("up", *mine, "--xen", str(xen), "--xen-append", "sched=credit",
                      "--dom0-kernel", os.path.join(built, "vmlinux"),
                      "--dom0-overlay", str(tmp_path / "tools"),
                      "--qemu-append", "-name 'my own machine'")
        assert done.returncode == 0, done.stderr
        assert xenbox("exec", *mine, "xl").stdout == "my own xl\n"
        info = xenbox("exec", *mine, "/usr/lib/xen-4.17/bin/xl", "info").stdout
        assert re.search(r"xen_scheduler *: credit\n", info)
        with open(f"/proc/{process(xenbox, mine)}/cmdline", encoding="utf-8") as file:
            assert "my own machine" in file.read().split("\0")
    finally:
        xenbox("down", *mine)


@pytest.mark.rare
def test_dom0_is_replaced_when_it_cannot_be_used(xenbox, little_guest):
    """One bed of its own: its process is ended, then it is frozen, then options change."""
    mine = ("--instance", "pytest-stale")
    try:
        assert xenbox("up", *mine).returncode == 0
        pid = process(xenbox, mine)
        assert xenbox("up", *mine).returncode == 0
        assert process(xenbox, mine) == pid, "what is usable is kept"
        os.kill(pid, signal.SIGKILL)
        assert xenbox(*PVH, *mine, little_guest).returncode == 0
        assert xenbox("up", *mine).returncode == 0
        os.kill(process(xenbox, mine), signal.SIGSTOP)
        done = xenbox("up", *mine)
        assert done.returncode == 0 and "does not answer" in done.stderr
        pid = process(xenbox, mine)
        for word in ("--xen", "--dom0-kernel"):
            assert xenbox("up", word, "/etc/passwd", *mine).returncode == 6
        assert process(xenbox, mine) == pid, "a bad file does not cost the dom0"
        done = xenbox("up", "--xen-append", "loglvl=info", *mine)
        assert done.returncode == 0 and "other options" in done.stderr
    finally:
        xenbox("down", *mine)


def process(xenbox, instance):
    return int(re.search(r"process (\d+)", xenbox("status", *instance).stderr).group(1))
