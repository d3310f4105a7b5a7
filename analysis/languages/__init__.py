"""What notes, and the charts that they share with chapters, say in each language."""
