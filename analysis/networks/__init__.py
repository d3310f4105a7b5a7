"""Small neural networks in plain NumPy: each forward pass is short enough to be read as part of the lesson."""
