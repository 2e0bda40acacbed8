"""Compression: who gets what, and what is kept."""

from __future__ import annotations

import gzip

import brotli
import pytest
from modeldesk.web.middleware.asgi import Receive, Scope, Send
from modeldesk.web.middleware.compression import Compression

from tests.web.asgi_client import ask, saying

TEXT = b"the same again and again " * 400
PLAIN = "/_dash-component-suites/plotly/plain.js"
FOREVER = "public, max-age=31536000"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip;q=0.8", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("GZIP", "gzip"),
        ("identity", None),
        ("", None),
        ("br;q=0", None),
    ],
)
@pytest.mark.parametrize("parts", [1, 3])
def test_the_best_encoding_that_is_taken(accepted: str, encoding: str | None, parts: int) -> None:
    app = Compression(saying(TEXT, parts=parts, content_type="text/css", etag="1"))
    reply = ask(app, "/x", accept_encoding=accepted)
    assert reply.headers.get("content-encoding") == encoding
    assert reply.headers["vary"] == "Accept-Encoding"
    assert int(reply.headers["content-length"]) == len(reply.body)
    decode = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
    assert decode(reply.body) == TEXT


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (TEXT[:500], {"content_type": "text/css"}),
        (TEXT, {"content_type": "image/png"}),
        (TEXT, {"content_type": "text/csv", "content_length": ""}),
        (TEXT, {"content_type": "text/css", "content_encoding": "gzip"}),
        (TEXT, {"content_type": "text/css", "content_range": "bytes 0-1/2"}),
    ],
)
def test_small_binary_streamed_and_compressed_answers_go_out_as_they_are(body: bytes, headers: dict[str, str]) -> None:
    reply = ask(Compression(saying(body, **headers)), "/x", accept_encoding="br")
    assert reply.body == body


def test_a_file_with_its_fingerprint_is_compressed_once() -> None:
    asked = 0

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal asked
        asked += 1
        body = TEXT if asked == 1 else b"x" * len(TEXT)
        await saying(body, content_type="text/javascript", cache_control=FOREVER)(scope, receive, send)

    layer = Compression(app)
    first = ask(layer, "/bundle.v1.js", accept_encoding="br")
    assert ask(layer, "/bundle.v1.js", accept_encoding="br").body == first.body
    assert ask(layer, "/bundle.v2.js", accept_encoding="br").body != first.body
    assert ask(layer, "/bundle.v1.js", accept_encoding="gzip").body != first.body


@pytest.mark.parametrize("given", ["0f3a", '"0f3a"', 'W/"0f3a"'])
def test_a_file_with_a_tag_is_compressed_once_and_sent_to_those_who_lack_it(given: str) -> None:
    layer = Compression(saying(TEXT, content_type="text/javascript", etag=given))
    first = ask(layer, PLAIN, accept_encoding="br")
    assert (first.headers["etag"], first.headers["cache-control"]) == ('W/"0f3a"', "no-cache")
    assert len(layer._released) == 1
    again = ask(layer, PLAIN, accept_encoding="br", if_none_match='"other", W/"0f3a"')
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", 'W/"0f3a"')
    assert ask(layer, PLAIN, accept_encoding="br", if_none_match='W/"other"').body == first.body
    changed = Compression(saying(TEXT * 2, content_type="text/javascript", etag="1b2c"))
    changed._released = layer._released
    assert brotli.decompress(ask(changed, PLAIN, accept_encoding="br").body) == TEXT * 2


def test_answers_are_never_kept() -> None:
    layer = Compression(saying(TEXT, content_type="application/json"))
    ask(layer, "/x", accept_encoding="br")
    assert len(layer._released) == 0


def test_a_file_of_somebodys_own_is_kept_neither_here_nor_by_the_browser() -> None:
    layer = Compression(saying(TEXT, content_type="text/csv", etag="0f3a"))
    reply = ask(layer, "/api/v1/batches/1/results.csv", accept_encoding="br", if_none_match='W/"0f3a"')
    assert (reply.status, brotli.decompress(reply.body)) == (200, TEXT)
    assert not {"etag", "cache-control"} & set(reply.headers)
    assert len(layer._released) == 0


@pytest.mark.parametrize(
    ("path", "query", "lasting"), [("/assets/a.css", b"m=1.5", True), ("/assets/a.css", b"", False)]
)
def test_assets_with_their_fingerprint_last_a_year(path: str, query: bytes, lasting: bool) -> None:
    app = Compression(saying(TEXT, content_type="text/css", cache_control="no-cache"))
    assert ("31536000" in ask(app, path, query=query).headers["cache-control"]) is lasting
    missing = Compression(saying(TEXT, status=404, content_type="text/css"))
    assert "cache-control" not in ask(missing, path, query=query).headers
