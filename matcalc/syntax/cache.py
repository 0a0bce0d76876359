"""Text kept between runs in the user's cache folder: never trusted, never needed."""

from __future__ import annotations

import os
import tempfile
from hashlib import sha256
from pathlib import Path


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/matcalc`, else `~/.cache/matcalc`."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    return Path(home if os.path.isabs(home) else os.path.expanduser("~/.cache")) / "matcalc"


def read_cached(name: str) -> str | None:
    """The text kept under `name`, or None where there is none or where it is damaged."""
    try:
        if not _is_own(cache_folder()):
            return None
        digest, _, text = (cache_folder() / name).read_text(encoding="utf-8").partition("\n")
    except (OSError, ValueError):
        return None
    return text if digest == _digest(text) else None


def _is_own(folder: Path) -> bool:
    """Whether nobody but the user can have written into the folder."""
    if os.name != "posix":
        return True
    info = folder.stat()
    return info.st_uid == os.getuid() and not info.st_mode & 0o022


def write_cached(name: str, text: str) -> None:
    """Keep the text under `name`; where the folder cannot be written, nothing happens."""
    folder = cache_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=f"{name}.")
    except OSError:
        return
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(f"{_digest(text)}\n{text}")
        os.replace(temporary, folder / name)
    except OSError:
        try:
            os.unlink(temporary)
        except OSError:
            return


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
