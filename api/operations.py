"""What the calls of the interface are called (`operationId`), and into which groups they fall.

The names are part of the interface: clients are generated from them. They are kept here, not taken from the names of
functions, so that no change of the code renames a caller's method.
"""

from typing import Final

NAMES: Final = {
    "POST /api/v1/dossiers": "receive_dossier",
    "GET /api/v1/dossiers": "list_dossiers",
    "GET /api/v1/dossiers/{dossier_code}": "read_dossier",
    "POST /api/v1/dossiers/{dossier_code}/appraisal": "appraise_dossier",
    "POST /api/v1/dossiers/{dossier_code}/supplement-request": "request_supplement",
    "POST /api/v1/dossiers/{dossier_code}/supplement": "receive_supplement",
    "POST /api/v1/dossiers/{dossier_code}/refusal": "refuse_dossier",
    "POST /api/v1/dossiers/{dossier_code}/withdrawal": "withdraw_dossier",
    "POST /api/v1/dossiers/{dossier_code}/return-way": "choose_return_way",
    "POST /api/v1/documents": "create_document",
    "POST /api/v1/documents/batch": "create_documents",
    "GET /api/v1/documents": "list_documents",
    "GET /api/v1/documents/{document_id}": "read_document",
    "GET /api/v1/documents/{document_id}/file": "download_document",
    "GET /api/v1/documents/{document_id}/attachments/{n}/file": "download_attachment",
    "GET /api/v1/documents/{document_id}/bundle": "download_bundle",
    "GET /api/v1/documents/{document_id}/exchange": "read_document_exchange",
    "GET /api/v1/documents/{document_id}/proof": "read_document_proof",
    "POST /api/v1/documents/{document_id}/decline": "decline_document",
    "POST /api/v1/documents/{document_id}/return": "return_document",
    "POST /api/v1/documents/{document_id}/recall": "recall_document",
    "POST /api/v1/documents/{document_id}/replace": "replace_document",
    "POST /api/v1/documents/{document_id}/correct": "correct_document",
    "POST /api/v1/documents/{document_id}/approval": "prepare_approval",
    "PUT /api/v1/documents/{document_id}/approval": "submit_approval",
    "POST /api/v1/approvals": "open_approval_list",
    "GET /api/v1/approvals/{approval_id}": "read_approval_list",
    "POST /api/v1/approvals/{approval_id}/certificate": "prepare_approval_list",
    "GET /api/v1/approvals/{approval_id}/documents/{document_id}/file": "download_prepared_document",
    "PUT /api/v1/approvals/{approval_id}/documents/{document_id}": "submit_signature",
    "GET /api/v1/seals": "list_documents_to_seal",
    "POST /api/v1/seals": "confirm_seal_list",
    "GET /api/v1/seals/{confirmation_id}": "read_seal_list",
    "POST /api/v1/seals/wet": "record_wet_stamp",
    "POST /api/v1/verifications": "verify_file",
    "POST /api/v1/numbers": "reserve_number",
    "GET /api/v1/numbers": "list_open_numbers",
    "POST /api/v1/numbers/{number_id}/void": "void_number",
    "GET /api/v1/register/outgoing": "list_outgoing_register",
    "POST /api/v1/register/outgoing": "enter_paper_document",
    "POST /api/v1/register/outgoing/{document_id}/issue": "issue_paper_document",
    "POST /api/v1/register/outgoing/{document_id}/void": "void_paper_document",
    "GET /api/v1/register/seal": "list_seal_register",
    "GET /api/v1/register/{book}.{form}": "download_register",
    "GET /api/v1/register/exchange.{form}": "download_exchange",
    "GET /log/checkpoint": "read_checkpoint",
    "GET /log/tile/{path}": "read_log_tile",
    "GET /api/v1/statistics": "read_statistics",
    "GET /api/v1/statistics.csv": "download_statistics",
    "POST /api/v1/session": "sign_in",
    "GET /api/v1/session": "read_session",
    "DELETE /api/v1/session": "sign_out",
    "POST /api/v1/steps": "authenticate_afresh",
    "GET /api/v1/office": "read_office",
    "GET /api/v1/office/versions": "list_office_versions",
    "GET /api/v1/office/versions/{number}": "read_office_version",
    "GET /api/v1/office/proposals": "list_office_proposals",
    "POST /api/v1/office/proposals": "propose_office_change",
    "GET /api/v1/office/proposals/{number}": "read_office_proposal",
    "POST /api/v1/office/proposals/{number}/confirmation": "confirm_office_proposal",
    "POST /api/v1/office/proposals/{number}/rejection": "reject_office_proposal",
    "POST /api/v1/office/proposals/{number}/withdrawal": "withdraw_office_proposal",
    "GET /api/v1/events": "list_events",
    "POST /api/v1/webhooks": "register_webhook",
    "GET /api/v1/webhooks": "list_webhooks",
    "GET /api/v1/webhooks/{webhook_id}": "read_webhook",
    "DELETE /api/v1/webhooks/{webhook_id}": "remove_webhook",
    "POST /api/v1/webhooks/{webhook_id}/secret": "renew_webhook_secret",
    "POST /api/v1/webhooks/{webhook_id}/repeat": "repeat_webhook_events",
}
"""Operation by method and path; none is renamed once it was released."""

GROUPS: Final = {
    "dossiers": "A dossier before and beside its paper: received, a supplement asked for, appraised, refused, "
    "withdrawn. Its stage is that of its papers once there are some.",
    "documents": "A result paper: made or taken in, where it stands, its files, what becomes of it once issued.",
    "approvals": "The officer's signature. The service prepares the PDF and says what the token must sign; the token "
    "signs on the officer's own computer; the signature comes back and is judged in full.",
    "seals": "The custodian's personal confirmation of one shown list, after which the seal is put on. No program can "
    "hold this right.",
    "verifications": "Judge any file. Nobody has to sign in.",
    "numbers": "Numbers of the outgoing register, reserved for papers of other programs.",
    "register": "The outgoing register, the seal's register, and the log that proves both.",
    "statistics": "Figures of a period.",
    "people": "A person's session, and their fresh authentication for one act.",
    "office": "The institution: officers, powers, seals. A change is proposed by one administrator and confirmed by "
    "another.",
    "events": "What happened, sent to receivers (Standard Webhooks) or fetched.",
}
"""Tags, in the order in which a dossier meets them."""
