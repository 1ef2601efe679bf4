"""How the text of PDF pages is put in order: lines, columns, what repeats on every page, headings, paragraphs."""
