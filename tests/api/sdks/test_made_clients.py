"""Both clients are what their generators make now, build, and do what their examples say; `make guards` holds types."""

import base64
import filecmp
import hashlib
import hmac
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.cofferdam.processes import free_port
from tests.npm_packages import install

ROOT = Path(__file__).parents[3]
PYTHON, TYPESCRIPT = ROOT / "sdks" / "python", ROOT / "sdks" / "typescript"
GENERATORS = ROOT / ".venv-sdks" / "bin" / "python"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
WALK = ["paid true", "paid false", "available 39.20"]
WALK += ["top_up +50.00 50.00", "payment -10.50 39.50", "fee -0.30 39.20"]
SIGNED_BY_THE_REFERENCE = """
from datetime import UTC, datetime
from cofferdam_client import NotAuthentic, verified
from standardwebhooks import Webhook

secret, other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
body, now = '{"type": "transfer.posted", "note": "Žofie"}', datetime.now(UTC)
signature = "v1,AAAA v1a,b " + Webhook(secret).sign("evt_1", now, body)
headers = {"Webhook-Id": "evt_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
assert verified(body.encode(), headers, secret)["type"] == "transfer.posted"
assert verified(body.encode(), headers, [other, secret])["note"] == "Žofie"

def refused(*given, **more):
    try:
        verified(*given, **more)
    except NotAuthentic:
        return True
    return False

for at in range(len(body.encode())):
    changed = bytearray(body.encode())
    changed[at] ^= 1
    assert refused(bytes(changed), headers, secret)
assert refused(body.encode(), headers | {"Webhook-Id": "evt_2"}, secret)
assert refused(body.encode(), headers | {"webhook-timestamp": str(int(now.timestamp()) + 1)}, secret)
assert refused(body.encode(), headers, other)
assert refused(body.encode(), headers, secret, now_s=now.timestamp() + 301)
assert refused(body.encode(), {}, secret)
"""


def _run(*command, folder=ROOT, **environ):
    done = subprocess.run(
        [str(each) for each in command],
        cwd=folder,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    return done.stdout


@pytest.fixture(scope="module")
def generators():
    if not GENERATORS.exists():
        pytest.skip("the environment of the generators is not installed: make sdks")
    return GENERATORS


@pytest.fixture(scope="module")
def built():
    """The TypeScript client, compiled with its example and its tests."""
    install(TYPESCRIPT)
    _run("node_modules/.bin/tsc", folder=TYPESCRIPT)
    return TYPESCRIPT / "dist"


def test_the_python_client_is_what_its_generator_makes_now(generators, tmp_path):
    _run(generators, PYTHON / "codegen" / "generate.py", tmp_path / "made")

    kept = PYTHON / "cofferdam_client" / "generated"
    names = {path.name for folder in (kept, tmp_path / "made") for path in folder.glob("*.py")}
    _, wrong, missing = filecmp.cmpfiles(kept, tmp_path / "made", names, shallow=False)
    assert wrong + missing == [], "stale: run `make sdks`"


def test_the_python_client_builds_with_its_types(generators, tmp_path):
    _run(generators, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path, folder=PYTHON)

    (wheel,) = tmp_path.glob("cofferdam_client-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"cofferdam_client/py.typed", "cofferdam_client/generated/client.py"} <= set(names)
    assert not any("codegen" in name or "examples" in name for name in names)


def test_the_python_client_verifies_what_the_reference_library_signs(generators):
    _run(generators, "-c", SIGNED_BY_THE_REFERENCE, PYTHONPATH=str(PYTHON))


def test_the_typescript_client_is_what_its_generator_makes_now(tmp_path):
    install(TYPESCRIPT)

    _run("node", "codegen/generate.mjs", tmp_path / "operations.ts", folder=TYPESCRIPT)

    kept = TYPESCRIPT / "src" / "generated" / "operations.ts"
    assert kept.read_text() == (tmp_path / "operations.ts").read_text(), "stale: run `make sdks`"


def test_the_typescript_client_passes_its_tests(built):
    _run("node", "--test", built / "tests/", folder=TYPESCRIPT)


def test_the_typescript_client_imports_nothing(built):
    compiled = [path.read_text() for path in (built / "src").rglob("*") if path.suffix in {".js", ".ts"}]

    imported = {line.split('"')[1] for text in compiled for line in text.splitlines() if 'from "' in line}
    assert imported
    assert all(name.startswith(".") for name in imported)


def test_the_typescript_example_opens_funds_pays_and_states(built, address, shop):
    for _ in range(2):  # every step has a key of its own: a second walk changes nothing
        shown = _run("node", built / "examples" / "shop-wallet.js", "walk", API=f"{address}/graphql", KEY=shop.key)
        assert shown.splitlines() == WALK
    assert (TYPESCRIPT / "examples" / "shop-wallet.ts").read_text().count("\n") <= 150


@pytest.mark.parametrize("language", ["python", "typescript"])
def test_the_receiver_of_an_example_takes_what_is_signed_and_nothing_else(language, request):
    example = PYTHON / "examples" / "shop_wallet.py"
    port = free_port()
    command = [sys.executable, example]
    if language == "typescript":
        command = ["node", request.getfixturevalue("built") / "examples" / "shop-wallet.js"]
    more = {"WEBHOOK_SECRET": SECRET, "PYTHONPATH": str(PYTHON)}
    with subprocess.Popen([*command, "receive", str(port)], env=os.environ | more, stdout=-1, text=True) as receiver:
        try:
            answers = [_deliver(port, changed) for changed in (False, True)]
        finally:
            receiver.terminate()
        shown = receiver.stdout.read()

    assert answers == [204, 400]
    assert shown == "received transfer.posted\n"


def _deliver(port, changed):
    """Send a signed webhook as soon as somebody listens; the status of the answer."""
    body, moment = b'{"type":"transfer.posted"}', str(int(time.time()))
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = hmac.digest(key, b".".join((b"evt_1", moment.encode(), body)), hashlib.sha256)
    headers = {"webhook-id": "evt_1", "webhook-timestamp": moment}
    headers["webhook-signature"] = "v1," + base64.b64encode(signed).decode()
    transport = httpx.HTTPTransport(retries=12)  # each twice as long after the one before
    with httpx.Client(transport=transport, trust_env=False, verify=False) as http:
        return http.post(f"http://127.0.0.1:{port}/", content=body + b" " * changed, headers=headers).status_code
