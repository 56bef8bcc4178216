"""What an operator does to a stack, on AWS or emulated: keys, pauses, usage, diagnosis, deletion, smoke tests."""
