"""The command line as a shell runs it: `matcalc` on the path, in an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHANGES_WITH_MACHINE = re.compile(r"(?<=worst error )\S+(?=,)")


def examples(text: str) -> list[tuple[str, str]]:
    """Commands and what they print, from lines as a console shows them."""
    return re.findall(r"^\$ (.*)\n((?:[^$\n].*\n|\n(?=[^$\n]))*)", text, re.MULTILINE)


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Variables under which `matcalc` is found, and nothing of the user's is touched."""
    program = folder / "bin" / "matcalc"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m matcalc "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "XDG_STATE_HOME")}
    return {**kept, "PATH": f"{program.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "HOME": str(folder),
            "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "TERM": "xterm", **more}


def console(folder: Path, command: str, given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Runs a line of shell in a folder."""
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=folder, env=environment(folder, **more),
                          timeout=120, check=False, input=given)


def without_measured(text: str) -> str:
    """The text without what rounding decides."""
    return CHANGES_WITH_MACHINE.sub("...", text)
