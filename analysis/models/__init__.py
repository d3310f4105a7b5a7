"""A transformer as numbers: its shape, its ledger of operations, their FLOP, its memory, and how it is spread over chips."""
