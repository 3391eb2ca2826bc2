import subprocess
import sys

import pytest

HEAVY = ("litestar", "piccolo", "asyncpg", "aiohttp", "opentelemetry.sdk", "granian", "nats")


@pytest.mark.parametrize("module", ["chassis.telemetry", "chassis.correlation", "chassis.telemetry.asgi"])
def test_a_process_that_only_wants_telemetry_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_lines_gathered_by_a_loop_are_not_lost_when_the_process_ends() -> None:
    code = """
import asyncio
from chassis.telemetry import TelemetrySettings, configure, log
async def main():
    telemetry = configure(TelemetrySettings(service="s", instance="s-1"))
    await telemetry.start()
    log.info("last words")
    await telemetry.shutdown()
    log.info("after the end")
asyncio.run(main())
"""
    lines = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    assert ["last words" in lines[0], "after the end" in lines[1]] == [True, True]
