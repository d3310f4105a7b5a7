"""What makes files of the built book: a PDF, and a zip of its pages."""
