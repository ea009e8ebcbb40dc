"""What a person sees, looked at with a real browser."""
