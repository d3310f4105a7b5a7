from analysis.figures import supply as figures
from analysis.industry import supply

work = supply.same_work(supply.COMPARED)  # one model, one prompt, one answer, on each chip
print(work.head())
chart = figures.same_work(work)
chart
