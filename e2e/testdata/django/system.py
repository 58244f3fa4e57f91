"""The part of a Django system that shares its database with Roster.

usage: system.py COMMAND [WORD...], with Roster's settings of the database in
the environment. Each command prints what it has found or done, one a line.
"""

import importlib.util
import os
import sys

import django
from django.conf import settings


def database():
    if os.environ.get("DB_ENGINE") != "mysql":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DB_NAME"]}
    names = {"NAME": "DB_NAME", "USER": "DB_USER", "PASSWORD": "DB_PASSWORD", "HOST": "DB_HOST", "PORT": "DB_PORT"}
    found = {name: os.environ.get(variable, "") for name, variable in names.items()}
    if not importlib.util.find_spec("MySQLdb"):
        import pymysql

        pymysql.version_info = (2, 2, 1, "final", 0)
        pymysql.install_as_MySQLdb()
        found["PASSWORD"] = found["PASSWORD"].encode()  # a text it would take for latin-1
    return {"ENGINE": "django.db.backends.mysql", "OPTIONS": {"charset": "utf8mb4"}, **found}


beat = ["django_celery_beat"] if importlib.util.find_spec("django_celery_beat") else []
settings.configure(
    SECRET_KEY="only for tests",
    INSTALLED_APPS=["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", *beat, "users"],
    DATABASES={"default": database()},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
    SILENCED_SYSTEM_CHECKS=["admin.E403", "admin.E404", "admin.E406", "admin.E408", "admin.E409", "admin.E410"],
)
django.setup()

from django.contrib.auth import authenticate, get_user_model  # noqa: E402
from django.contrib.auth.models import Permission  # noqa: E402
from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from users.models import TUser  # noqa: E402


def migrate(*words):
    """Run migrate; --check fails when there is anything to apply."""
    call_command("migrate", *words, verbosity=0)


def show(username):
    user = TUser.objects.get(username=username)
    print(user.id, user.email, user.is_active, user.created_at.utcoffset(), user.updated_at >= user.created_at)


def create(username):
    print(TUser.objects.create(username=username, email=username + "@example.com", phone=None).id)


def rename(username, first_name):
    user = TUser.objects.get(username=username)
    user.first_name = first_name
    user.save()


def staff(username):
    get_user_model().objects.create_superuser(username, password="Corr3ct-horse-staple")


def login(username, password):
    print(authenticate(username=username, password=password))


def password(username, text):
    account = get_user_model().objects.get(username=username)
    account.set_password(text)
    account.save()


def rows():
    print(ContentType.objects.count(), Permission.objects.count())
    session = SessionStore()
    session["seen"] = "yes"
    session.save()
    print(SessionStore(session.session_key)["seen"])


def schedules():
    if beat:
        from django_celery_beat.models import PeriodicTask

        for task in PeriodicTask.objects.filter(crontab__isnull=False).order_by("id"):
            print(task.name, task.schedule)


globals()[sys.argv[1]](*sys.argv[2:])
