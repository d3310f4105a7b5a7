from analysis.figures import memory
from analysis.models import architecture, ledger

model = architecture.load("GPT-3 175B")
print(f"{ledger.parameters(model):,} parameters, 16 bytes each in training with Adam")
chart = memory.over_64(model, 2048, "H100 SXM5")
chart
