"""What the shop does later."""
