"""A PKCS#11 module that fails as told: what README.md describes, for tests in Python."""

from .module import FaultModule

__all__ = ["FaultModule"]
