from analysis import facts
from analysis.figures import export_rules

chips = facts.read("accelerators").set_index("chip")
print(chips.loc[["A100 SXM4 80GB", "H100 SXM5", "H20"]].T.head(12))
chart = export_rules.links()
chart
