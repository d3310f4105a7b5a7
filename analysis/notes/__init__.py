"""Research notes: a scenario, held against another, as a page, a PDF and a live workbook; and their publication."""
