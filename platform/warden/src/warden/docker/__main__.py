"""``python -m warden.docker``: keep the containers of this project until told to stop."""

import asyncio
import os

from warden.docker.run import run
from warden.docker.settings import Settings

if __name__ == "__main__":
    asyncio.run(run(Settings.from_environ(os.environ)))
