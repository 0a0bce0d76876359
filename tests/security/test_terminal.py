"""Nothing in an input acts upon the terminal, and nothing in it ends in a traceback; signs that divide lines are blanks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from matcalc.cli.main import main

HOSTILE = ["\x1b[2J", "x\x1b]0;title\x07", "\x00", "\r", "x\u202ey", "\x9b31m", "x\u2028y", "\x7f", "x\u200by", "\ud800", "\x1b[31m^T x"]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_messages_are_escaped(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    for argv in (["derive", text, "--wrt", "x"], ["derive", "x^T x", "--wrt", text], ["derive", "x", "--wrt", "x", "--declare", text],
                 ["derive", "x", "--wrt", "x", "--to", text], [text], ["derive", "x", "--wrt", "x", "--to", "numpy", "--name", text],
                 ["generate", text, "--out", "nowhere"]):
        code = main(argv)
        out, err = capsys.readouterr()
        assert code == 2 or (code == 0 and (text.split() != [text] or not text.strip())), argv
        assert out.replace("\n", "").isprintable() and "Traceback" not in err
        assert err.replace("\n", "").isprintable(), (argv, err)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, "-m", "matcalc", "derive", b"x\xff^T x", "--wrt", "x"], capture_output=True, check=False,
                         cwd=Path(__file__).parent.parent.parent, env={**os.environ, "PYTHONUTF8": "1"})
    assert run.returncode == 2 and b"Traceback" not in run.stderr and run.stdout == b""


def test_standard_input_that_is_no_text() -> None:
    run = subprocess.run([sys.executable, "-m", "matcalc", "derive", "-", "--wrt", "x"], input=b"\xff\xfe x^T x", capture_output=True,
                         check=False, cwd=Path(__file__).parent.parent.parent)
    assert run.returncode == 2 and b"Traceback" not in run.stderr and run.stdout == b""
