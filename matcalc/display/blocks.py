"""The parts that HTML is put together from: formulas, tables, code, sections that open; all text escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from importlib import import_module

from matcalc.core.errors import printable

STYLE = """<style>
.matcalc { font-size: 1em; line-height: 1.5; }
.matcalc math { font-size: 1.15em; }
.matcalc .matcalc-formula { overflow-x: auto; padding: 0.3em 0; text-align: left; }
.matcalc table { border-collapse: collapse; margin: 0.3em 0; }
.matcalc td { border: none; padding: 0.1em 1em 0.1em 0; text-align: left; vertical-align: top; }
.matcalc td:first-child { opacity: 0.7; }
.matcalc details { margin: 0.2em 0; }
.matcalc summary { cursor: pointer; }
.matcalc pre { margin: 0.3em 0; overflow-x: auto; white-space: pre; }
.matcalc ol { margin: 0.3em 0; padding-left: 2em; }
.matcalc small { opacity: 0.7; }
.matcalc button { float: right; font-size: 0.85em; }
.matcalc .matcalc-passed { color: #15803d; font-weight: bold; }
.matcalc .matcalc-failed { color: #dc2626; font-weight: bold; }
.matcalc svg { max-width: 100%; height: auto; }
</style>"""
"""Colours are those of the page but for verdicts, so that light and dark pages do."""

_COPY = "navigator.clipboard.writeText(this.nextElementSibling.textContent)"


def page(*parts: str) -> str:
    """The parts as one element with its style; empty ones are left out."""
    return f'{STYLE}\n<div class="matcalc">\n' + "\n".join(part for part in parts if part) + "\n</div>"


def text(words: str) -> str:
    """Text, escaped; what would act upon a terminal is shown as an escape."""
    return escape("\n".join(map(printable, words.split("\n"))))


def math(latex: str, block: bool = True) -> str:
    r"""A formula as MathML, which browsers set by themselves.

    Without the library that turns LaTeX into it, and for what that cannot read, LaTeX between the delimiters that MathJax
    looks for.
    """
    try:
        written: str = import_module("latex2mathml.converter").convert(latex, display="block" if block else "inline")
    except ImportError:
        written = ""
    except Exception:  # noqa: BLE001  # a formula is shown in either form, whatever the library makes of it
        written = ""
    if not written:
        written = text(f"\\[{latex}\\]" if block else f"\\({latex}\\)")
    return f'<div class="matcalc-formula">{written}</div>' if block else written


def code(source: str) -> str:
    """Source with a button that copies it."""
    return f'<button type="button" onclick="{_COPY}">Copy</button><pre><code>{text(source.rstrip())}</code></pre>'


def preformatted(words: str) -> str:
    """Text whose lines stay as they are."""
    return f"<pre>{text(words)}</pre>"


def paragraph(words: str) -> str:
    """Text as a paragraph; none where there is none."""
    return f"<p>{text(words)}</p>" if words else ""


def table(rows: Iterable[tuple[str, str]]) -> str:
    """Rows of a name and a text; rows without text are left out."""
    body = "".join(f"<tr><td>{text(name)}</td><td>{text(value)}</td></tr>" for name, value in rows if value)
    return f"<table>{body}</table>" if body else ""


def section(title: str, body: str) -> str:
    """A section that opens at a click; none where it has no body."""
    return f"<details><summary>{text(title)}</summary>{body}</details>" if body else ""


def verdict(passed: bool, words: str) -> str:
    """The report of a check."""
    kind = "passed" if passed else "failed"
    return f'<p><span class="matcalc-{kind}">{kind}</span> {text(words)}</p>'
