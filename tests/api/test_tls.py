"""The API under TLS: beyond this machine with a certificate, and not without."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tradepulse.api.server import ApiServer, serve_in_thread
from tradepulse.bootstrap import App
from tradepulse.domain.errors import FailedError, RefusedError
from tradepulse.domain.settings import ApiSettings, Settings
from tradepulse.storage.accounts import first_admin

PASSWORD = "quite a good one"


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    files = folder / "cert.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return write_certificate(tmp_path)


def with_tls(app: App, files: tuple[Path, Path]) -> App:
    settings = Settings(api=ApiSettings(tls_cert=files[0], tls_key=files[1]))
    return replace(app, settings=settings)


@pytest.fixture
def server(app: App, files: tuple[Path, Path]) -> Iterator[ApiServer]:
    opened = with_tls(app, files)
    first_admin(opened.database, PASSWORD, 0)
    server = ApiServer(opened, host="0.0.0.0", port=0)
    thread = serve_in_thread(server)
    yield server
    server.stop()
    thread.join(timeout=20)
    opened.database.close()


def test_with_a_certificate_it_listens_everywhere(
    server: ApiServer, files: tuple[Path, Path]
) -> None:
    address = server.address.replace("0.0.0.0", "127.0.0.1")
    assert address.startswith("https://")
    trusted = ssl.create_default_context(cafile=files[0])
    with httpx2.Client(verify=trusted, timeout=60) as client:
        live = client.get(f"{address}/api/health/live")
        assert live.status_code == 200
        assert live.headers["strict-transport-security"].startswith("max-age=")
        body = {"username": "admin", "password": PASSWORD}
        signed_in = client.post(f"{address}/api/auth/login", json=body)
        assert signed_in.status_code == 200
        assert "Secure" in signed_in.headers["set-cookie"]
    with pytest.raises(httpx2.HTTPError), httpx2.Client(timeout=60) as plain:
        plain.get(address.replace("https://", "http://") + "/api/health/live")


def test_without_one_it_listens_here_only(app: App) -> None:
    with pytest.raises(RefusedError) as refusal:
        ApiServer(app, host="0.0.0.0", port=0)
    assert refusal.value.code == "not_loopback"
    assert "tls_cert" in (refusal.value.hint or "")


@pytest.mark.parametrize("broken", ["cert.pem", "key.pem"])
def test_files_that_are_none_are_named(app: App, files: tuple[Path, Path], broken: str) -> None:
    (files[0].parent / broken).write_text("no certificate")
    with pytest.raises(FailedError) as failure:
        ApiServer(with_tls(app, files), port=0)
    assert failure.value.code == "tls_files"
    assert broken in (failure.value.found or "")
