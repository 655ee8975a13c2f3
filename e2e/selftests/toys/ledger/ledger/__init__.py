"""A project of somebody's; copied and run by selftests."""
