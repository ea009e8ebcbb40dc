"""What a script beside it imports."""
