"""What a proxy in front says of the request: believed from a trusted proxy, dropped from anybody else.

Behind this, nobody finds such a header, so no link and no limit can be made of what a stranger wrote. Headers in which
a trusted proxy names the user are left for the log-in to read.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from assistant.guard.asgi import App, ASGIScope, Receive, Send, every

Network = IPv4Network | IPv6Network
_CLIENT = "assistant.client"
_OWN = 64  # bits at the end of an IPv6 address that one client may change as it likes
# Read here or by nobody; the others of the family (X-Forwarded-User …) may name a user, and pass from a trusted proxy.
_ABOUT_THE_WAY = frozenset(
    {
        *(b"x-forwarded-" + name for name in (b"for", b"host", b"proto", b"port", b"prefix", b"server", b"scheme")),
        *(b"forwarded", b"x-real-ip", b"x-original-url", b"x-rewrite-url", b"x-gradio-server", b"x-original-host"),
    }
)


def client_of(scope: ASGIScope) -> str:
    """The address that a request comes from: of the peer, or what a trusted proxy says of its own peer."""
    told: str | None = scope.get(_CLIENT)
    return told if told is not None else _peer(scope)


def counted_as(scope: ASGIScope) -> str:
    """By what a client without a name is counted: its address, of IPv6 the network that it may choose addresses in."""
    address = client_of(scope)
    try:
        known = _plain(address)
    except ValueError:  # a socket of this machine, or the client of a test
        return address
    return str(IPv6Address(int(known) >> _OWN << _OWN)) if isinstance(known, IPv6Address) else str(known)


def is_trusted(scope: ASGIScope, proxies: Collection[Network]) -> bool:
    """Whether the peer itself, not what it tells of others, is one of the proxies."""
    return within(scope.get("client"), proxies)


class Forwarded:
    """ASGI middleware; see the module's docstring. Sets the scheme, and the address for ``client_of``."""

    def __init__(self, app: App, proxies: Collection[Network] = ()) -> None:
        self._app = app
        self._proxies = tuple(proxies)

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            trusted = is_trusted(scope, self._proxies)
            if trusted:
                self._believe(scope)
            scope["headers"] = [
                (name, value)
                for name, value in scope["headers"]
                if name not in _ABOUT_THE_WAY and (trusted or not name.startswith(b"x-forwarded-"))
            ]
        await self._app(scope, receive, send)

    def _believe(self, scope: ASGIScope) -> None:
        schemes = every(scope, b"x-forwarded-proto")
        if len(schemes) == 1 and schemes[0] in (b"http", b"https"):
            scope["scheme"] = schemes[0].decode()
        # Each proxy adds its peer at the end; what stands before the last stranger, that stranger may have made up.
        told = b",".join(every(scope, b"x-forwarded-for")).decode("latin-1").split(",")
        for address in reversed([one.strip() for one in told]):
            try:
                known = str(_plain(address))
            except ValueError:
                return
            scope[_CLIENT] = known
            if not within((known, 0), self._proxies):
                return


def _peer(scope: ASGIScope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def within(client: tuple[str, int] | None, networks: Collection[Network]) -> bool:
    """Whether an address, as a server names its peer, is in one of the networks."""
    try:
        known = _plain(client[0] if client else "")
    except ValueError:  # a socket of this machine, or the client of a test
        return False
    return any(known in network for network in networks)


def _plain(address: str) -> IPv4Address | IPv6Address:
    """An address; of IPv4 also where a listener for both protocols writes it as one of IPv6."""
    known = ip_address(address)
    return (known.ipv4_mapped or known) if isinstance(known, IPv6Address) else known
