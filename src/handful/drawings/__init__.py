"""The drawings of a question, each by its name, for papers and talks: made from the records and the answer alone."""
