"""Writing a new migration from what the tables have become since the last one."""

import contextlib
import io

from piccolo.apps.migrations.commands.new import NoChanges, _create_new_migration

from chassis.migrate.configuration import configure
from chassis.persistence.engine import bind
from chassis.persistence.settings import DatabaseSettings


async def create(service: str, description: str) -> str | None:
    """Write the migration into the service's `piccolo_migrations`; its path, or None when nothing has changed.

    The database is not asked: the difference is taken between the tables in code and the sum of the migrations.
    """
    # Nothing connects: the machinery only wants an engine to be there.
    settings = DatabaseSettings(service=service, host="127.0.0.1", port=5432, user=service, database=service)
    app = configure(settings)[-1]
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            made = await _create_new_migration(app_config=app, auto=True, description=description, auto_input="y")
    except NoChanges:
        return None
    finally:
        bind(None)
    return made.migration_path
