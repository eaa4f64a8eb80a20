"""A real PKI on loopback for the tests; see fixtures.py."""
