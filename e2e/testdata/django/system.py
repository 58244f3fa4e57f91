"""The part of a Django system that shares its database with Roster.

usage: system.py COMMAND [WORD...], with Roster's settings of the database in
the environment. Each command prints what it has found or done, one a line.
"""

import sys

from configured import beat

from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from users.models import TUser


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
