"""The deck itself: its claims audited, its figures mapped, its two estimates taken apart."""
