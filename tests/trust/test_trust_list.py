"""The list of authorities: an act a line, ends that judge by what is proven."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from secondseal.demo.pki import Pki
from tests.pki.fixtures import MakeKey
from tests.trust.scene import DAY, HOUR, NOTHING, now, store_of
from trust import (
    Act,
    AnchorsUnreadable,
    Candidate,
    PathStatus,
    TrustList,
    TrustStore,
    check_path,
    fingerprint,
)

EMPTY = TrustStore(anchors=())


def added(pki: Pki) -> Act:
    return Act(
        act="add",
        sha256=fingerprint(pki.root),
        subject=pki.root.subject.rfc4514_string(),
        at=now(),
        by="root",
        note="so với VGCA",
        certificate=pki.root,
        kind="anchor",
    )


def written(folder: Path, *acts: Act) -> Path:
    path = folder / "trust-list.jsonl"
    path.write_text("".join(act.line() for act in acts), "utf-8")
    return path


def test_what_is_written_is_read_again(pki: Pki, tmp_path: Path) -> None:
    first = added(pki)
    end = Act(act="end", sha256=first.sha256, subject=first.subject, at=now(), by="root", note="G1", since=now() - DAY)
    listed = TrustList.load(written(tmp_path, first, end))
    assert listed.acts == (first, end)
    assert listed.store(EMPTY).anchors == (pki.root,)
    assert listed.store(EMPTY).ended == {pki.root: end.since}
    resumed = replace(end, act="resume", since=None)
    assert not TrustList.load(written(tmp_path, first, end, resumed)).store(EMPTY).ended
    assert TrustList.load(tmp_path / "none.jsonl").acts == ()


def test_the_settings_files_count_beside_the_list(pki: Pki, other_pki: Pki) -> None:
    """And a certificate of theirs can be ended all the same."""
    end = Act(act="end", sha256=fingerprint(pki.root), subject="", at=now(), by="root", since=now())
    store = TrustList(acts=(added(other_pki), end)).store(store_of(pki))
    assert set(store.anchors) == {pki.root, other_pki.root}
    assert store.intermediates == (pki.subca,)
    assert set(store.ended) == {pki.root}


def test_an_intermediate_of_the_settings_can_be_pinned(g1_pki: Pki) -> None:
    """AC-110: the G1 subordinate authority itself becomes the anchor."""
    pin = replace(added(g1_pki), sha256=fingerprint(g1_pki.subca), certificate=g1_pki.subca)
    store = TrustList(acts=(pin,)).store(TrustStore(anchors=(), intermediates=(g1_pki.subca,)))
    assert store.anchors == (g1_pki.subca,)
    assert store.intermediates == ()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"sha256": "0" * 64}, "the certificate is not the one"),
        ({"kind": "root"}, "neither anchor"),
        ({"certificate": "xx"}, ""),
        ({"act": "remove"}, "not an act"),
        ({"more": "yes"}, "not an act"),
        ({"note": 7}, "no text"),
        ({"at": "yesterday"}, ""),
    ],
)
def test_a_line_that_cannot_be_meant_stops_everything(
    pki: Pki, tmp_path: Path, change: dict[str, object], why: str
) -> None:
    """Fail closed: nothing is guessed from a damaged list, and its line is named."""
    values = json.loads(added(pki).line()) | change
    path = tmp_path / "trust-list.jsonl"
    path.write_text(added(pki).line() + json.dumps(values) + "\n", "utf-8")
    with pytest.raises(AnchorsUnreadable, match="line 2") as caught:
        TrustList.load(path)
    assert why in str(caught.value)
    path.write_text(added(pki).line()[:-40], "utf-8")  # an act that was cut off
    with pytest.raises(AnchorsUnreadable, match="line 1"):
        TrustList.load(path)


def test_no_character_of_a_note_ends_a_line(pki: Pki, tmp_path: Path) -> None:
    """Line and paragraph separators, next line: what an act says never damages the list; nor does an editor that leaves
    the last line open."""
    act = replace(added(pki), note="một\u2028hai\u2029ba\x85bốn\nnăm")
    path = written(tmp_path, act)
    assert TrustList.load(path).acts == (act,)
    path.write_text(act.line().rstrip("\n"), "utf-8")
    assert TrustList.load(path).acts == (act,)
    path.write_text("", "utf-8")
    assert TrustList.load(path).acts == ()


def test_an_addition_neither_lifts_an_end_nor_lowers_an_anchor(pki: Pki) -> None:
    """Whatever lines a list holds: what was ended stays so until it is resumed, and an anchor stays one."""
    first, since = added(pki), now() - DAY
    end = Act(act="end", sha256=first.sha256, subject="", at=now(), by="root", since=since)
    lower = replace(first, kind="intermediate")
    store = TrustList(acts=(first, end, lower)).store(EMPTY)
    assert (store.anchors, store.intermediates, dict(store.ended)) == ((pki.root,), (), {pki.root: since})
    assert TrustList(acts=(lower,)).store(store_of(pki)).anchors == (pki.root,)


def test_of_two_paths_the_one_without_an_end_counts(pki: Pki, software_key: MakeKey) -> None:
    """Whatever order the anchors stand in: pinned below a root, the authority has two paths."""
    leaf = software_key("person").certificate
    for anchors in ((pki.root, pki.subca), (pki.subca, pki.root)):
        store = TrustStore(anchors=anchors, intermediates=(pki.subca,), ended={pki.root: now() + HOUR})
        check = check_path(leaf, store=store, at=now(), evidence=NOTHING, use="signing", revocation="if-known")
        assert (check.status, check.ended) == (PathStatus.TRUSTED, None)


def test_a_path_ends_when_its_anchor_or_its_intermediate_does(pki: Pki, software_key: MakeKey) -> None:
    leaf = software_key("person", not_before=now() - 30 * DAY).certificate
    for ended in (pki.root, pki.subca):
        store = replace(store_of(pki), ended={ended: now() - DAY})
        before, after = (
            check_path(leaf, store=store, at=at, evidence=NOTHING, use="signing", revocation="if-known")
            for at in (now() - DAY - HOUR, now() - DAY)
        )
        assert (before.status, before.chain[-1]) == (PathStatus.TRUSTED, pki.root)
        assert before.ended == store.ended[ended]
        assert (after.status, after.chain) == (PathStatus.UNTRUSTED, (leaf,)), "nobody is asked about it"
        assert "is relied on only until" in after.detail


def test_candidates(pki: Pki, g1_pki: Pki, software_key: MakeKey) -> None:
    """AC-110: a SHA-1 authority can be pinned, and helps nowhere else; a signer is no authority."""

    def refused(candidate: Candidate) -> str:
        return " ".join(told.en for told in candidate.refusals())

    assert not refused(Candidate(certificate=pki.root, kind="anchor"))
    assert not refused(Candidate(certificate=pki.subca, kind="intermediate"))
    assert "self-signed" in refused(Candidate(certificate=pki.root, kind="intermediate"))
    assert "SHA-1" in refused(Candidate(certificate=g1_pki.subca, kind="intermediate"))
    pinned = Candidate(certificate=g1_pki.subca, kind="anchor")
    assert not refused(pinned)
    assert any("SHA-1" in told.en for told in pinned.remarks(now()))
    signer = Candidate(certificate=software_key("person").certificate, kind="anchor")
    assert "not an authority's" in refused(signer)
    late = Candidate(certificate=pki.root, kind="anchor").remarks(pki.root.not_valid_after_utc + timedelta(days=1))
    assert any("ended on" in told.en for told in late)
