"""The scheduler of django-celery-beat on the database that Roster shares with it.

usage: beat.py COMMAND [WORD...], with Roster's settings of the database in the
environment. answer prints a line of JSON for each schedule; orm makes schedules
as Django's forms would.
"""

import configured  # noqa: F401  # before all that needs Django's settings
import datetime
import json
import random
import sys
from decimal import Decimal

from celery import Celery
from django.core.exceptions import ValidationError
from django.utils import timezone
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry

utc = datetime.timezone.utc
app = Celery("system", broker="memory://", set_as_current=True)
app.conf.update(result_expires=None, enable_utc=True)

AFTER = [
    datetime.datetime(2026, 11, 20, 12, 0, tzinfo=utc),
    datetime.datetime(2027, 3, 13, 23, 59, 30, tzinfo=utc),
    datetime.datetime(2028, 2, 28, 4, 17, 1, tzinfo=utc),
]


def following(model, after):
    """The next run, as the scheduler computes it; None where clocks skip it."""
    schedule = model.schedule
    if not model.crontab:
        schedule.nowfun = lambda: after
        return after + schedule.remaining_estimate(after)
    local = after.astimezone(schedule.tz)
    schedule.nowfun = lambda: local
    last, delta, _ = schedule.remaining_delta(local)
    found = last + delta
    shown = found.astimezone(utc).astimezone(schedule.tz)
    return found if shown.replace(tzinfo=None) == found.replace(tzinfo=None) else None


def faults(model):
    """What Django's forms say of a schedule."""
    found = []
    for part in (model.crontab or model.interval or model.solar or model.clocked, model):
        try:
            part.full_clean(validate_unique=False)
        except ValidationError as error:
            found.append(str(error))
    return found


def answer():
    """Load and run every enabled schedule, and print what became of each."""
    scheduler = DatabaseScheduler(app=app)
    loaded = scheduler.schedule
    for model in PeriodicTask.objects.order_by("id"):
        line = {"name": model.name, "loaded": model.name in loaded, "enabled": model.enabled, "faults": faults(model), "next": [], "error": ""}
        try:
            entry = ModelEntry(model, app=app)
            entry.is_due()
            scheduler.apply_async(entry, advance=False)
            line["next"] = [at and at.astimezone(utc).isoformat() for at in (following(model, after) for after in AFTER)]
        except Exception as error:
            line["error"] = repr(error)
        print(json.dumps(line))
    for _ in range(2 * len(loaded) + 10):
        if scheduler.tick() > 1:
            break
    scheduler.sync()


def numbers(rnd, least, most, names=()):
    """A column of a crontab."""

    def number():
        return rnd.choice(names) if names and rnd.random() < 0.3 else str(rnd.randint(least, most))

    def item():
        form = rnd.randrange(6)
        if form == 0:
            return "*"
        if form == 1:
            return f"*/{rnd.randint(1, most)}"
        if form < 4:
            return number()
        ends = sorted(rnd.randint(least, most) for _ in range(2))
        return f"{ends[0]}-{ends[1]}" + (f"/{rnd.randint(1, most)}" if form == 5 else "")

    return "*" if rnd.random() < 0.3 else ",".join(item() for _ in range(rnd.choice([1, 1, 1, 2, 4])))


def crontab(rnd):
    zones = sorted(str(zone) for zone, _ in CrontabSchedule._meta.get_field("timezone").choices)
    zones.remove("localtime") if "localtime" in zones else None
    return CrontabSchedule(
        minute=numbers(rnd, 0, 59),
        hour=numbers(rnd, 0, 23),
        day_of_week=numbers(rnd, 0, 7, ["mon", "TUE", "sun"]),
        day_of_month=numbers(rnd, 1, 31),
        month_of_year=numbers(rnd, 1, 12, ["jan", "Dec"]),
        timezone=rnd.choice(zones),
    )


def interval(rnd):
    period = rnd.choice(["days", "hours", "minutes", "seconds", "microseconds"])
    return IntervalSchedule(every=rnd.randint(1, 10 ** rnd.randint(1, 4 if period == "days" else 6)), period=period)


def solar(rnd):
    event = rnd.choice([name for name, _ in SolarSchedule._meta.get_field("event").choices])
    degrees = [Decimal(rnd.randint(-90 * 10**6, 90 * 10**6)) / 10**6, Decimal(rnd.randint(-180 * 10**6, 180 * 10**6)) / 10**6]
    return SolarSchedule(event=event, latitude=degrees[0], longitude=degrees[1])


def clocked(rnd):
    return ClockedSchedule(clocked_time=timezone.now() + datetime.timedelta(seconds=rnd.randint(3600, 10**9)))


TASKS = [
    ("users.tasks.cleanup_inactive_users", "[365]", "{}"),
    ("users.tasks.cleanup_inactive_users", "[]", '{"days": 30}'),
    ("users.tasks.generate_daily_report", "[]", "{}"),
    ("users.tasks.scheduled_backup_reminder", "[]", "{}"),
    ("users.tasks.send_welcome_email_task", "[1]", ""),
    ("users.tasks.send_bulk_notification", '["Hello", "World"]', '{"user_filter": {"is_active": true}}'),
]


def orm(count, seed):
    """Make random schedules that Django's forms accept, and that end no scheduler."""
    rnd = random.Random(int(seed))
    made = 0
    while made < int(count):
        kind = rnd.choice([crontab, crontab, interval, solar, clocked])
        part = kind(rnd)
        now = timezone.now()
        task, args, kwargs = rnd.choice(TASKS)
        model = PeriodicTask(
            name=f"orm {made}", task=task, args=args, kwargs=kwargs, description=rnd.choice(["", "é😀"]),
            enabled=rnd.random() < 0.9, one_off=kind is clocked or rnd.random() < 0.1,
            queue=rnd.choice([None, None, "low"]), priority=rnd.choice([None, 0, 9, 255]),
            start_time=rnd.choice([None, None, now - datetime.timedelta(days=rnd.randint(1, 4000))]),
            **{kind.__name__: part},
        )
        if rnd.random() < 0.2:
            model.expires = now + datetime.timedelta(days=20000)
        elif rnd.random() < 0.2:
            model.expire_seconds = rnd.randint(1, 10**6)
        try:
            part.full_clean()
            for after in [now, *AFTER, datetime.datetime(2027, 6, 21, tzinfo=utc), datetime.datetime(2027, 12, 21, tzinfo=utc)]:
                following(model, after)
        except ValueError:
            pass  # the scheduler leaves it out
        except (ValidationError, RuntimeError, OverflowError, TypeError):
            continue  # the forms refuse it, or it ends the scheduler
        part.save()
        model.full_clean()
        model.save()
        made += 1
    print(made)


globals()[sys.argv[1]](*sys.argv[2:])
