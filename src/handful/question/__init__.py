"""What is asked, and the plan that is fixed before the answer."""
