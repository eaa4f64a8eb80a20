"""What parsers raise when a hostile structure is opened, often long after it was loaded.

Found by mutation (tests/trust/test_hostile.py, `make soak`): both cryptography and asn1crypto open fields lazily and
document few of these.
"""

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
