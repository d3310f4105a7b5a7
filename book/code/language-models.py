from analysis.figures import model_growth

chart = model_growth.growth("training_flop", "GPT-1")
chart
