"""Nobody imports this one."""

never = "imported"
