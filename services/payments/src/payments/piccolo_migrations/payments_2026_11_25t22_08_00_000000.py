from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from payments.tables import Payment

ID = "2026-11-25T22:08:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Index for authorisations that are held too long"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="payments", description=DESCRIPTION)

    async def add_index():
        await Payment.raw("CREATE INDEX payment_authorised ON payment (updated_at) WHERE status = 'authorised'")

    async def drop_index():
        await Payment.raw("DROP INDEX payment_authorised")

    manager.add_raw(add_index)
    manager.add_raw_backwards(drop_index)
    return manager
