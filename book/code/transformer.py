from analysis.figures import transformer
from analysis.models import ledger
from analysis.networks import translator

print(f"{ledger.parameters(translator.ARCHITECTURE):,} parameters")
print(translator.text(translator.translate("three hundred and twenty-one")))
chart = transformer.architecture(translator.ARCHITECTURE)
chart
