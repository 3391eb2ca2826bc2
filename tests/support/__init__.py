"""What the cross-service tests share."""
