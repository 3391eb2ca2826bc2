"""`python -m lens.mail`: serve SMTP until SIGTERM."""

import asyncio
import os
import signal
import sys

from loguru import logger

from chassis.errors import ConfigurationError
from lens.mail.sink import listen
from lens.settings import MailSettings


async def serve(settings: MailSettings) -> None:
    """Listen until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = await listen(settings)
    logger.info("mail sink listens on {}:{}", *server.sockets[0].getsockname()[:2])
    await stop.wait()
    server.close()


def main() -> int:
    """Exit code: 0 after a signal, 1 when the port cannot be had, 78 for wrong settings (EX_CONFIG)."""
    try:
        asyncio.run(serve(MailSettings.from_environ(os.environ)))
    except ConfigurationError as error:
        logger.error("{}", error)
        return 78
    except OSError as error:
        logger.error("the mail sink cannot start: {}", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
