"""What pyproject.toml can't say: the folders of the package, and that of the facts, which has no modules."""

from setuptools import find_packages, setup

setup(packages=[*find_packages(include=["analysis*"]), "analysis.data"])
