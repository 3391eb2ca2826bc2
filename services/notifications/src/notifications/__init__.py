"""Messages to customers, one for each event."""
