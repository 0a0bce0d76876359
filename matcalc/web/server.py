"""The server: the page with its files, and one address for each task, for this machine and this page alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from matcalc.core.errors import LimitError
from matcalc.web.pool import Busy, Pool, Reply

HOSTS = ("127.0.0.1", "localhost")
"""The names that a request may use for this server: any other is a page elsewhere whose name was made to point here."""
BODY = 64 * 1024
"""Bytes of a question."""
SENDING = 10.0
"""Seconds that a question may take to arrive."""
STATIC = Path(__file__).parent / "static"
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
                               "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-cache",
}


def lanes() -> tuple[Pool, ...]:
    """Processes for what is asked while one types, for what takes longer, and for pictures, whose libraries load slowly."""
    return (Pool(("preview", "choose"), size=2, seconds=3),
            Pool(("derive", "steps", "check"), size=3, seconds=6),
            Pool(("graph",), size=1, seconds=6))


def application(pools: tuple[Pool, ...] | None = None) -> Starlette:
    """The application.

    Args:
        pools: the processes for each task; by default those of `lanes`.
    """
    pools = lanes() if pools is None else pools
    owners = {task: pool for pool in pools for task in pool.tasks}

    async def answer(request: Request) -> Response:
        pool = owners.get(request.path_params["task"])
        if pool is None:
            return _refused(404, "there is no such task")
        return await _answer(request, pool)

    @asynccontextmanager
    async def running(_: Starlette) -> AsyncIterator[None]:
        for pool in pools:
            pool.start()
        try:
            yield
        finally:
            for pool in pools:
                await pool.close()

    return Starlette(
        routes=[
            Route("/", _page, methods=["GET"]),
            Route("/api/{task}", answer, methods=["POST"]),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(_Headers), Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False)],
        lifespan=running,
    )


async def _page(_: Request) -> Response:
    return FileResponse(STATIC / "index.html")


async def _answer(request: Request, pool: Pool) -> Response:
    """The answer to a question, worked out for as long as someone waits for it."""
    try:
        body = await _body(request)
    except HTTPException as refused:
        return _refused(refused.status_code, refused.detail)
    work = asyncio.create_task(pool.ask(request.path_params["task"], body))
    gone = asyncio.create_task(_gone(request))
    try:
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            return Response(status_code=499)
        return _response(work.result())
    except LimitError as error:
        return _refused(200, error.message, "LimitError", error.hint)
    except Busy:
        return _refused(503, "too many formulas wait already", "LimitError", "once more in a moment")
    finally:
        for task in (work, gone):
            task.cancel()
            with suppress(asyncio.CancelledError, LimitError, Busy):
                await task


async def _gone(request: Request) -> None:
    """Returns when the one who asked does not wait any more."""
    while (await request.receive())["type"] != "http.disconnect":
        continue


async def _body(request: Request) -> bytes:
    """The body of a request that this page could have sent.

    Raises:
        HTTPException: for another type, another origin, or too large a body.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "questions are application/json")
    if not _is_own(request.headers):
        raise HTTPException(403, "this server answers its own page alone")
    body = b""
    try:
        async with asyncio.timeout(SENDING):
            async for chunk in request.stream():
                body += chunk
                if len(body) > BODY:
                    raise HTTPException(413, f"a question has at most {BODY} bytes")
    except TimeoutError:
        raise HTTPException(408, "the question did not arrive") from None
    return body


def _is_own(headers: Headers) -> bool:
    """Whether the page that asks is this one, as far as the browser says."""
    origin = headers.get("origin")
    return headers.get("sec-fetch-site") in (None, "same-origin", "none") and (
        origin is None or origin == f"http://{headers.get('host')}")


def _response(reply: Reply) -> Response:
    return Response(reply.body, reply.status, media_type="application/json")


def _refused(status: int, message: str, kind: str = "Refused", hint: str | None = None) -> Response:
    error: Mapping[str, object] = {"kind": kind, "message": message, "place": None, "hint": hint}
    return Response(json.dumps({"error": error}), status, media_type="application/json")


class _Headers:
    """Adds to every answer what tells the browser to load and to send nothing elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self.app(scope, receive, sent if scope["type"] == "http" else send)
