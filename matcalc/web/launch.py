"""Serves the playground until it is interrupted."""

from __future__ import annotations

import socket
import webbrowser
from collections.abc import Callable

import uvicorn

from matcalc.core.errors import DeclarationError
from matcalc.syntax.parse import parse_source
from matcalc.web.server import application

ADDRESS = "127.0.0.1"
PORT = 8642
"""The usual port, so that links to formulas stay valid; where it is taken, any other."""
CONNECTIONS = 64


def serve(port: int | None, browser: bool, announce: Callable[[str], None]) -> None:
    """Serves until interrupted; parser tables are made before, once for all processes.

    Args:
        port: to listen on; None for the usual one, or any where that is taken.
        browser: whether the page is opened.
        announce: is called with the address of the page.

    Raises:
        DeclarationError: where the port cannot be had.
    """
    with _listening(port) as listener:
        url = f"http://{ADDRESS}:{listener.getsockname()[1]}/"
        parse_source("x")
        announce(url)
        if browser:
            webbrowser.open(url)
        config = uvicorn.Config(application(), log_level="warning", server_header=False, ws="none", http="h11",
                                limit_concurrency=CONNECTIONS, timeout_graceful_shutdown=1)
        uvicorn.Server(config).run(sockets=[listener])


def _listening(port: int | None) -> socket.socket:
    """A socket of this machine alone; connections wait in it until the server runs."""
    for wanted in (PORT, 0) if port is None else (port,):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((ADDRESS, wanted))
            listener.listen(CONNECTIONS)
        except (OSError, OverflowError) as error:
            listener.close()
            refused = error
            continue
        return listener
    reason = refused.strerror if isinstance(refused, OSError) else str(refused)
    raise DeclarationError(f"port {port} cannot be used: {reason}", hint="another --port, or none")
