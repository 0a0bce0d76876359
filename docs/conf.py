"""The documentation as a site: `sphinx-build -W --keep-going -b html docs build/site`."""

from __future__ import annotations

import re
import sys
from html import escape
from pathlib import Path

from docutils import nodes
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from matcalc.version import __version__

project = "matcalc"
author = "the matcalc authors"
project_copyright = author
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
nitpicky = False

myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_fence_as_directive = ["math"]
myst_heading_anchors = 3

default_role = "code"
smartquotes = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 88
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = f"matcalc {release}"
html_static_path = ["_static", str(HERE.parent / "matcalc" / "web" / "static" / "katex")]
html_css_files = ["katex.min.css", "site.css"]
html_js_files = [("katex.min.js", {"defer": "defer"}), ("mathematics.js", {"defer": "defer"})]
html_math_renderer = "katex"
html_copy_source = False
html_show_sphinx = False


def inline_math(writer: HTML5Translator, node: nodes.math) -> None:
    """Leaves a formula in a line to KaTeX, which `_static/mathematics.js` calls."""
    writer.body.append(f'<span class="math">{escape(node.astext())}</span>')
    raise nodes.SkipNode


def display_math(writer: HTML5Translator, node: nodes.math_block) -> None:
    """Leaves a formula that stands by itself to KaTeX."""
    writer.body.append(f'<div class="math">{escape(node.astext())}</div>\n')
    raise nodes.SkipNode


def files_beside(app: Sphinx, name: str, source: list[str]) -> None:
    """Turns links to the files of the top folder into links to the page that holds them."""
    source[0] = re.sub(r"\]\(\.\./(?:SECURITY|CONTRIBUTING|THIRD-PARTY)\.md(?:#[^)]*)?\)", "](project.md)", source[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the renderer of mathematics and the languages of the pages, which have no colours."""
    app.add_html_math_renderer("katex", (inline_math, None), (display_math, None))
    app.connect("source-read", files_beside)
    for language in ("matcalc", "index"):
        app.add_lexer(language, TextLexer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
