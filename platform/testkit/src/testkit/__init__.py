"""Real PostgreSQL, NATS and captured telemetry for the tests of every distribution."""
