"""Where a treatment stands among the alternatives."""
