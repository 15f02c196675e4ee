"""What a self-contained HTML page is made of: words, numbers, charts, tables, and one file."""
