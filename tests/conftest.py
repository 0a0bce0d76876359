"""What holds for all tests: few collections of garbage, and examples that are the same in every run and take their time."""

import gc

from hypothesis import HealthCheck, settings

gc.set_threshold(200_000, 50, 50)  # the tests make many nodes that live, and little garbage that refers to itself
settings.register_profile("same", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("same")


def pytest_sessionfinish() -> None:
    """What the tests leave is not looked through again, by pytest's last collections of garbage nor by those of the interpreter."""
    gc.freeze()
