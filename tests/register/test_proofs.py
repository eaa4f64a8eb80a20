"""A proof for every paper, judged by ourselves and by Go's own transparency log; times nobody here could choose."""

import base64
import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Engine, text

from register import (
    Checkpoint,
    CheckpointKey,
    NotYetSigned,
    ProofInvalid,
    audit,
    check_proof,
    keep_export,
    keep_time,
    last_exports,
    load_public_key,
    note_digest,
    proof_of,
    revisions_of,
    sign_checkpoint,
    times_of,
)
from register.tiles import index_path, paths, resource
from secondseal.demo.pki import Pki
from store import Files, FolderFiles, read, write
from tests.register.papers import NOON, Paper, issue_paper
from tests.trust.scene import LOOPBACK, store_of
from trust import TimestampClient, TimestampInvalid

ORIGIN = "mau.example/log"
NL = "\n\n"
JUDGE = Path(__file__).parents[2] / ".venv" / "native" / "tlogcheck"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A register of some papers; `sign` makes a checkpoint over what is there."""

    engine: Engine
    folder: Path
    files: Files

    @property
    def key_file(self) -> Path:
        return self.folder / "key.pem"

    @property
    def key(self) -> Ed25519PublicKey:
        return load_public_key(self.key_file)

    def sign(self) -> Checkpoint:
        with write(self.engine) as connection:
            return sign_checkpoint(connection, key_file=self.key_file, origin=ORIGIN, at=NOON)

    def sealed(self, paper: Paper) -> str:
        with read(self.engine) as connection:
            return revisions_of(connection, paper.document_id)[-1].sha256

    def proof(self, sha256: str) -> str:
        with read(self.engine) as connection:
            return proof_of(connection, sha256)


@pytest.fixture
def scene(database: Engine, tmp_path: Path) -> Scene:
    return Scene(engine=database, folder=tmp_path, files=FolderFiles(tmp_path / "files"))


@pytest.fixture
def time_authority(pki: Pki) -> Callable[[str], object]:
    client = TimestampClient((pki.tsa_url,), store_of(pki), LOOPBACK)
    return lambda note: client.timestamp(note_digest(note))


def test_a_paper_has_a_proof_as_soon_as_a_checkpoint_covers_it(scene: Scene) -> None:
    paper = issue_paper(scene.engine, scene.files)
    sealed = scene.sealed(paper)
    with pytest.raises(NotYetSigned, match="does not cover"):
        scene.proof(sealed)
    point = scene.sign()
    proven = check_proof(scene.proof(sealed), scene.key, sealed)
    assert (proven.sha256, proven.kind, proven.checkpoint.root) == (sealed, "sealed", point.root)
    assert proven.recorded_at == "2026-11-22T05:00:00.000000Z"
    assert proven.proven_at is None


def test_only_a_sealed_paper_has_a_proof(scene: Scene) -> None:
    paper = issue_paper(scene.engine, scene.files)
    scene.sign()
    with read(scene.engine) as connection:
        approved = revisions_of(connection, paper.document_id)[1].sha256
    for sha256 in (approved, "0" * 64, "nothing"):
        with pytest.raises(NotYetSigned, match="does not know"):
            scene.proof(sha256)


def test_a_proof_stays_good_while_the_log_grows(scene: Scene) -> None:
    paper = issue_paper(scene.engine, scene.files)
    scene.sign()
    sealed = scene.sealed(paper)
    first = scene.proof(sealed)
    for _ in range(3):
        issue_paper(scene.engine, scene.files)
    scene.sign()
    second = scene.proof(sealed)
    assert first != second
    for proof in (first, second):
        assert check_proof(proof, scene.key, sealed).leaf == 5


def test_a_proof_holds_nothing_personal(scene: Scene) -> None:
    """Leaves carry hashes; the row that is shown names a hash, a time and a random id."""
    paper = issue_paper(scene.engine, scene.files)
    scene.sign()
    proof = scene.proof(scene.sealed(paper))
    extra = json.loads(base64.b64decode(proof.split("\n")[1].removeprefix("extra ")))
    assert set(extra) == {"source", "row", "salt"}
    assert set(json.loads(extra["row"])) == {"id", "document_id", "ordinal", "kind", "sha256", "size", "recorded_at"}


def test_a_changed_proof_proves_nothing(scene: Scene) -> None:
    paper, other = issue_paper(scene.engine, scene.files), issue_paper(scene.engine, scene.files)
    scene.sign()
    sealed = scene.sealed(paper)
    proof = scene.proof(sealed)
    lines = proof.split("\n")
    extra = json.loads(base64.b64decode(lines[1].removeprefix("extra ")))

    def with_extra(**changed: str) -> str:
        anew = base64.b64encode(json.dumps(extra | changed).encode()).decode()
        return proof.replace(lines[1], f"extra {anew}")

    stranger = CheckpointKey.load_or_create(scene.folder / "other.pem", origin=ORIGIN)
    head, _, note = proof.partition(NL)
    broken = {
        "another row": with_extra(row=extra["row"].replace(sealed, scene.sealed(other))),
        "another salt": with_extra(salt="00" * 16),
        "no salt": with_extra(salt="zz"),
        "another table": with_extra(source="register_numbers"),
        "a row that is no object": with_extra(row="[]"),
        "nested without end": with_extra(row="[" * 30_000),
        "another leaf": proof.replace("index 5", "index 4"),
        "a leading zero": proof.replace("index 5", "index 05"),
        "a line missing": proof.replace(lines[3] + "\n", ""),
        "a line twice": proof.replace(lines[3], f"{lines[3]}\n{lines[3]}"),
        "a line changed": proof.replace(lines[3], base64.b64encode(bytes(32)).decode()),
        "no base64": proof.replace(lines[3], "***"),
        "another form": proof.replace("@v1", "@v2"),
        "nothing signed": f"{head}\n\n",
        "signed by another": f"{head}\n\n{stranger.sign(note.rpartition(NL)[0] + chr(10))}",
        "another paper's": scene.proof(scene.sealed(other)),
        "nothing": "",
        "too much": proof + " " * 70_000,
    }  # fmt: skip
    for name, text_ in broken.items():
        with pytest.raises(ProofInvalid) as refused:
            check_proof(text_, scene.key, sealed)
        assert refused.value.text_vi, name


def test_a_hostile_text_is_no_proof_and_never_a_crash(scene: Scene) -> None:
    """Letters outside ASCII, and the halves of characters that JSON can say."""
    paper = issue_paper(scene.engine, scene.files)
    scene.sign()
    sealed = scene.sealed(paper)
    head, note = scene.proof(sealed).split(NL, 1)
    kind, extra, *rest = head.split("\n")
    known = json.loads(base64.b64decode(extra.removeprefix("extra ")))

    def proof(**other: str) -> str:
        said = base64.b64encode(json.dumps({**known, **other}).encode()).decode()
        return "\n".join([kind, f"extra {said}", *rest]) + NL + note

    assert check_proof(proof(), scene.key, sealed)
    for text_ in (
        head.replace("extra ", "extra é") + NL + note,
        f"{head}\né{NL}{note}",
        head + NL + "\ud800" + note,
        proof(row="\ud800"),
        proof(salt="é"),
        proof(source="é"),
        proof(timestamp="é"),
    ):
        with pytest.raises(ProofInvalid):
            check_proof(text_, scene.key, sealed)


def test_a_time_stamp_over_the_checkpoint_travels_with_the_proof(
    scene: Scene, time_authority: Callable[[str], object]
) -> None:
    paper = issue_paper(scene.engine, scene.files)
    point = scene.sign()
    token = time_authority(point.note)
    with write(scene.engine) as connection:
        keep_time(connection, point, token)  # type: ignore[arg-type]
    sealed = scene.sealed(paper)
    proven = check_proof(scene.proof(sealed), scene.key, sealed)
    assert proven.proven_at == token.gen_time  # type: ignore[attr-defined]
    with read(scene.engine) as connection:
        assert [one.gen_time for one in times_of(connection, point.id or 0)] == [proven.proven_at]
        report = audit(connection, scene.files, scene.key)
    assert report.findings == ()
    assert report.proven.startswith(f"{point.size} · 20")


def test_a_time_stamp_over_anything_else_is_not_kept(scene: Scene, time_authority: Callable[[str], object]) -> None:
    issue_paper(scene.engine, scene.files)
    point = scene.sign()
    with pytest.raises(TimestampInvalid), write(scene.engine) as connection:
        keep_time(connection, point, time_authority(point.note + "x"))  # type: ignore[arg-type]


def test_the_audit_looks_at_the_time_stamps(scene: Scene, time_authority: Callable[[str], object]) -> None:
    issue_paper(scene.engine, scene.files)
    point = scene.sign()
    token = time_authority(point.note)
    with write(scene.engine) as connection:
        keep_time(connection, point, token)  # type: ignore[arg-type]
        connection.execute(text("DROP TRIGGER register_checkpoint_times_no_update"))
    for edit in ("gen_time = '2020-01-01 00:00:00.000000'", "token = X'3000'"):
        with write(scene.engine) as connection:
            connection.execute(text(f"UPDATE register_checkpoint_times SET {edit}"))
        with read(scene.engine) as connection:
            assert {one.code for one in audit(connection, scene.files, scene.key).findings} == {"time_invalid"}


def test_what_was_put_elsewhere_is_remembered(scene: Scene) -> None:
    point = scene.sign()
    with write(scene.engine) as connection:
        assert last_exports(connection) == {}
        keep_export(connection, point, "file:///mnt/so", at=NOON)
        keep_export(connection, point, "file:///mnt/so", at=NOON + timedelta(days=1))
        assert last_exports(connection) == {"file:///mnt/so": NOON + timedelta(days=1)}


@pytest.mark.parametrize(
    ("index", "path"), [(0, "000"), (7, "007"), (999, "999"), (1000, "x001/000"), (1234067, "x001/x234/067")]
)
def test_an_index_is_written_in_groups_of_three(index: int, path: str) -> None:
    assert index_path(index) == path


def test_a_path_that_is_none_names_nothing(scene: Scene) -> None:
    issue_paper(scene.engine, scene.files)
    scene.sign()
    with read(scene.engine) as connection:
        assert resource(connection, "tile/0/000.p/9") is not None
        for path in (
            "tile/0/000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/09",
            "tile/0/x000/000.p/9",
            "tile/0/0.p/9",
            "tile/64/000.p/1",
            "tile/00/000.p/9",
            "tile/-1/000.p/9",
            "tile/entries/001",
            "tile/0/../000.p/9",
            "checkpoints",
            "",
        ):
            assert resource(connection, path) is None, path


def test_go_agrees_with_every_signature_tile_entry_and_proof(scene: Scene, tmp_path: Path) -> None:
    """C2SP signed-note, tlog-checkpoint, tlog-tiles and tlog-proof against Go's sumdb/note and sumdb/tlog."""
    papers = [issue_paper(scene.engine, scene.files) for _ in range(20)]
    before = scene.sign()
    papers += [issue_paper(scene.engine, scene.files) for _ in range(25)]
    now = scene.sign()
    assert before.size < 256 < now.size
    folder = tmp_path / "log"
    with read(scene.engine) as connection:
        for path in ("checkpoint", *paths(now.size)):
            content = resource(connection, path)
            assert content is not None, path
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
    (folder / "checkpoint.old").write_text(before.note, encoding="utf-8")
    proofs = []
    for number in (0, 19, 44):
        proofs.append(tmp_path / f"{number}.tlog-proof")
        proofs[-1].write_text(scene.proof(scene.sealed(papers[number])), encoding="utf-8")
    verifier = CheckpointKey.load_or_create(scene.key_file, origin=ORIGIN).verifier

    def judged(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [JUDGE, folder, verifier, *arguments]
        return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)

    found = judged(*proofs)
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.splitlines() == [
        f"signed by {ORIGIN} at {now.size}",
        f"entries {now.size}",
        f"grown from {before.size}",
        *(f"proof {number}.tlog-proof" for number in (0, 19, 44)),
    ]
    # and it does not agree with just anything
    tile = folder / "tile" / "0" / "000"
    right = tile.read_bytes()
    tile.write_bytes(right[:-1] + bytes([right[-1] ^ 1]))
    assert judged().returncode == 1
    tile.write_bytes(right)
    proofs[0].write_text(proofs[0].read_text(encoding="utf-8").replace("index 5", "index 6"), encoding="utf-8")
    assert "inclusion" in judged(proofs[0]).stderr
