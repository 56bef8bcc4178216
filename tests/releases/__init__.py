"""What releases wrote, as files: a deployment meets what the one before wrote, a rollback what the next one did."""
