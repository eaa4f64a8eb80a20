"""The peer: pyHanko's own AdES validation of every signature of a file, what it has for B-LT.

`ades_with_time_validation` (ETSI EN 319 102-1, 5.5) with what the security store holds and pyHanko's own comparison of
revisions; revocation required, nothing fetched, strict reader. Its validation for B-LTA does this and more, and passes
no file without a document timestamp.
"""

import asyncio
import io
from collections.abc import Callable
from dataclasses import replace

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation.ades import ades_with_time_validation
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule,
    LocalKnowledge,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer

from tests.verifier.papers import as_asn1
from trust import TrustStore


class PeerDisagrees(Exception):
    """pyHanko does not pass a signature that the bench made to pass: then its time would mean nothing."""


def pyhanko_judge(pdf: bytes, store: TrustStore) -> Callable[[], int]:
    """A call that judges all signatures of `pdf` and gives their number. Raises PeerDisagrees."""
    anchors = [as_asn1(certificate) for certificate in store.anchors]
    spec = SignatureValidationSpec(
        cert_validation_policy=CertValidationPolicySpec(
            trust_manager=SimpleTrustManager.build(trust_roots=anchors),
            revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
        ),
        revinfo_gathering_policy=RevocationInfoGatheringSpec(
            online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY,
            certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH,
        ),
    )

    async def each() -> int:
        reader = PdfFileReader(io.BytesIO(pdf), strict=True)
        known = replace(spec, local_knowledge=_brought(reader))
        for signature in reader.embedded_regular_signatures:
            signature.compute_integrity_info()
            outcome = await ades_with_time_validation(
                signature.signed_data,
                known,
                raw_digest=signature.compute_digest(),
                extra_status_kwargs=signature.summarise_integrity_info(),
                status_cls=PdfSignatureStatus,
            )
            whole = outcome.api_status is not None and outcome.api_status.bottom_line
            if outcome.ades_subindic is not AdESPassed.OK or not whole:
                raise PeerDisagrees(f"{signature.field_name}: {outcome.ades_subindic}")
        return len(reader.embedded_regular_signatures)

    return lambda: asyncio.run(each())


def _brought(reader: PdfFileReader) -> LocalKnowledge:
    store = DocumentSecurityStore.read_dss(reader)
    answers = [asn1_ocsp.OCSPResponse.load(one.get_object().data) for one in store.ocsps]
    lists = [asn1_crl.CertificateList.load(one.get_object().data) for one in store.crls]
    return LocalKnowledge(
        known_ocsps=[container for one in answers for container in OCSPContainer.load_multi(one)],
        known_crls=[CRLContainer(one) for one in lists],
        known_certs=list(store.load_certs()),
    )
