"""The one door to pyHanko. Whatever its classes raise on hostile files, `verifier.gather` catches."""

from pyhanko.pdf_utils.misc import PdfDecodeLimitError as UnpacksTooMuch

from verifier.pdf.document import Document
from verifier.pdf.signature_fields import Field, Value

__all__ = ["Document", "Field", "UnpacksTooMuch", "Value"]
