"""Menus: worth by hand, order, and what networks read."""

import numpy as np
import pytest

from analysis.feedback import menus


def _menu(text):
    return np.array([[menus.DISHES.index(dish) for dish in text.split()]])


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("Cabbage Soup Noodles Fish Dumplings Cake", 0.25 + 0.5 + 1 + 1.25 + 1.5 + 1.75),
        ("Cake Cake Cake Cake Cake Cake", 1.75 - 5),
        ("Cake Soup Noodles Fish Dumplings Fruit", 1.75 + 0.5 + 1 + 1.25 + 1.5 + 0.75 - 4 * 0.5),
        ("Bread Bread Fish Fruit Bread Cake", 1.25 + 0.75 + 1.75 - 2 - 0.5),
    ],
)
def test_what_a_menu_is_worth(text, points):
    assert menus.true_reward(_menu(text)) == pytest.approx(points)


def test_the_best_menu_has_the_six_best_dishes_with_the_sweet_ones_last():
    best = menus.every()[menus.rewards().argmax()]
    assert menus.rewards().max() == menus.TASTES[2:].sum()
    assert set(best) == {2, 3, 4, 5, 6, 7}
    assert {menus.DISHES[dish] for dish in best[-2:]} == {"Fruit", "Cake"}


def test_every_menu_stands_at_its_place():
    every = menus.every()
    assert len({tuple(menu) for menu in every[::97]}) == len(every[::97])
    np.testing.assert_array_equal(menus.places(every), np.arange(8**6))


def test_repetitions_are_the_courses_beyond_the_different_dishes():
    some = menus.every()[::1001]
    assert list(menus.repetitions(some)) == [6 - len(set(menu)) for menu in some]


def test_unfinished_menus_are_read_with_room_for_the_rest():
    x = menus.encoded(np.array([[7, 0]]))
    assert x.shape == (1, 48)
    assert list(np.flatnonzero(x[0])) == [7, 8]
