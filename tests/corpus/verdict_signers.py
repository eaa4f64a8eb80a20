"""Published papers about signers, algorithms and time: good ones, and what is wrong with others."""

from datetime import timedelta

from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec

from tests.corpus import verdict_cases as made
from tests.corpus.verdict_cases import Published, one
from tests.verifier import forgeries
from tests.verifier.papers import OFFICER_BOX

_NOTE = FieldMDPSpec(FieldMDPAction.INCLUDE, ["ghi_chu"])
_LEFT, _BOTTOM, _RIGHT, _TOP = OFFICER_BOX

SIGNERS: tuple[Published, ...] = (
    # good and incomplete
    one(
        "good",
        "judged ten years later",
        made.on_sealed(bytes),
        "genuine",
        "",
        "Every certificate has expired; the timestamps and the evidence carry it.",
        later=timedelta(days=3650),
    ),
    one(
        "good",
        "revoked later, and the file says so",
        made.revoked_later_and_told,
        "genuine",
        "",
        "The file itself brings the later revocation; the timestamp is older.",
    ),
    one(
        "good",
        "hold that was lifted",
        made.held(lifted=True),
        "warning",
        "not_sealed",
        "On hold when it signed, and a newer answer says good: a hold leaves no trace.",
    ),
    one("good", "RSA", made.by_rsa, "genuine", "", "Both keys are RSA-2048, with PKCS #1 v1.5."),
    one(
        "good",
        "certificates in another order",
        made.with_evidence(forgeries.certificates_turned_round),
        "warning",
        "not_sealed",
        "The order of the certificates in a CMS means nothing.",
    ),
    one(
        "good",
        "the seal over a third of the mark",
        made.seal_share((_LEFT - 55, _BOTTOM - 22, _LEFT + 47, _TOP + 20)),
        "genuine",
        "",
        "The office's seal overlaps the officer's mark by a third, as the rules ask.",
    ),
    one(
        "good",
        "form locked and untouched",
        made.locked(spec=_NOTE, seal=True),
        "genuine",
        "",
        "The officer's signature locks a form field, and nobody touched it.",
    ),
    one(
        "incomplete",
        "cut back to the officer's revision",
        made.cut("officer", lambda ends: ends[3]),
        "warning",
        "not_sealed",
        "The seal's revision was cut off: what is left is whole, and not sealed.",
    ),
    one(
        "incomplete",
        "superseded revision",
        made.newest_of,
        "warning",
        "not_sealed superseded_revision",
        "The register knows this file as an earlier revision of a sealed paper.",
        register={"known": True, "revision": "approved", "status": "in_force", "newest_sha256": "0" * 64},
    ),
    one(
        "incomplete",
        "timestamp taken off",
        made.with_evidence(lambda pdf: forgeries.with_token(pdf, None)),
        "warning",
        "no_proven_time not_sealed",
        "The token is not signed and was taken off: nothing proves the time any more.",
    ),
    # certificates and algorithms
    one(
        "certificate",
        "on hold when signing",
        made.held(lifted=False),
        "invalid",
        "certificate_revoked",
        "Its certificate was on hold at the timestamp.",
    ),
    one(
        "certificate",
        "issued by a person",
        made.issued_by_a_person,
        "untrusted",
        "no_chain",
        "The issuer in the middle of the path is no authority.",
    ),
    one(
        "certificate",
        "unknown root",
        made.by_authority("other"),
        "untrusted",
        "no_chain",
        "Its authority is not among the anchors.",
    ),
    one(
        "certificate",
        "unknown root, same names",
        made.by_authority("namesake"),
        "untrusted",
        "no_chain",
        "Root and authority bear the very names of the anchors and have other keys.",
    ),
    one(
        "certificate",
        "foreign seal under our officer",
        made.by_authority("other", "organisation"),
        "untrusted",
        "no_chain",
        "The officer is ours; the seal's authority is not among the anchors.",
    ),
    one(
        "certificate",
        "no certificate inside",
        made.with_evidence(forgeries.without_certificates),
        "invalid",
        "certificate_missing",
        "The signature carries no certificate of its signer.",
    ),
    one(
        "certificate",
        "signer swapped",
        made.signer_swapped,
        "invalid",
        "value_mismatch certificate_swapped",
        "Another trusted certificate is named as the signer's.",
    ),
    one("algorithm", "RSA-1024", made.short_rsa, "invalid", "algorithm_not_allowed", "The signer's key has 1024 bits."),
    one(
        "signature value",
        "signature value flipped",
        made.with_evidence(forgeries.value_flipped),
        "invalid",
        "value_mismatch",
        "One bit of the signature value is another.",
    ),
    one(
        "signature value",
        "bytes behind the CMS",
        made.with_evidence(forgeries.padding_written),
        "invalid",
        "format",
        "Where zeros fill up the room stand other bytes.",
    ),
    # time
    one(
        "timestamp",
        "token of another signature",
        made.foreign_token,
        "warning",
        "timestamp_not_trusted no_proven_time",
        "A good token, but over other bytes.",
    ),
    one(
        "timestamp",
        "token of an unknown authority",
        made.stamped_by_other,
        "warning",
        "timestamp_not_trusted no_proven_time",
        "The token's authority is not among the anchors.",
    ),
    one(
        "timestamp",
        "token set back ten years",
        made.with_evidence(lambda pdf: forgeries.with_token_time(pdf, forgeries.YEARS_AGO)),
        "warning",
        "timestamp_not_trusted no_proven_time",
        "The time in the token was rewritten; its own signature fails.",
    ),
    one(
        "timestamp",
        "token from the future",
        made.stamped_in_future,
        "warning",
        "timestamp_not_trusted no_proven_time",
        "The token is of a time that has not come.",
    ),
    one(
        "timestamp",
        "document timestamp of an unknown authority",
        made.archived_by_other,
        "warning",
        "timestamp_not_trusted no_proven_time",
        "The only proof of time is an unknown authority's.",
    ),
    one(
        "timestamp",
        "document timestamp of another paper",
        made.document_stamp_swapped,
        "changed",
        "digest_mismatch",
        "The document timestamp stamps other bytes.",
    ),
)
