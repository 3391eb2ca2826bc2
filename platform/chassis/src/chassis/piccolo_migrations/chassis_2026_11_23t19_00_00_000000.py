from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from chassis.tables import Outbox

ID = "2026-11-23T19:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Indexes for the relay, its clean-up and the dead letters"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="chassis", description=DESCRIPTION)

    async def add_indexes():
        await Outbox.raw("CREATE INDEX outbox_unsent ON outbox (position) WHERE published_at IS NULL")
        await Outbox.raw("CREATE INDEX outbox_sent ON outbox (published_at) WHERE published_at IS NOT NULL")
        await Outbox.raw("CREATE INDEX dead_letter_dead ON dead_letter (dead_at) WHERE dead_at IS NOT NULL")

    async def drop_indexes():
        await Outbox.raw("DROP INDEX outbox_unsent, outbox_sent, dead_letter_dead")

    manager.add_raw(add_indexes)
    manager.add_raw_backwards(drop_indexes)
    return manager
