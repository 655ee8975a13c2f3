"""What there is to sell."""
