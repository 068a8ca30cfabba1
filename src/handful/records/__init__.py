"""What was reported, and where it says so."""
