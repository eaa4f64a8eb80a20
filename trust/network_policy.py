"""Who may be asked over the network."""

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass

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

    def allows_address(self, address: IpAddress) -> bool:
        """Whether this address may be connected to."""
        inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
        if inner is not None:
            return self.allows_address(inner)
        if address.is_loopback:
            return self.allow_loopback
        if any(address in ipaddress.ip_network(network) for network in self.allowed_networks):
            return True
        return address.is_global and not address.is_multicast and not address.is_reserved
