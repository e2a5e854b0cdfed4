"""Delivery: whole or not at all, once in effect, over a folder, an object store and a real SFTP server."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import asyncssh
import boto3
import pytest

from ledger.exports.deliveries import deliveries, intend_deliveries, resend
from ledger.exports.destinations import DestinationOrder, set_destination
from ledger.exports.export_queries import export_at
from ledger.exports.records import DeliveryState, ExportDelivery, ExportDestination, ExportState
from ledger.kernel.work import read
from pipelines.exports.delivery import deliver_due
from pipelines.exports.reports.statements import REPORT
from pipelines.exports.runs import make_export
from pipelines.exports.signing import Made
from pipelines.exports.transports import folder as folders
from pipelines.exports.transports.deliverable import Deliverable, DeliveryFault
from tests.pipelines.exports.programme import Programme, files_of


class SftpServer(NamedTuple):
    address: str
    host_key: str
    client_key: str
    root: Path


@pytest.fixture
def made(programme: Programme) -> Made:
    """The statements of January, in the home."""
    programme.oblige("statements")
    programme.open("ann", "alder")
    programme.fund("ann", "100.00")
    programme.days_later(40)
    return make_export(programme.exporter, REPORT, programme.what(REPORT, "2026-01", "alder"))


def test_a_folder_has_every_file_once_and_the_export_is_delivered(
    programme: Programme, made: Made, tmp_path: Path
) -> None:
    _to(programme, made, f"file://{tmp_path}/inbox")

    (attempt,) = deliver_due(programme.exporter)

    (target,) = (tmp_path / "inbox").glob("fbo/statements/2026-01-31/exp_*")
    assert files_of(target) == files_of(made.folder)
    assert attempt.delivery.receipt is not None
    assert made.export.manifest_hash is not None
    assert made.export.manifest_hash.hex() in attempt.delivery.receipt
    assert _export_state(programme, made) is ExportState.DELIVERED
    assert list(deliver_due(programme.exporter)) == [], "what was received is not sent again"


@pytest.mark.parametrize("killed_after", range(4))
def test_killed_anywhere_it_goes_on_and_the_signature_comes_last(
    programme: Programme, made: Made, tmp_path: Path, killed_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    _to(programme, made, f"file://{tmp_path}/inbox")
    put, done = folders.put, []

    def dying(source: Path, target: Path) -> None:
        if len(done) == killed_after:
            target.with_name(f".{target.name}.part").write_bytes(source.read_bytes()[:7])
            raise KeyboardInterrupt  # as a kill in the middle of a file
        put(source, target)
        done.append(target.name)

    monkeypatch.setattr(folders, "put", dying)
    if killed_after < 3:
        with pytest.raises(KeyboardInterrupt):
            list(deliver_due(programme.exporter))
        left = {path.name for path in (tmp_path / "inbox").rglob("*") if path.is_file()}
        assert "manifest.sig" not in left, "a recipient waits for the signature"
    monkeypatch.setattr(folders, "put", put)

    (attempt,) = deliver_due(programme.exporter)

    (target,) = (tmp_path / "inbox").glob("fbo/statements/*/exp_*")
    assert files_of(target) == files_of(made.folder), "no half file is left beside them"
    assert (attempt.delivery.state, attempt.delivery.attempt) == (DeliveryState.DELIVERED, 1)


def test_a_destination_that_is_away_is_attempted_again_after_a_pause_and_given_up_at_the_end(
    programme: Programme, made: Made, tmp_path: Path
) -> None:
    _to(programme, made, f"file://{tmp_path}/inbox")

    def away(_deliverable: Deliverable, _to: ExportDestination, _credential: str | None) -> str:
        raise DeliveryFault("the disk is away")

    (first,) = deliver_due(programme.exporter, transports={"file": away})
    assert (first.delivery.state, first.delivery.reason) == (DeliveryState.WAITING, "the disk is away")
    assert list(deliver_due(programme.exporter, transports={"file": away})) == [], "not before its pause has passed"
    for _ in range(9):
        (delivery,) = _deliveries(programme, made)
        assert delivery.due_at is not None
        programme.now = delivery.due_at
        (last,) = deliver_due(programme.exporter, transports={"file": away})
    assert (last.delivery.state, last.delivery.attempt) == (DeliveryState.GIVEN_UP, 10)
    programme.now += timedelta(days=1)
    with programme.work() as work:
        resend(work, programme.book_id, made.export.export_id, reason="the disk is back")
    (again,) = deliver_due(programme.exporter)
    assert again.delivery.state is DeliveryState.DELIVERED


def test_a_changed_file_is_never_delivered(programme: Programme, made: Made, tmp_path: Path) -> None:
    _to(programme, made, f"file://{tmp_path}/inbox")
    file = made.folder / "statements.camt053.xml"
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-1])

    (attempt,) = deliver_due(programme.exporter)

    assert attempt.delivery.state is DeliveryState.GIVEN_UP
    assert "other files than its manifest states" in attempt.delivery.reason
    assert not (tmp_path / "inbox").exists()


def test_an_object_store_has_every_file(programme: Programme, made: Made, store_environ: dict[str, str]) -> None:
    bucket = urlsplit(store_environ["COFFERDAM_LAKE_URL"]).netloc
    endpoint = store_environ["AWS_ENDPOINT_URL"]
    _to(programme, made, f"s3://{bucket}/reports?endpoint={endpoint}", credential="test:test")

    (attempt,) = deliver_due(programme.exporter)

    assert attempt.delivery.state is DeliveryState.DELIVERED, attempt.delivery.reason
    client = boto3.client("s3", endpoint_url=endpoint, aws_access_key_id="test", aws_secret_access_key="test")
    listed = client.list_objects_v2(Bucket=bucket)["Contents"]
    found = {
        each["Key"].rpartition("/")[2]: client.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
        for each in listed
    }
    assert found == files_of(made.folder)


def test_an_sftp_server_gets_every_file_by_a_rename(programme: Programme, made: Made, tmp_path: Path) -> None:
    with _sftp_server(tmp_path) as server:
        _to(programme, made, server.address, host_key=server.host_key, credential=server.client_key)

        (attempt,) = deliver_due(programme.exporter)

    assert attempt.delivery.state is DeliveryState.DELIVERED, attempt.delivery.reason
    (target,) = server.root.glob("inbox/fbo/statements/*/exp_*")
    assert files_of(target) == files_of(made.folder)


def test_an_sftp_server_with_another_host_key_gets_nothing(programme: Programme, made: Made, tmp_path: Path) -> None:
    with _sftp_server(tmp_path) as server:
        other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
        _to(programme, made, server.address, host_key=other, credential=server.client_key)

        (attempt,) = deliver_due(programme.exporter)

    assert attempt.delivery.state is DeliveryState.GIVEN_UP
    assert "another host key than was agreed" in attempt.delivery.reason
    assert not list(server.root.rglob("*"))


def _to(
    programme: Programme, made: Made, address: str, *, host_key: str | None = None, credential: str | None = None
) -> None:
    """Set a destination, and intend the delivery to it."""
    order = DestinationOrder("statements", "alder", address, host_key, credential)
    with programme.work() as work:
        set_destination(work, programme.vault, programme.book_id, order, is_active=True, reason="a test")
    with programme.work() as work:
        intend_deliveries(work, programme.book_id, made.export.export_id)


def _deliveries(programme: Programme, made: Made) -> list[ExportDelivery]:
    with read(programme.engine) as reader:
        return deliveries(reader, programme.book_id, [made.export.export_id])


def _export_state(programme: Programme, made: Made) -> ExportState:
    with read(programme.engine) as reader:
        return export_at(reader, programme.book_id, made.export.export_id).state


@contextmanager
def _sftp_server(tmp_path: Path) -> Iterator[SftpServer]:
    """A real server on loopback, which lets one key in."""
    host, client = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    root = tmp_path / "server"
    root.mkdir()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[host],
            authorized_client_keys=asyncssh.import_authorized_keys(client.export_public_key().decode()),
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=bytes(root)),
        )

    async def close() -> None:
        acceptor.close()
        await acceptor.wait_closed()

    acceptor = asyncio.run_coroutine_threadsafe(listen(), loop).result(30)
    try:
        yield SftpServer(
            f"sftp://bank@127.0.0.1:{acceptor.get_port()}/inbox",
            host.export_public_key().decode(),
            client.export_private_key().decode(),
            root,
        )
    finally:
        asyncio.run_coroutine_threadsafe(close(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
