"""Keys and octets that look random and are the same in every run.

Nearly every value has a chance in some hundred to look like another mistake than the one a test
made: a replaced letter can be the same letter in capitals. A suite that draws new keys each time
then fails now and then, on nobody's change. With `ASSERTCHECK_TEST_SEED` set to any word the whole
suite draws others (and `hypothesis` looks for new examples): that is how such cases are found.
"""

import math
import os
import random
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa, x25519

SEED = os.environ.get("ASSERTCHECK_TEST_SEED", "")

_SPAN = 4096
"""So many odd numbers are sieved at a time: four times as many as it takes to meet a prime."""
_E = 65537


def octets(name: str, count: int) -> bytes:
    return _source(name).randbytes(count)


def ec_key(name: str, curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    curve = curve or ec.SECP256R1()
    # A bit shorter than the curve, which keeps it below the order of each.
    value = _source(f"{name} {curve.name}").getrandbits(curve.key_size - 1)
    return ec.derive_private_key(value, curve)


def ed25519_key(name: str = "app") -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.from_private_bytes(octets(name, 32))


def ed448_key(name: str = "app") -> ed448.Ed448PrivateKey:
    return ed448.Ed448PrivateKey.from_private_bytes(octets(name, 57))


def x25519_key(name: str = "app") -> x25519.X25519PrivateKey:
    return x25519.X25519PrivateKey.from_private_bytes(octets(name, 32))


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    source = _source(f"{name} {bits}")
    # The larger one first, as OpenSSL has them.
    q, p = sorted(_prime(source, size) for size in (bits - bits // 2, bits // 2))
    d = pow(_E, -1, math.lcm(p - 1, q - 1))
    return rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa.rsa_crt_dmp1(d, p),
        dmq1=rsa.rsa_crt_dmq1(d, q),
        iqmp=rsa.rsa_crt_iqmp(p, q),
        public_numbers=rsa.RSAPublicNumbers(_E, p * q),
    ).private_key()


def _source(name: str) -> random.Random:
    return random.Random(f"{SEED} {name}")


def _prime(source: random.Random, bits: int) -> int:
    """A prime whose two highest bits are set, so that the product of two has no bit less."""
    while True:
        start = source.getrandbits(bits) | 3 << bits - 2 | 1
        for at, is_composite in enumerate(_sieve(start)):
            number = start + 2 * at
            if not is_composite and number % _E != 1 and pow(2, number - 1, number) == 1:
                return number


def _sieve(start: int) -> bytearray:
    """Which of the odd numbers from `start` a small prime divides."""
    marks = bytearray(_SPAN)
    for prime in _small_primes():
        first = -start * pow(2, -1, prime) % prime
        marks[first::prime] = b"\1" * len(range(first, _SPAN, prime))
    return marks


@cache
def _small_primes() -> tuple[int, ...]:
    return tuple(n for n in range(3, 8000, 2) if all(n % d for d in range(3, math.isqrt(n) + 1, 2)))
