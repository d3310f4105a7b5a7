"""Scripts that train the small networks of the report with PyTorch; the report itself only reads what they write."""
