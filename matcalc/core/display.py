"""What notebooks ask of an object: how it looks as HTML and as LaTeX."""

from __future__ import annotations

from importlib import import_module


class Displayed:
    """An object that a notebook shows as mathematics; what it looks like is told by the module `matcalc.display.panels`."""

    __slots__ = ()

    def __repr__(self) -> str:
        """What `print` shows: at a prompt of Python a result is read, not its fields."""
        return str(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Plain text; IPython prints whatever is a list in its own way."""
        return {"text/plain": str(self)}

    def _repr_html_(self) -> str:
        text: str = import_module("matcalc.display.panels").html_of(self)
        return text

    def _repr_latex_(self) -> str | None:
        text: str | None = import_module("matcalc.display.panels").latex_of(self)
        return text
