"""AWS is called over TLS: its certificate is checked, and what that takes is loaded once."""

import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from botocore.config import Config

from functions.adapters.aws import clients
from functions.adapters.aws.objects import Objects
from functions.core.errors import StorageError
from tests.aws import CREDENTIALS
from tests.loopback import PATIENCE, Certificate, Exchange, Server, answer, serving

CALLS = 4  # at a time, each over a connection of its own
KEY = "images/1.jpg"
PATH = f"/results/{KEY}"


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return Certificate.make(tmp_path)


@pytest.fixture
def s3(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """One that answers when CALLS are there."""
    with serving(certificate.context) as server:
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL_S3": server.url("")}.items():
            monkeypatch.setenv(name, value)
        _forget()
        yield server
        _forget()


def _forget() -> None:
    clients.client.cache_clear()
    clients._tls_context.cache_clear()


def test_certificates_are_loaded_once_for_all_connections(
    s3: Server, certificate: Certificate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trusted = tmp_path / "trusted.pem"
    trusted.write_text(certificate.pem)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(trusted))
    together, loads = Barrier(CALLS), []
    load = ssl.SSLContext.load_verify_locations

    def counted(context: ssl.SSLContext, *files: Any) -> None:
        loads.append(files)
        load(context, *files)

    def when_all_are_there(exchange: Exchange) -> None:
        together.wait(PATIENCE)
        exchange.send(answer())

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", counted)
    s3.does(PATH, when_all_are_there)
    objects = Objects(clients.client("s3"), "results")
    with ThreadPoolExecutor(CALLS) as threads:
        assert all(threads.map(objects.exists, [KEY] * CALLS))
    assert s3.connections == CALLS
    assert loads == [(str(trusted), None, None)]


def test_a_certificate_that_nobody_vouches_for_is_refused(s3: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    once = clients.CONFIG.merge(Config(retries={"total_max_attempts": 1}))  # it would wait between tries, for 20 s
    monkeypatch.setattr(clients, "CONFIG", once)
    s3.says(PATH, answer())
    with pytest.raises(StorageError, match="CERTIFICATE_VERIFY_FAILED"):
        Objects(clients.client("s3"), "results").exists(KEY)
    assert not s3.requests
