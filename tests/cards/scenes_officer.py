"""An officer's card and the agent, and a card made by a vendor's tools."""

import hashlib
import subprocess
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_public_key

from agent.batch import Batch, TokenChoice
from agent.person import PersonAgreedBefore
from agent.seats import find_seats
from agent.service import Approval
from hsm import HsmKey, KeyUri, PinValue
from tests.agent.desk import serving_desk
from tests.cards.piv import AUTHENTICATION, PIN, SIGNATURE
from tests.cards.stack import OPENSC, Stack

DIGEST = hashlib.sha256(b"to be signed").digest()


def list_signed_at_the_officers_card(stack: Stack) -> dict[str, Any]:
    """Three papers with the key in slot 9C; the card is pulled out during the first and put back."""
    card = stack.card(SIGNATURE)
    card.insert()
    card.wait()
    seats = find_seats(OPENSC, KeyUri())
    keys: list[HsmKey] = []
    with serving_desk() as desk:
        person = PersonAgreedBefore("vi", PinValue(PIN))
        choice = TokenChoice(module=OPENSC, token=KeyUri(), state=card.state)
        batch = Batch(Approval(desk.url, desk.approval, desk.ticket), choice, person, "vi", keys.append)
        card.hold()
        running = threading.Thread(target=batch.run)
        running.start()
        card.wait_signing()
        card.remove()
        card.insert()
        running.join(30)
        public_key = card.certificates[SIGNATURE].public_key()
        assert isinstance(public_key, RSAPublicKey)
        for name, signature in desk.signatures.items():
            public_key.verify(signature, desk.documents[name].digest, padding.PKCS1v15(), Prehashed(SHA256()))
        return {
            "seats": [seat.certificate == card.certificates[SIGNATURE] for seat in seats],
            "state": batch.progress.state,
            "problem": str(batch.progress.problem),
            "verified": len(desk.signatures),
            "counts": asdict(card.counts()),
            "rungs": {rung.name: times for rung, times in keys[0].recoveries.items()},
        }


def card_made_by_a_vendors_tools(stack: Stack) -> dict[str, Any]:
    """A blank card: its key made and its certificate put on by yubico-piv-tool, tried by pkcs11-tool and openssl."""
    card = stack.card()
    card.insert()
    card.wait()
    folder = stack.folder
    piv = ["yubico-piv-tool", "-r", card.reader]
    made = _run(*piv, "-a", "generate", "-s", "9a", "-A", "RSA2048", "-o", str(folder / "public.pem"))
    public_key = load_pem_public_key((folder / "public.pem").read_bytes())
    assert isinstance(public_key, RSAPublicKey)
    certificate = stack.issue("Thẻ của nhà cung cấp", public_key)
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    stored = _run(*piv, "-a", "import-certificate", "-s", "9a", "-i", str(folder / "certificate.pem"))
    (folder / "data").write_bytes(b"to be signed")
    _run(
        "pkcs11-tool", "--module", str(OPENSC), "--login", "--pin", PIN, "--sign", "--mechanism", "SHA256-RSA-PKCS",
        "--id", "01", "--input-file", str(folder / "data"), "--output-file", str(folder / "signature"),
    )  # fmt: skip
    judged = _run(
        "openssl", "dgst", "-sha256", "-verify", str(folder / "public.pem"),
        "-signature", str(folder / "signature"), str(folder / "data"),
    )  # fmt: skip
    card.certificates = {AUTHENTICATION: certificate}
    # The driver of this process saw it blank.
    card.remove()
    card.wait(seen=False)
    card.insert()
    card.wait()
    with card.open() as key:
        ours = key.sign(DIGEST)
    return {
        "made": made,
        "stored": stored,
        "judged": judged,
        "same_signature": ours == Path(folder / "signature").read_bytes(),
        "counts": asdict(card.counts()),
    }


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return (done.stdout + done.stderr).strip()
