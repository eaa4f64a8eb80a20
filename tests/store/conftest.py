"""Databases to work on."""

from tests.store.databases import both, database, empty_database

__all__ = ["both", "database", "empty_database"]
