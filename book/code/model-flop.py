from analysis.figures import ledger as figures
from analysis.models import architecture, ledger

model = architecture.load("GPT-3 175B")
print(f"{ledger.parameters(model):,} parameters")
chart = figures.by_operation(model, 2048)
chart
