"""Prints hashes.jsonl: password hashes that Django 4.2 makes.

    python3 make_hashes.py > hashes.jsonl

needs Django 4.2, argon2-cffi and bcrypt. Each line is a password and its hash.
"""
import json

from django.conf import settings

settings.configure(PASSWORD_HASHERS=[
    "django.contrib.auth.hashers." + name for name in (
        "PBKDF2PasswordHasher", "PBKDF2SHA1PasswordHasher", "Argon2PasswordHasher",
        "BCryptSHA256PasswordHasher", "ScryptPasswordHasher")])

from django.contrib.auth import hashers  # noqa: E402

PASSWORDS = ["lètmein", "", "пароль", "x" * 200, "a\0b", "🐎 battery $taple", " spaces "]


def argon2(memory, time, lanes):
    hasher = hashers.Argon2PasswordHasher()
    hasher.memory_cost, hasher.time_cost, hasher.parallelism = memory, time, lanes
    return lambda password: hasher.encode(password, hasher.salt())


def pbkdf2(kind, iterations, salt=None):
    return lambda password: kind().encode(password, salt or kind().salt(), iterations)


def scrypt(n, r, p):
    hasher = hashers.ScryptPasswordHasher()
    return lambda password: hasher.encode(password, hasher.salt(), n=n, r=r, p=p)


def bcrypt(rounds):
    hasher = hashers.BCryptSHA256PasswordHasher()
    hasher.rounds = rounds
    return lambda password: hasher.encode(password, hasher.salt())


def lines():
    for password in PASSWORDS:
        yield password, argon2(512, 2, 2)(password)
        yield password, pbkdf2(hashers.PBKDF2PasswordHasher, 1000)(password)
        yield password, pbkdf2(hashers.PBKDF2SHA1PasswordHasher, 1000)(password)
        yield password, scrypt(64, 8, 1)(password)
        yield password, bcrypt(4)(password)
    yield "lètmein", argon2(19456, 2, 1)("lètmein")
    yield "lètmein", pbkdf2(hashers.PBKDF2PasswordHasher, 1, "seasalt")("lètmein")
    yield "lètmein", scrypt(32, 4, 3)("lètmein")
    for name in ("argon2", "pbkdf2_sha256", "pbkdf2_sha1", "scrypt", "bcrypt_sha256"):  # Django's own parameters
        yield "lètmein", hashers.make_password("lètmein", hasher=name)


for password, encoded in lines():
    assert hashers.check_password(password, encoded)
    print(json.dumps([password, encoded]))
