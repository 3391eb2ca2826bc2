"""Writing a new migration from what the tables have become since the last one."""

from piccolo.apps.migrations.commands.new import NoChanges, _create_new_migration

from chassis.migrate.configuration import configure
from chassis.persistence.engine import bind
from chassis.persistence.settings import DatabaseSettings


async def create(settings: DatabaseSettings, name: str) -> str | None:
    """Write the migration into the service's `piccolo_migrations`; its path, or None when nothing has changed.

    The database is not asked: the difference is taken between the tables in code and the sum of the migrations.
    """
    app = configure(settings)[-1]
    try:
        made = await _create_new_migration(app_config=app, auto=True, description=name, auto_input="y")
    except NoChanges:
        return None
    finally:
        bind(None)
    return made.migration_path
