"""From a step to a run: days, chip-hours, energy and cost, as plain arithmetic of its arguments.

Each formula takes floats, arrays or symbols, like those of analysis/scenarios/sizing.py; the sources of what goes in are those
of the data that a caller reads: data/facility.csv for power and electricity, data/gpu_prices.csv for rents. What owning costs
is in `analysis.economics.ownership`.
"""

from analysis.arrays import PerCase

# Whole, so that symbols keep them exact.
HOUR = 3600
DAY = 86400


def is_benchmark(tokens: PerCase, active_parameters: PerCase) -> PerCase:
    """Say of a whole run whether it only shows how fast a machine trains, as submissions to MLPerf do: fewer tokens than
    parameters, so hours where a model that is meant to be used takes weeks."""
    return tokens < active_parameters


def goodput(chips: PerCase, loss_exponent: PerCase) -> PerCase:
    """Share of wall-clock time in which a run makes progress: what failures, restarts, evaluation and idling leave.

    A power of the number of chips: twice the chips, a constant share less. One chip loses nothing. The exponent also
    holds what runs lose to plans that are not the best; see `loss_exponent` in analysis/training/constants.py.
    """
    return chips**-loss_exponent


def wall_clock_seconds(tokens: PerCase, tokens_per_second: PerCase, goodput: PerCase) -> PerCase:
    """Seconds from the first to the last of `tokens`, where steps alone pass `tokens_per_second`."""
    return tokens / (tokens_per_second * goodput)


def chip_hours(wall_clock_seconds: PerCase, chips: PerCase) -> PerCase:
    """Hours of all chips together."""
    return wall_clock_seconds * chips / HOUR


def energy_joules(chip_hours: PerCase, chip_watts: PerCase, server_share: PerCase, power_usage_effectiveness: PerCase) -> PerCase:
    """Energy of a run, in J: chips at `chip_watts`, with the rest of the server and the building.

    `server_share` is the power of a server over that of its chips, `power_usage_effectiveness` that of the building
    over that of its servers.
    """
    return chip_hours * HOUR * chip_watts * server_share * power_usage_effectiveness


def rental_cost(chip_hours: PerCase, dollars_per_chip_hour: PerCase) -> PerCase:
    """Dollars to rent the chips."""
    return chip_hours * dollars_per_chip_hour
