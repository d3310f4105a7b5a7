"""What chips cost, and what a run of them takes in time, energy and dollars."""
