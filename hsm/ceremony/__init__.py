"""The key ceremony: a plan in, a key on the token and a signed record out; the certificate beside it; who was there.

Others import from `hsm`.
"""
