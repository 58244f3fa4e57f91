"""A Django system with djangorestframework-simplejwt, as its documentation sets it up
with rotation and the blacklist.

Reads requests from standard input and prints their answers, each a line of JSON. The
database is in memory and has the accounts ann (1) and bob (2), who is not active.
The environment has SECRET_KEY and PASSWORD, that of both.
"""

import json
import os
import sys

import django
from django.conf import settings

settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "rest_framework",
        "rest_framework_simplejwt",
        "rest_framework_simplejwt.token_blacklist",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    },
    SIMPLE_JWT={"ROTATE_REFRESH_TOKENS": True, "BLACKLIST_AFTER_ROTATION": True},
    USE_TZ=True,
)
django.setup()

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.urls import path
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt import views


class Users(APIView):
    def get(self, request):
        return Response({})


urlpatterns = [
    path("api/token/", views.TokenObtainPairView.as_view()),
    path("api/token/refresh/", views.TokenRefreshView.as_view()),
    path("api/token/verify/", views.TokenVerifyView.as_view()),
    path("api/token/blacklist/", views.TokenBlacklistView.as_view()),
    path("api/users/", Users.as_view()),
]


def answer(client, request):
    headers = {"HTTP_ACCEPT": "application/json"}
    if request["Auth"]:
        headers["HTTP_AUTHORIZATION"] = request["Auth"]
    got = client.generic(request["Method"], request["Path"], request["Body"].encode(), request["Type"], **headers)
    return {"Status": got.status_code, "Body": got.content.decode(), "Headers": dict(got.headers)}


call_command("migrate", verbosity=0)
for name, active in ("ann", True), ("bob", False):
    get_user_model().objects.create_user(name, password=os.environ["PASSWORD"], is_active=active)
client = Client(raise_request_exception=False)
for line in sys.stdin:
    print(json.dumps(answer(client, json.loads(line))), flush=True)
