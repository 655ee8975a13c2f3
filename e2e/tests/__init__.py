"""End-to-end tests of the Conduit backend, a file per feature, over real HTTP from the test process."""
