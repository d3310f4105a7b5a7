"""How sure a number is: intervals from errors, and what a result depends on."""
