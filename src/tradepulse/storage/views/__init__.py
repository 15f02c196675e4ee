"""What screens read: several tables put together, computed anew for every answer."""
