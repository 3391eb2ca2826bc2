"""What every Pharos service process runs on."""
