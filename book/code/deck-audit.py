from analysis.deck import audit
from analysis.figures import claims

recomputed = audit.claims()  # each number that the deck prints, and what its own inputs give
print(recomputed.head())
chart = claims.printed_over_recomputed(recomputed)
chart
