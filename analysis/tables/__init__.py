"""Tables of the chapters, as DataFrames of text with units in their heads."""
