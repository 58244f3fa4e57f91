"""Prints weaknesses.jsonl: what Django 4.2's password validators say.

    python3 make_weaknesses.py > weaknesses.jsonl

needs Django 4.2. Each line: a password, the username, first name, last name
and e-mail address of the account, the least length, and Django's [code, message] pairs.
"""
import json
import random

import django
from django.conf import settings

settings.configure(INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"])
django.setup()

from django.contrib.auth import password_validation as validation  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.exceptions import ValidationError  # noqa: E402

ACCOUNT = ("jdoe-smith", "Jöhn", "O'Neill", "john.doe@mail.example.com")
CHOSEN = [
    "password", "PASSWORD", " password ", "\u001cpassword\u00a0", "password1!xyzQ", "йцукен", "ЙЦУКЕН", "friend of emily", "12345678",
    "123456789012", "٠١٢٣٤٥٦٧٨٩٠١", "²³¹⁴⁵⁶⁷⁸⁹①②③", "½½½½½½½½½½½½", "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ", "1234 5678 9012", "x", "xxxxxxx", "xxxxxxxx",
    "xxxxxxxxxxx", "xxxxxxxxxxxx", "пароль-длинный", "🐎🔋", "Corr3ct-horse-staple", "jdoe", "jdoe1", "JDOE-SMITH", "htims-eodj", "smith",
    "smith12", "smith123", "smith1234", "SMITH-jdoe", "jöhn", "JÖHN123", "john", "o'neill", "neill", "neill9", "O_NEILL", "john.doe@mail",
    "mail.example.com", "example", "example1", "moc.elpmaxe", "exampleexample", "john.doe@mail.example.com", "x" * 100, "x" * 1000 + "jdoe", "jdoe" * 30,
]
OTHERS = [
    (("İstanbul", "", "", ""), ["i̇stanbul", "İSTANBUL", "istanbul", "istanbul1", "ıstanbul"]),
    (("ΟΔΥΣΣΕΥΣ", "", "", ""), ["οδυσσευς", "οδυσσευσ", "ΟΔΥΣΣΕΥΣ12"]),
    (("a", "b", "", "c@d.ee"), ["a", "b", "aaaaaaaaaa", "ab", "c", "ee", "eeee", "c@d.e", "dddddddddddd"]),
    (("under_score", "x²y", "½-full", "日本 太郎"), ["under", "score", "under_sc", "x²", "x²y", "½", "full", "日本", "太郎", "日本太郎"]),
    (("", "", "", ""), ["", "secret", "a very long sentence"]),
]


def answer(password, account, least):
    validators = [
        validation.UserAttributeSimilarityValidator(), validation.MinimumLengthValidator(least),
        validation.CommonPasswordValidator(), validation.NumericPasswordValidator()]
    user = User(**dict(zip(("username", "first_name", "last_name", "email"), account)))
    try:
        validation.validate_password(password, user, validators)
    except ValidationError as error:
        return [[e.code, e.messages[0]] for e in error.error_list]
    return []


def cases():
    draw = random.Random(42)
    for password in CHOSEN:
        yield password, ACCOUNT
    for account, passwords in OTHERS:
        for password in passwords:
            yield password, account
    for _ in range(150):
        base = list(draw.choice(ACCOUNT))
        draw.shuffle(base)
        kept = base[:draw.randint(1, len(base))] + [draw.choice("abz19-") for _ in range(draw.randint(0, 6))]
        yield "".join(kept), ACCOUNT


for least in (8, 12, 1):
    for password, account in cases():
        if least == 8 or len(password) < 12:
            print(json.dumps([password, *account, least, answer(password, account, least)]))
