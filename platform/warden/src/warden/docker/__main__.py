"""``python -m warden.docker``: keep the containers of this project until told to stop."""

import asyncio
import os

from warden.docker.run import Settings, run
from warden.output import log_to_stderr

if __name__ == "__main__":
    log_to_stderr()
    asyncio.run(run(Settings.from_environ(os.environ)))
