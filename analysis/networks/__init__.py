"""Small neural networks in NumPy: the forward passes that the chapters open up, one part a module."""
