"""An OpenID provider over real HTTP, for tests: discovery, authorization, token, keys.

It does what OpenID Connect asks of one: a code holds once, for the client, the redirect address and the PKCE verifier
that it was made for. ``Provider.next_token`` and the other attributes let a test make it err or lie.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

CLIENT, SECRET = "plan-assistant", "a client secret of 32 characters"
ALGORITHMS = ("RS256", "PS256", "ES256", "Ed25519", "HS256", "none")

_KEYS: dict[str, Key] = {}


def key(kind: str) -> Key:
    """A key of a kind, made once: drawing RSA keys takes long."""
    if kind not in _KEYS:
        maker: Callable[[], Key] = {
            "rsa": lambda: RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig"}),
            "rsa2": lambda: RSAKey.generate_key(2048, {"kid": "rsa-2", "use": "sig"}),
            "ec": lambda: ECKey.generate_key("P-256", {"kid": "ec-1", "use": "sig"}),
            "ed": lambda: OKPKey.generate_key("Ed25519", {"kid": "ed-1", "use": "sig"}),
        }[kind]
        _KEYS[kind] = maker()
    return _KEYS[kind]


@dataclass
class Provider:
    """One running provider. Who is "logged in" at it is ``claims``."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "7", "preferred_username": "王芳", "groups": []})
    keys: list[Key] = field(default_factory=lambda: [key("rsa"), key("ec"), key("ed")])
    signer: Key = field(default_factory=lambda: key("rsa"))
    alg: str = "RS256"
    deny: str = ""  # the error of the authorization endpoint
    metadata: dict[str, Any] = field(default_factory=dict)  # what discovery says beside or instead
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)  # by path, instead of its own
    slow: float = 0.0  # seconds before each answer
    # Changes the claims of the next tokens, or makes their text.
    next_token: Callable[[dict[str, Any]], str | dict[str, Any]] | None = None
    asked: list[str] = field(default_factory=list)  # "METHOD path" of every request
    sent: list[dict[str, str]] = field(default_factory=list)  # what the token endpoint was sent
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/end",
            "id_token_signing_alg_values_supported": list(ALGORITHMS),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            **self.metadata,
        }

    def id_token(self, nonce: str, **other: Any) -> str:
        """An ID token as it should be, with some claims otherwise."""
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce, **self.claims}
        return self.signed({name: value for name, value in {**claims, **other}.items() if value is not ...})

    def signed(self, claims: dict[str, Any], **header: Any) -> str:
        if self.alg == "none":
            parts = ({"alg": "none", "typ": "JWT", **header}, claims)
            return ".".join(_packed(json.dumps(part).encode()) for part in parts) + "."
        if self.alg == "HS256":
            # The public key, as everybody can fetch it, taken for a secret that both know.
            pem = self.signer.as_pem(private=False)
            return hmac_token({"alg": "HS256", "kid": self.signer.kid, **header}, claims, pem)
        said = {"alg": self.alg, "kid": self.signer.kid, **header}
        said = {name: value for name, value in said.items() if value is not None}
        if self.alg == "RS256":  # also what a library would not write
            return rsa_token(said, claims, self.signer)
        return jwt.encode(said, claims, self.signer, registry=JWSRegistry(algorithms=[self.alg]))

    def reset(self) -> None:
        """As it was at the beginning; codes that are out are forgotten."""
        fresh = Provider(self.issuer)
        for name in vars(fresh):
            setattr(self, name, getattr(fresh, name))

    # -- the endpoints -----------------------------------------------------------------------------------------

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent back to."""
        assert query["response_type"] == "code" and query["client_id"] == CLIENT, query
        assert query["code_challenge_method"] == "S256" and query["nonce"] and query["state"], query
        if self.deny:
            said = {"error": self.deny, "error_description": "<script>alert(1)</script>", "state": query["state"]}
            return f"{query['redirect_uri']}?{urlencode(said)}"
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state'], 'iss': self.issuer})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        self.sent.append({**form, "authorization": authorization})
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        posted = form.get("client_id") == CLIENT and form.get("client_secret") == SECRET
        if authorization != f"Basic {basic}" and not posted:
            return 401, {"error": "invalid_client"}
        begun = self.codes.pop(form.get("code", ""), None)
        if begun is None or form.get("redirect_uri") != begun["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        challenge = _packed(sha256(form.get("code_verifier", "").encode()).digest())
        if challenge != begun["code_challenge"] or form.get("grant_type") != "authorization_code":
            return 400, {"error": "invalid_grant"}
        access, made = secrets.token_urlsafe(), self.id_token(begun["nonce"])
        if self.next_token is not None:
            changed = self.next_token(json.loads(_unpacked(made.split(".")[1])))
            made = changed if isinstance(changed, str) else self.signed(changed)
        return 200, {"access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": made}


def hmac_token(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    """A token with HMAC and any bytes for a secret: a library would warn of what looks like a public key."""
    import hmac

    said = ".".join(_packed(json.dumps(part).encode()) for part in (header, claims))
    return f"{said}.{_packed(hmac.new(secret, said.encode(), 'sha256').digest())}"


def rsa_token(header: dict[str, Any], claims: dict[str, Any], signer: Key) -> str:
    """A token with RS256 and any header."""
    said = ".".join(_packed(json.dumps(part).encode()) for part in (header, claims))
    assert isinstance(signer, RSAKey)
    return f"{said}.{_packed(signer.private_key.sign(said.encode(), PKCS1v15(), SHA256()))}"


def _packed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        self._answer("")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode())

    def _answer(self, body: str) -> None:
        provider, parts = self.provider, urlsplit(self.path)
        provider.asked.append(f"{self.command} {parts.path}")
        time.sleep(provider.slow)
        form = {name: values[0] for name, values in parse_qs(body or parts.query).items()}
        if parts.path in provider.answers:
            self._send(*provider.answers[parts.path])
        elif parts.path == "/.well-known/openid-configuration":
            self._json(200, provider.discovery())
        elif parts.path == "/keys":
            self._json(200, KeySet(provider.keys).as_dict(private=False))
        elif parts.path == "/authorize":
            self._send(302, {"Location": provider.authorize(form)}, b"")
        elif parts.path == "/token" and self.command == "POST":
            self._json(*provider.token(form, self.headers.get("Authorization", "")))
        else:
            self._send(404, {}, b"")

    def _json(self, status: int, value: object) -> None:
        self._send(status, {"Content-Type": "application/json"}, json.dumps(value).encode())

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def running() -> Iterator[Provider]:
    """A provider on a free port of 127.0.0.1, ended with the block."""
    provider = Provider()
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)
