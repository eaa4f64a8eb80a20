"""Who may be asked over the network."""

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# Where Vietnamese authorities answer. A leading dot means every host below the name.
VIETNAMESE_HOSTS = (
    ".ca.gov.vn",
    "ca.gov.vn",
    "rootca.gov.vn",
    ".vnpt-ca.vn",
    ".viettel-ca.vn",
    ".bkavca.vn",
    ".newca.vn",
    ".safecert.com.vn",
    ".smartsign.com.vn",
    ".fis.com.vn",
    ".efyca.vn",
)
OLD_NAMES = (("ocsp.ca.ptc", "ocsp.ca.gov.vn"),)


@dataclass(frozen=True, kw_only=True)
class NetworkPolicy:
    """What may be asked, and for how long. Fails closed: an empty list of hosts allows nothing.

    `allowed_hosts`: exact names or addresses, or `.name` for every host below it. `allow_loopback` for demonstration
    and tests. `allowed_networks`: private networks (CIDR) the operator really means, such as the state agencies' own
    WAN. `renamed`: pairs (name found in old certificates, name to ask instead). Times in seconds, size in bytes.
    """

    allowed_hosts: Collection[str]
    allow_loopback: bool = False
    allowed_networks: tuple[str, ...] = ()
    allowed_ports: tuple[int, ...] = (80, 443)
    renamed: tuple[tuple[str, str], ...] = OLD_NAMES
    connect_timeout_s: float = 5.0
    total_timeout_s: float = 20.0
    max_bytes: int = 10 * 1024 * 1024

    def allows_host(self, host: str) -> bool:
        """Whether the list names this host."""
        host = host.lower().rstrip(".")
        return any(host.endswith(e) if e.startswith(".") else host == e for e in map(str.lower, self.allowed_hosts))

    def allows_plain(self, address: IpAddress) -> bool:  # noqa: ARG002 - others look at it
        """Whether this address may be spoken to without TLS: what authorities answer is signed."""
        return True

    def allows_address(self, address: IpAddress, host: str = "") -> bool:
        """Whether this address, which `host` led to, may be connected to."""
        inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
        if inner is not None:
            return self.allows_address(inner, host)
        if address.is_loopback:
            return self.allow_loopback
        if any(address in ipaddress.ip_network(network) for network in self.allowed_networks):
            return True
        site_local = getattr(address, "is_site_local", False)  # fec0::/10, which Python calls global
        return address.is_global and not (address.is_multicast or address.is_reserved or site_local)


@dataclass(frozen=True, kw_only=True)
class WebhookPolicy(NetworkPolicy):
    """Where events may be sent. Who registers an address names its host, so any public host is allowed, over https.

    `private_hosts`: exact names of hosts the operator means although their addresses are private (the state agencies'
    own WAN). Loopback, and there plain http on any port, where `allow_loopback`.
    """

    allowed_hosts: Collection[str] = ()
    private_hosts: Collection[str] = ()
    allowed_ports: tuple[int, ...] = (443, 8443)
    renamed: tuple[tuple[str, str], ...] = ()
    total_timeout_s: float = 15.0
    max_bytes: int = 64 * 1024

    def allows_host(self, host: str) -> bool:
        """Any; its address decides."""
        return bool(host)

    def allows_plain(self, address: IpAddress) -> bool:
        """On this machine alone."""
        return address.is_loopback and self.allow_loopback

    def allows_address(self, address: IpAddress, host: str = "") -> bool:
        """Public ones, and private ones behind a named host; a link-local one (a cloud's metadata) never."""
        named = host.lower().rstrip(".") in {name.lower() for name in self.private_hosts}
        within = address.is_private and not (address.is_link_local or address.is_loopback or address.is_unspecified)
        if named and within and getattr(address, "ipv4_mapped", None) is None:
            return True
        return super().allows_address(address, host)

    def why_not(self, url: str) -> str | None:
        """Why events cannot be sent to this URL, as far as it can be told without a look-up; None if they can be."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            return "it is not a URL"
        if parts.scheme not in ("https", "http") or not host or parts.username is not None or parts.fragment:
            return "it must be https://host/path, with no name, password or fragment in it"
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            address = None
        if address.is_loopback if address is not None else host.lower() == "localhost":
            return None if self.allow_loopback else "it is on this machine itself"
        return self._why_not_there(parts.scheme, host, port, address)

    def _why_not_there(self, scheme: str, host: str, port: int | None, address: IpAddress | None) -> str | None:
        if scheme != "https":
            return "it must begin with https"
        if (port or 443) not in self.allowed_ports:
            return f"port {port} is not allowed, only {' and '.join(map(str, self.allowed_ports))}"
        if address is not None and not self.allows_address(address, host):
            return "its address is private and not named in webhook_hosts"
        return None
