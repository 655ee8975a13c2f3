"""Another one."""

print("sold")  # ran
