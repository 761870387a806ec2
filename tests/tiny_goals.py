"""Goals that end immediately, one for each way a measurement can end."""

import os

from benchmarks.goals import Given, Result


def met(given: Given) -> Result:
    return Result("4.2 times", met=True, on="nothing", table=[{"part": "a|b", "seconds": "3"}])


def missed(given: Given) -> Result:
    return Result("0.4 times", met=False, on="nothing", table=[], remarks=("Why.",))


def partly(given: Given) -> Result:
    return Result("5 times, the rest not", met=None, on="nothing", table=[])


def needs_the_catalogue(given: Given) -> Result:
    given.check_real()
    return met(given)


def fails(given: Given) -> Result:
    raise ValueError("no such thing\nsecond line")


def is_killed(given: Given) -> Result:
    os._exit(9)
