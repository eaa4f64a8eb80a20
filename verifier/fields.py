"""Names of the two signature fields that every paper of ours carries from the moment it is generated.

The seal's field is prepared before the officer signs: a new field added later would break an officer's certifying
signature, and an empty one left behind shows that a file was cut back to its approved revision (`not_sealed`).
"""

OFFICER_FIELD = "OfficerSignature"
SEAL_FIELD = "AgencySeal"
