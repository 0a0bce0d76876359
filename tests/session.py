"""The picture of a terminal in the README: `python -m tests.session` runs the commands and draws what they print."""

from __future__ import annotations

import shlex
import subprocess
import sys
from html import escape
from itertools import accumulate
from pathlib import Path

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "images" / "session.svg"
COMMANDS = (
    'matcalc derive "1/2 ||y - tanh(A x + b)||^2" --wrt A',
    'matcalc derive "x^T A x where A in R^{n x n} symmetric" --wrt x --order 2',
    'matcalc derive "A X B" --wrt X --to vec',
    'matcalc derive "\\log\\det(X^\\top X)" --wrt X --to latex',
    'matcalc curvature "logsumexp(A x)" --wrt x --quiet',
    'matcalc stationary "||X b - y||^2 + lambda ||b||^2" --wrt b --declare "lambda: R positive" --quiet',
    'matcalc derive "1/2 x x" --wrt x --declare "x: R^n"',
)
STEP, GAP, INDENT, LETTER = 21, 9, 24, 8.43
PROMPT, INPUT, OUTPUT, ERROR, GROUND, BAR = "#7dd3fc", "#f8fafc", "#a7f3d0", "#fca5a5", "#0f172a", "#1e293b"


def shown(command: str) -> tuple[str, bool]:
    """What a command prints: its result, or its error."""
    done = subprocess.run([sys.executable, "-m", *shlex.split(command)], capture_output=True, text=True, check=False,
                          cwd=PICTURE.parent.parent.parent, timeout=60)
    return (done.stdout, True) if done.returncode == 0 else (done.stderr, False)


def picture() -> str:
    """The session as SVG."""
    lines: list[tuple[str, str]] = []
    for command in COMMANDS:
        printed, fine = shown(command)
        lines += [(command, INPUT), *((line, OUTPUT if fine else ERROR) for line in printed.rstrip("\n").split("\n"))]
    width = round(max(len(text) for text, _ in lines) * LETTER + 2 * INDENT + 2 * LETTER)
    height = STEP * len(lines) + GAP * len(COMMANDS) + 66
    commands = accumulate(colour == INPUT for _, colour in lines)
    rows = [_row(STEP * place + GAP * before, text, colour) for (place, (text, colour)), before in zip(enumerate(lines), commands, strict=True)]
    dots = "".join(f'<circle cx="{22 + 20 * k}" cy="18" r="6" fill="{c}"/>' for k, c in enumerate(("#f87171", "#fbbf24", "#34d399")))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">\n'
            f"<title>A session in a terminal: commands of matcalc and what they print</title>\n"
            f'<rect width="{width}" height="{height}" rx="10" fill="{GROUND}"/>\n'
            f'<path d="M0 36V10a10 10 0 0 1 10-10H{width - 10}a10 10 0 0 1 10 10V36z" fill="{BAR}"/>{dots}\n'
            f'<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">\n'
            + "\n".join(rows) + "\n</g>\n</svg>\n")


def _row(height: int, text: str, colour: str) -> str:
    prompt = f'<tspan fill="{PROMPT}">$ </tspan>' if colour == INPUT else ""
    return f'<text xml:space="preserve" x="{INDENT}" y="{54 + height}" fill="{colour}">{prompt}{escape(text, quote=False)}</text>'


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    print(PICTURE)
