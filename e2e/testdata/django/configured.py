"""Django with the apps of the system, on the database of Roster's settings."""

import importlib.util
import os

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
