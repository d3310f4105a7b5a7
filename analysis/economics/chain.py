"""From accelerators to what the rest of the industry chain has to supply, as plain arithmetic.

Like `analysis.scenarios.sizing`, each formula works on floats, arrays, columns, Altair parameters and SymPy symbols. Their
coefficients come from `analysis.economics.coefficients`; `analysis.industry.pass_through` puts a scenario through them.
"""

from analysis.arrays import PerCase


def memory(accelerators: PerCase, accelerator_memory: PerCase) -> PerCase:
    """Bytes of memory on `accelerators` of `accelerator_memory` bytes each."""
    return accelerators * accelerator_memory


def switches(accelerators: PerCase, network_ports: PerCase, taper: PerCase, tiers: PerCase, switch_radix: PerCase) -> PerCase:
    """Switches of a fat tree of so many `tiers`, not yet whole (Leiserson 1985; k-ary: Al-Fares et al. 2008).

    A port of an accelerator takes one port of a switch in the first tier, and above it `taper` links from tier to tier
    with a port at each end. A full tree has taper 1: 3/k switches a port in two tiers, 5/k in three.
    """
    return accelerators * network_ports * (1 + 2 * (tiers - 1) * taper) / switch_radix


def optical_modules(
    accelerators: PerCase, network_ports: PerCase, taper: PerCase, tiers: PerCase, optical_share: PerCase
) -> PerCase:
    """Optical modules, one at each end of each optical link: `optical_share` of the links down, all between tiers."""
    return accelerators * network_ports * 2 * (optical_share + (tiers - 1) * taper)


def largest_fat_tree(tiers: PerCase, switch_radix: PerCase) -> PerCase:
    """Ports that a full fat tree of `tiers` can connect: 2 (k/2)^tiers, for a whole number of tiers."""
    return 2 * (switch_radix / 2) ** tiers


def server_power(accelerators: PerCase, accelerator_power: PerCase, server_share: PerCase) -> PerCase:
    """Nameplate watts of the servers: `server_share` times that of their accelerators."""
    return accelerators * accelerator_power * server_share


def computer_power(servers_watts: PerCase, switches: PerCase, switch_power: PerCase) -> PerCase:
    """Nameplate watts of servers and network together."""
    return servers_watts + switches * switch_power


def site_power(computer_watts: PerCase, pue: PerCase) -> PerCase:
    """Watts that a site needs for computers of `computer_watts`: power usage effectiveness times these."""
    return computer_watts * pue


def drawn_power(site_watts: PerCase, draw_share: PerCase) -> PerCase:
    """Watts that the site draws at work, of the `site_watts` it is built for."""
    return site_watts * draw_share


def liquid_cooling(computer_watts: PerCase, liquid_share: PerCase) -> PerCase:
    """Watts of heat that liquid carries from the chips; all electricity of computers becomes heat."""
    return computer_watts * liquid_share


def racks(computer_watts: PerCase, rack_power: PerCase) -> PerCase:
    """Racks, not yet whole, of `rack_power` watts each."""
    return computer_watts / rack_power


def floor(site_watts: PerCase, floor_per_watt: PerCase) -> PerCase:
    """Square metres of buildings."""
    return site_watts * floor_per_watt


def servers_cost(accelerators: PerCase, accelerator_price: PerCase, server_chip_share: PerCase) -> PerCase:
    """Dollars for servers, of whose price the accelerators are `server_chip_share`."""
    return accelerators * accelerator_price / server_chip_share


def network_cost(switches: PerCase, switch_price: PerCase, modules: PerCase, module_price: PerCase) -> PerCase:
    """Dollars for switches and optical modules."""
    return switches * switch_price + modules * module_price


def building_cost(site_watts: PerCase, building_cost_per_watt: PerCase) -> PerCase:
    """Dollars for buildings, power and cooling plant."""
    return site_watts * building_cost_per_watt


def capital(servers: PerCase, network: PerCase, building: PerCase) -> PerCase:
    """Dollars for all of it."""
    return servers + network + building
