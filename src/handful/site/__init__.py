"""Pages: what each needs as plain values, templates, drawings, and the writing of files."""
