"""Load the demo customer: `python -m accounts.seed`, as often as wanted."""

import asyncio
import os
from collections.abc import Mapping
from uuid import UUID

from accounts import handlers
from accounts.errors import EmailTaken
from accounts.passwords import Passwords
from chassis.environment import Environment
from chassis.persistence import Database, DatabaseSettings
from chassis.settings import ChassisSettings

DEMO_CUSTOMER = UUID("018f6b7e-6d0a-7c3e-9b55-2f4f1f7f0001")
DEMO_EMAIL = "demo@pharos.example"
DEMO_NAME = "Demo Customer"


async def seed(environ: Mapping[str, str]) -> None:
    """Register the demo customer, unless it is there.

    Raises:
        ConfigurationError: a variable is missing or wrong.
        InvalidInput: the demo password breaks the password policy.
    """
    settings = ChassisSettings.from_environ(environ)
    password = Environment(environ).required_secret("PHAROS_DEMO_PASSWORD").reveal()
    passwords = Passwords(parallel=1, patience=60)
    async with Database(DatabaseSettings.from_chassis(settings)):
        try:
            await handlers.register(
                email=DEMO_EMAIL, password=password, name=DEMO_NAME, passwords=passwords, customer_id=DEMO_CUSTOMER
            )
        except EmailTaken:
            return


if __name__ == "__main__":
    asyncio.run(seed(os.environ))
