from analysis.figures import utilization

chart = utilization.against_prediction()
chart
