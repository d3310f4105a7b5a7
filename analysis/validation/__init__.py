"""Predictions held against published runs, each with its own source held out."""
