#!/usr/bin/env python3
"""Checks a checkpoint of trueup (a C2SP signed note) without trueup: python3 checkpoint.py VKEY FILE

Prints origin, size and root if FILE is signed with the key, and fails otherwise. It uses nothing but the standard library; the
Ed25519 of RFC 8032 is short, slow, and only for checking.
"""

import base64
import hashlib
import sys

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def add(a, b):
    """The sum of two points in extended coordinates (RFC 8032, 5.1.4)."""
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    m, n = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(number, point):
    result = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = add(result, point)
        point, number = add(point, point), number >> 1
    return result


def decode(data):
    """The point of 32 bytes (RFC 8032, 5.1.3)."""
    y, sign = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    if y >= P:
        raise ValueError("no point")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - square) % P or (x == 0 and sign):
        raise ValueError("no point")
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


BASE = decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def verifies(key, message, signature):
    """Whether it is the signature of a message by a key (RFC 8032, 5.1.7)."""
    if len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= ORDER:
        return False
    try:
        public, r = decode(key), decode(signature[:32])
    except ValueError:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    (x1, y1, z1, _), (x2, y2, z2, _) = times(s, BASE), add(r, times(h, public))
    return (x1 * z2 - x2 * z1) % P == 0 and (y1 * z2 - y2 * z1) % P == 0


def main(vkey, file):
    name, key_id, key = vkey.split("+", 2)
    key = base64.b64decode(key, validate=True)
    digest = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    if key[0] != 1 or len(key) != 33 or digest.hex() != key_id:
        sys.exit("no key of Ed25519")
    with open(file, "rb") as opened:
        note = opened.read()
    text, _, signatures = note.rpartition(b"\n\n")
    text += b"\n"
    found = 0
    for line in signatures.decode().removesuffix("\n").split("\n"):
        dash, signer, encoded = line.split(" ")
        signature = base64.b64decode(encoded, validate=True)
        if dash != "\u2014":
            sys.exit("no line of a signature")
        if signer == name and signature[:4] == digest:
            if not verifies(key[1:], text, signature[4:]):
                sys.exit("the signature is wrong")
            found += 1
    if not found:
        sys.exit("not signed with this key")
    origin, size, root = text.decode().split("\n")[:3]
    if origin != name or len(base64.b64decode(root, validate=True)) != 32:
        sys.exit("no checkpoint of this log")
    print(origin, int(size), root)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
