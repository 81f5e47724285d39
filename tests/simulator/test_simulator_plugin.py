"""The pytest plugin, as a user's own test run sees it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from mmsclient.simulator import Simulator

USERS_TEST = """
import asyncio
import urllib.request

import pytest

DOCUMENT = (
    "<REQUEST><ACTION>sendSMS</ACTION><API_KEY>{key}</API_KEY>"
    "<TO>12025550143</TO><FROM>70707</FROM><TEXT>Hi</TEXT></REQUEST>"
)


def post(sim):
    body = DOCUMENT.format(key=sim.accounts[0].key).encode()
    request = urllib.request.Request(sim.url, body, {"content-type": "text/xml"})
    return urllib.request.urlopen(request, timeout=10).read()


def test_plain(mms_simulator):
    assert b"Success" in post(mms_simulator)
    assert len(mms_simulator.received("12025550143")) == 1


@pytest.mark.mms_simulator(rate=1, over_limit="E106")
def test_with_options_from_another_loop(mms_simulator):
    async def twice():
        return [await asyncio.to_thread(post, mms_simulator) for _ in range(2)]

    assert b"E106" in asyncio.run(twice())[1]
"""


def run(folder: Path, **files: str) -> subprocess.CompletedProcess[str]:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--strict-markers"]
    return subprocess.run(
        [*command, "-W", "error", str(folder)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_users_tests_get_the_fixture_without_any_setting(tmp_path: Path) -> None:
    done = run(tmp_path, test_users=USERS_TEST)
    assert "2 passed" in done.stdout, done.stdout


def test_without_the_extra_the_failure_names_the_fix(tmp_path: Path) -> None:
    without = "import sys\nsys.modules['uvicorn'] = None\n"
    done = run(tmp_path, conftest=without, test_users=USERS_TEST)
    assert "2 errors" in done.stdout, done.stdout
    assert "pip install 'mmsclient[simulator]'" in done.stdout


def test_an_option_that_there_is_not_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    wrong = "import pytest\n\n@pytest.mark.mms_simulator(rat=5)\ndef test_it(mms_simulator): ...\n"
    done = run(tmp_path, test_users=wrong)
    assert "1 error" in done.stdout, done.stdout
    assert "mms_simulator has no option 'rat'; options are rate, rule, " in done.stdout
    assert "Traceback" not in done.stdout
    assert "TypeError" not in done.stdout


def test_the_plugin_imports_nothing_heavy_by_itself() -> None:
    heavy = "{'starlette', 'uvicorn', 'mmsclient.simulator'}"
    code = f"import sys, mmsclient.testing; sys.exit(bool({heavy} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], timeout=60, check=True)


@pytest.mark.mms_simulator(rate=7)
async def test_the_fixture_serves_async_tests(mms_simulator: Simulator) -> None:
    from rawcalls import SMS, document, post

    assert (await post(mms_simulator, document(mms_simulator, "sendSMS", SMS))).code == "accepted"
    assert mms_simulator.rate is not None
    assert mms_simulator.rate.calls == 7
