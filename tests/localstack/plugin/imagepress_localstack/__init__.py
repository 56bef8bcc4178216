"""Puts processes where LocalStack wants Docker. It is found by its entry points."""
