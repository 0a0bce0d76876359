"""`matcalc serve`: what it prints, which port it takes, and that nothing is left when it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from matcalc.cli.main import main

pytestmark = pytest.mark.slow

pytest.importorskip("uvicorn", reason="the extra `web` is not installed")

from matcalc.web.server import lanes


def started(*arguments: str) -> tuple[subprocess.Popen[str], str]:
    """A server and its address."""
    command = [sys.executable, "-m", "matcalc", "serve", "--no-browser", *arguments]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert server.stdout is not None
    return server, server.stdout.readline().split()[0]


def children(process: int) -> list[int]:
    """The processes that a process started."""
    return [int(part) for task in Path(f"/proc/{process}/task").iterdir() for part in (task / "children").read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are counted in /proc")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_serves_and_ends_without_a_trace(ending: signal.Signals) -> None:
    server, address = started("--port", "0")
    with urllib.request.urlopen(address, timeout=30) as page:
        assert b"<title>matcalc</title>" in page.read()
    workers = children(server.pid)
    assert len(workers) == sum(pool.size for pool in lanes())
    server.send_signal(ending)
    assert server.wait(20) in (0, 130, -ending)
    assert server.stderr is not None and "Traceback" not in server.stderr.read()
    end = time.monotonic() + 20
    while any(Path(f"/proc/{worker}").exists() for worker in workers):
        assert time.monotonic() < end, "a worker lives on"
        time.sleep(0.1)


def test_it_listens_on_this_machine_alone() -> None:
    server, address = started("--port", "0")
    try:
        port = int(address.rstrip("/").rpartition(":")[2])
        assert address == f"http://127.0.0.1:{port}/"
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.2", port), timeout=2)
    finally:
        server.terminate()
        server.wait(20)


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["serve", "--no-browser", "--port", str(port)]) == 2
    assert f"port {port} cannot be used" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["-1", "65536", "x", "8642.5"])
def test_what_is_no_port(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--no-browser", "--port", port]) == 2
    assert "--port" in capsys.readouterr().err


def test_without_the_library(tmp_path: Path) -> None:
    (tmp_path / "uvicorn.py").write_text("raise ModuleNotFoundError(name='uvicorn')")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)])}
    done = subprocess.run([sys.executable, "-m", "matcalc", "serve"], env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr == ("MatcalcError: the playground needs the library uvicorn, which is not installed\n"
                           "hint: pip install 'matcalc-engine[web]'\n")


def test_the_command_line_starts_without_the_server() -> None:
    script = "import sys; from matcalc.cli.main import main; main(['--version']); print([m for m in ('starlette', 'uvicorn', 'asyncio') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"
