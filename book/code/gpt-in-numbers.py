from analysis.figures import tasks

chart = tasks.gains()  # the tables of GPT-3's paper, task by task
chart
