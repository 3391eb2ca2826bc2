"""Messages to customers: one for each event that concerns them."""
