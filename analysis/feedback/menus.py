"""Menus: the answers of a language model so small that every answer there is can be counted.

A dish is a token, a menu of `COURSES` dishes an answer. What a menu is worth, its true reward, is known, which it never is
for the answers of a real model: so it can be measured what learning from comparisons does to it.
"""

from functools import cache

import numpy as np

#: The tokens, in the order of their taste.
DISHES = ("Bread", "Cabbage", "Soup", "Fruit", "Noodles", "Fish", "Dumplings", "Cake")
#: What the first helping of each dish is worth, in points: evenly spaced, so that no choice is hidden in it.
TASTES = np.arange(len(DISHES)) / 4
_SWEET = np.array([dish in ("Fruit", "Cake") for dish in DISHES])
COURSES = 6
#: Points that a course costs which repeats a dish, and one which is savoury after a sweet one.
REPEATED, AFTER_SWEET = 1.0, 0.5


def true_reward(menus: np.ndarray) -> np.ndarray:
    """Return what `menus` (n, courses) are worth (n,), in points: the tastes of their dishes, each counted once, less
    `REPEATED` for every repetition and `AFTER_SWEET` for every savoury course after a sweet one."""
    counts = (menus[..., None] == np.arange(len(DISHES))).sum(axis=-2)
    sweet = _SWEET[menus]
    late = (np.logical_or.accumulate(sweet, axis=-1) & ~sweet).sum(axis=-1)
    return (counts > 0) @ TASTES - REPEATED * np.maximum(counts - 1, 0).sum(axis=-1) - AFTER_SWEET * late


@cache
def rewards() -> np.ndarray:
    """Return the true reward of every menu, in the order of `every`, in points."""
    return true_reward(every())


def repetitions(menus: np.ndarray) -> np.ndarray:
    """Return how many courses of `menus` (n, courses) repeat a dish, (n,)."""
    ordered = np.sort(menus, axis=-1)
    return (ordered[..., 1:] == ordered[..., :-1]).sum(axis=-1)


def every(courses: int = COURSES) -> np.ndarray:
    """Return every menu of so many courses (dishes^courses, courses), the last course changing fastest."""
    return np.indices((len(DISHES),) * courses).reshape(courses, len(DISHES) ** courses).T


def places(menus: np.ndarray) -> np.ndarray:
    """Return where each of `menus` (n, courses) stands in `every`, (n,)."""
    return menus @ len(DISHES) ** np.arange(menus.shape[-1])[::-1]


def encoded(menus: np.ndarray) -> np.ndarray:
    """Return `menus` (n, courses), which may be unfinished, as networks read them: (n, `COURSES` × dishes), a 1 for the
    dish of each course, and zeros for the courses to come."""
    x = np.zeros((len(menus), COURSES, len(DISHES)), np.float32)
    x[:, : menus.shape[1]] = np.eye(len(DISHES), dtype=np.float32)[menus]
    return x.reshape(len(menus), -1)


def text(menu: np.ndarray) -> str:
    """Return one menu in words: "Soup, fish, cake"."""
    return ", ".join(DISHES[dish] for dish in menu).capitalize()
