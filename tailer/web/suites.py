"""The names that Go gives to cipher suites and curves, and OpenSSL's for them. A table, nothing else."""

from __future__ import annotations

_SIGNED = ("ECDSA", "RSA")
OPENSSL_NAMES = {
    **{f"TLS_ECDHE_{kind}_WITH_AES_128_GCM_SHA256": f"ECDHE-{kind}-AES128-GCM-SHA256" for kind in _SIGNED},
    **{f"TLS_ECDHE_{kind}_WITH_AES_256_GCM_SHA384": f"ECDHE-{kind}-AES256-GCM-SHA384" for kind in _SIGNED},
    **{f"TLS_ECDHE_{kind}_WITH_CHACHA20_POLY1305_SHA256": f"ECDHE-{kind}-CHACHA20-POLY1305" for kind in _SIGNED},
    **{f"TLS_ECDHE_{kind}_WITH_CHACHA20_POLY1305": f"ECDHE-{kind}-CHACHA20-POLY1305" for kind in _SIGNED},
    **{f"TLS_ECDHE_{kind}_WITH_AES_128_CBC_SHA": f"ECDHE-{kind}-AES128-SHA" for kind in _SIGNED},
    **{f"TLS_ECDHE_{kind}_WITH_AES_256_CBC_SHA": f"ECDHE-{kind}-AES256-SHA" for kind in _SIGNED},
}
"""Suites of TLS 1.2 that https://pkg.go.dev/crypto/tls#CipherSuites holds to be secure."""

TLS13_SUITES = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
"""Suites of TLS 1.3: always on, as in Go."""

CURVES = {"CurveP256": "prime256v1", "CurveP384": "secp384r1", "CurveP521": "secp521r1"}
