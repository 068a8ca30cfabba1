"""The review for other programs: references, tables with their schemas, one file that makes the site again."""
