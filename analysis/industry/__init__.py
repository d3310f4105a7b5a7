"""The industry chain: what accelerators need around them, who makes it, and what there is to be had."""
