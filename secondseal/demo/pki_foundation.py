"""The founding of a loopback PKI: its authorities and helpers, made once."""

import contextlib
import random
import socket

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from secondseal.demo import pki_shapes as shapes
from secondseal.demo.pki_folder import Issued, PkiFolder, PkiState
from secondseal.demo.pki_shapes import Addresses, Issuer, Shape


def found(store: PkiFolder, *, shape: Shape, name: str, port: int) -> None:
    """Make the authorities, the OCSP responders and the time authority, and write the first state.

    `g2`: anchors.pem holds the root. `g1`: it holds the pinned subordinate authority (AC-110).
    """
    old = shape == "g1"
    generation = shape.upper()
    root_key = rsa.generate_private_key(65537, 2048 if old else 3072)
    root_name = shapes.authority_name(f"Root CA {name} {generation}")
    root = shapes.authority_certificate(
        root_name,
        root_key.public_key(),
        issuer=None,
        signing_key=root_key,
        path_length=None,
        addresses=Addresses(),
        sha1=old,
    )
    top = Issuer(certificate=root, key=root_key)
    sub_key = rsa.generate_private_key(65537, 2048)
    sub_name = shapes.authority_name(f"CA {name} phục vụ các cơ quan Nhà nước {generation}")
    subca = shapes.authority_certificate(
        sub_name,
        sub_key.public_key(),
        issuer=top,
        signing_key=root_key,
        path_length=0,
        addresses=addresses_of(port, "root"),
        sha1=old,
    )
    below = Issuer(certificate=subca, key=sub_key)
    store.keep_key("root", root_key)
    store.keep_key("subca", sub_key)
    store.keep_certificate("root", root)
    store.keep_certificate("subca", subca)
    issued = [Issued(label="subca", issuer="root", serial=subca.serial_number)]
    # In the G1 shape nothing may lean on a SHA-1 signature: the pinned authority issues the time authority too.
    clock = "subca" if old else "root"
    # P-256 for what signs on every request (parts.md 2: an RSA key costs 47 ms to load).
    helpers = (
        ("ocsp-root", "root", top, "ocsp", f"OCSP Root {name}", Addresses()),
        ("ocsp-subca", "subca", below, "ocsp", f"OCSP CA {name}", Addresses()),
        ("tsa", clock, below if old else top, "tsa", f"TSA {name}", addresses_of(port, clock)),
    )
    for label, authority, issuer, role, common_name, addresses in helpers:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = shapes.helper_certificate(
            shapes.authority_name(common_name),
            key.public_key(),
            issuer=issuer,
            role="tsa" if role == "tsa" else "ocsp",
            addresses=addresses,
        )
        store.keep_key(label, key)
        store.keep_certificate(label, certificate)
        issued.append(Issued(label=label, issuer=authority, serial=certificate.serial_number))
    store.keep_bundle("anchors.pem", (subca,) if old else (root,))
    store.keep_bundle("intermediates.pem", (subca,))
    store.write(PkiState(port=port, shape=shape, issued=tuple(issued)))


def addresses_of(port: int, authority: str) -> Addresses:
    """Where certificates issued by `authority` are asked about."""
    base = f"http://127.0.0.1:{port}"
    return Addresses(
        ocsp=(f"{base}/ocsp/{authority}",),
        crl=(f"{base}/crl/{authority}.crl",),
        issuer=(f"{base}/crt/{authority}.crt",),
    )


def free_port() -> int:
    """A free port on 127.0.0.1. Raises OSError if none is found."""
    # Below the range from which outgoing connections are served, so that a restart finds it free again.
    for _ in range(200):
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no free port on 127.0.0.1")
