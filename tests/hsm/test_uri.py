"""RFC 7512 URIs and the hints for drivers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hsm import DRIVERS, KeyUri, UriInvalid, installed, quirks_of
from hsm.drivers import takes_one_thread


def test_what_the_standard_shows():
    uri = KeyUri.parse(
        "pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil,%20Inc.;"
        "object=my-certificate;type=cert;id=%69%95%3E%5C%F4%BD%EC%91;serial="
        "?pin-source=file:/etc/token_pin&module-path=/usr/lib/libmypkcs11.so"
    )
    assert uri.token == "The Software PKCS#11 Softtoken"
    assert uri.manufacturer == "Snake Oil, Inc."
    assert uri.id == b"i\x95>\\\xf4\xbd\xec\x91"
    assert uri.pin_source == "file:/etc/token_pin"
    assert uri.module_path == "/usr/lib/libmypkcs11.so"
    assert KeyUri.parse("pkcs11:") == KeyUri()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://x",
        "pkcs11",
        "pkcs11:token",
        "pkcs11:token=a;token=b",
        "pkcs11:colour=red",
        "pkcs11:token=%ZZ",
        "pkcs11:token=%FF",
        "pkcs11:token=a b",
        "pkcs11:slot-id=x",
        "pkcs11:type=secret-key",
        "pkcs11:token=a?pin-value=1234",
        "pkcs11:pin-value=1234",
    ],
)
def test_what_is_refused(text):
    with pytest.raises(UriInvalid) as raised:
        KeyUri.parse(text)
    assert "1234" not in str(raised.value)


@settings(max_examples=50)
@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20),
    st.binary(min_size=1, max_size=8),
    st.none() | st.integers(0, 2**31),
)
def test_round_trip(label, identity, slot):
    uri = KeyUri(token=label, id=identity, slot_id=slot, module_path="/usr/lib/ă.so")
    assert KeyUri.parse(str(uri)) == uri


def test_installed_drivers_are_found_by_name(tmp_path):
    """AC-113."""
    for name in ("libbit4xpki.so", "viettel-ca_v6.so", "fptca_v4.so", "libother.so"):
        (tmp_path / name).touch()
    (tmp_path / "again.so").symlink_to(tmp_path / "libbit4xpki.so")
    found = {driver.path.name: driver.issuer for driver in installed((str(tmp_path),))}
    assert set(found) == {"libbit4xpki.so", "viettel-ca_v6.so", "fptca_v4.so"}
    assert found["viettel-ca_v6.so"] == "Viettel-CA"
    assert any("SoftHSM" in driver.issuer for driver in installed())


def test_the_client_of_a_remote_module_takes_one_thread_at_a_time():
    """When its server dies under several, p11-kit 0.24 leaves some of them waiting for ever (`make drill`)."""
    assert takes_one_thread("/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so")
    assert not takes_one_thread("/usr/lib/softhsm/libsofthsm2.so")


def test_quirks_are_known_by_the_files_name_wherever_it_lies():
    assert any("#180" in quirk.source for quirk in quirks_of("/opt/token/viettel-ca_v6.so"))
    assert quirks_of("/opt/token/libother.so") == ()
    for driver in DRIVERS:
        for quirk in driver.quirks:
            assert quirk.text_vi
            assert quirk.text_en
            assert quirk.source
