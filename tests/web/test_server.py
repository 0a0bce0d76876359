"""The server answers its own page on this machine, and nobody else."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

pytestmark = pytest.mark.slow

testclient = pytest.importorskip("starlette.testclient", reason="the extra `web` and httpx are not installed")

from matcalc.web.pool import Pool
from matcalc.web.server import BODY, STATIC, application

HOST = "http://127.0.0.1:8642"
QUESTION = {"formula": "x^T A x", "wrt": "x"}


@pytest.fixture(scope="module")
def client() -> Iterator[testclient.TestClient]:
    with testclient.TestClient(application(), base_url=HOST) as found:
        yield found


def test_the_page_and_its_files(client: testclient.TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    assert policy.pop("default-src") == "'none'"
    assert set(policy.values()) == {"'self'", "'none'"} and policy["frame-ancestors"] == "'none'"
    assert page.headers["x-content-type-options"] == "nosniff" and "set-cookie" not in page.headers
    for path in STATIC.rglob("*"):
        if path.is_file():
            assert client.get(f"/static/{path.relative_to(STATIC).as_posix()}").status_code == 200


@pytest.mark.parametrize("path", ["/static/../server.py", "/static/%2e%2e/server.py", "/static/", "/etc/passwd", "/api/", "/docs"])
def test_no_other_file(client: testclient.TestClient, path: str) -> None:
    assert client.get(path).status_code in (404, 405)


def test_an_answer(client: testclient.TestClient) -> None:
    found = client.post("/api/derive", json=QUESTION)
    assert found.status_code == 200 and found.headers["content-type"] == "application/json"
    assert found.json()["sources"]["text"] == "x^T (A + A^T)"
    assert "set-cookie" not in found.headers


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8642", "127.0.0.1.evil.example", "localhost.evil.example", "0.0.0.0", ""])
def test_another_host_is_refused(client: testclient.TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 400
    assert client.post("/api/derive", json=QUESTION, headers={"host": host}).status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8642", "localhost:9", "LOCALHOST"])
def test_loopback_names_are_answered(client: testclient.TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("headers", [{"origin": "http://evil.example"}, {"origin": "null"}, {"origin": "http://127.0.0.1:9999"},
                                     {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}])
def test_another_page_is_refused(client: testclient.TestClient, headers: dict[str, str]) -> None:
    assert client.post("/api/preview", json=QUESTION, headers=headers).status_code == 403


def test_its_own_page_is_answered(client: testclient.TestClient) -> None:
    headers = {"origin": HOST, "sec-fetch-site": "same-origin"}
    assert client.post("/api/preview", json=QUESTION, headers=headers).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_json_alone(client: testclient.TestClient, kind: str) -> None:
    assert client.post("/api/preview", content=json.dumps(QUESTION), headers={"content-type": kind}).status_code == 415


def test_a_large_body_is_refused(client: testclient.TestClient) -> None:
    body = json.dumps({"formula": "x" * BODY})
    assert client.post("/api/preview", content=body, headers={"content-type": "application/json"}).status_code == 413

    def chunks() -> Iterator[bytes]:
        for _ in range(1000):
            yield b" " * 1024

    found = client.post("/api/preview", content=chunks(), headers={"content-type": "application/json"})
    assert found.status_code == 413 and found.json()["error"]["message"]


def test_methods_and_tasks(client: testclient.TestClient) -> None:
    assert client.get("/api/preview").status_code == 405
    assert client.options("/api/preview").status_code == 405
    assert client.post("/api/exec", json=QUESTION).status_code == 404
    assert client.post("/", json=QUESTION).status_code == 405


def test_an_error_has_its_place_and_hint(client: testclient.TestClient) -> None:
    error = client.post("/api/preview", json={"formula": "x^T A x + logdte(A)"}).json()["error"]
    assert error["kind"] == "UnknownFunctionError" and "logdet" in error["hint"]
    assert error["place"]["text"][error["place"]["start"] : error["place"]["end"]] == "logdte"


def test_one_request_does_not_starve_another() -> None:
    """One hangs; others are answered at once, and the one that hangs is told why it ended."""
    pool = Pool(("hang", "quick"), size=2, seconds=3, module="tests.web.slow")
    with testclient.TestClient(application((pool,)), base_url=HOST) as client, ThreadPoolExecutor(1) as threads:
        assert client.post("/api/quick", json={}).status_code == 200
        start = time.perf_counter()
        hanging = threads.submit(client.post, "/api/hang", json={})
        time.sleep(0.2)
        for _ in range(5):
            assert client.post("/api/quick", json={}).json()["task"] == "quick"
        assert time.perf_counter() - start < 3 and not hanging.done()
        error = hanging.result().json()["error"]
        assert error["kind"] == "LimitError" and error["message"] == "this takes more than 3 seconds"
        assert client.post("/api/quick", json={}).status_code == 200
