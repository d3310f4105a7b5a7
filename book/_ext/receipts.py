"""A receipt at the foot of each page: under which scenario its numbers were computed, from what, and how to repeat it.

A chapter lists the notebooks that it quotes, a notebook the chapters that quote it. Where `report_repository` in
_config.yml is the address of a public copy on GitHub, a notebook's page has buttons that open it there, to be run.
"""

import html
import json
import shlex

from results import NOTEBOOK_PAGES
from sphinx.util import logging

from analysis import paths
from analysis.report import launch, runner
from analysis.report.inputs import Now

LOG = logging.getLogger(__name__)


def _notebooks_of(app, pagename):
    if pagename.startswith(f"{NOTEBOOK_PAGES}/"):
        return [pagename.rsplit("/", 1)[1]]
    return sorted(app.env.result_sources.get(pagename, ()))


def _parameter(name, value):
    """Return the words with which papermill is given a parameter: plain values as they are, the rest as YAML."""
    return ["-p", name, str(value)] if isinstance(value, (str, int, float)) else ["-y", json.dumps({name: value})]


def _receipt(notebook):
    return runner.read_receipt(paths.EXECUTED / f"{notebook}.ipynb")


def _link(app, pagename, docname):
    title = html.escape(app.env.titles[docname].astext())
    return f'<a href="{html.escape(app.builder.get_relative_uri(pagename, docname))}">{title}</a>'


def _buttons(config, notebook):
    """Return links that open a notebook where it can be run; nothing while no repository is configured."""
    if not config.report_repository:
        return ""
    try:
        found = launch.addresses(config.report_repository, config.report_branch, notebook)
    except launch.LaunchError as exc:
        LOG.warning("%s", exc)
        return ""
    return (
        f'<p><a href="{html.escape(found.jupyterlab)}">Open in JupyterLab on Binder</a> · '
        f'<a href="{html.escape(found.colab)}">Open in Colab</a>, and there run first:</p>'
        f'<div class="highlight"><pre>{html.escape(found.colab_first)}</pre></div>'
    )


def _add_receipt(app, pagename, templatename, context, doctree):
    notebooks = _notebooks_of(app, pagename)
    if doctree is None or not notebooks:
        return
    receipts = {notebook: _receipt(notebook) for notebook in notebooks}
    if None in receipts.values():  # said by the warning of a stale notebook
        return
    first = next(iter(receipts.values()))
    scenario, *overrides = first["scenario"].split(" --set ")
    words = ["python", "-m", "analysis", "run", scenario, *(word for text in overrides for word in ("--set", text))]
    command = shlex.join(words)
    buttons = ""
    if pagename.startswith(f"{NOTEBOOK_PAGES}/"):
        buttons = _buttons(app.config, notebooks[0])
        quoting = sorted(page for page, used in app.env.result_sources.items() if notebooks[0] in used)
        links = [_link(app, pagename, page) for page in quoting]
        relation = f"Quoted in {', '.join(links)}. " if links else ""
        digests = f"<code>{first['digest']}</code>"
        given = [word for name, value in first["parameters"].items() for word in _parameter(name, value)]
        command += f"\n{shlex.join(['papermill', f'notebooks/{notebooks[0]}.ipynb', 'out.ipynb', *given])}"
    else:
        links = [
            f"{_link(app, pagename, f'{NOTEBOOK_PAGES}/{notebook}')} <code>{receipt['digest']}</code>"
            for notebook, receipt in receipts.items()
        ]
        relation = ""
        digests = ", ".join(links)
    context["body"] += (
        '<aside class="receipt" aria-label="Receipt"><p>'
        f"<strong>Receipt.</strong> Computed under the scenario <em>{html.escape(first['title'])}</em>. {relation}"
        f"Digest of the notebook, of the modules, data and packages that it used, and of the assumptions: {digests}. "
        "<code>python -m analysis check</code> recomputes the digests. To repeat it, under these assumptions or others:</p>"
        f'<div class="highlight"><pre>{html.escape(command)}</pre></div>{buttons}</aside>'
    )


def _warn_of_mixture(app):
    """Warn, which fails the build, of notebooks that are stale or were run under another scenario than the rest."""
    states = list(runner.states())
    for one in states:
        if one.changed:
            LOG.warning("notebook %r is stale (%s); run python -m analysis run SCENARIO", one.name, ", ".join(one.changed))
    scenarios = {one.scenario for one in states if one.scenario}
    if len(scenarios) > 1:
        LOG.warning("the notebooks were run under different scenarios: %s", ", ".join(sorted(scenarios)))


def _renew_notebook_pages(app, env):
    """Write the notebooks' pages again when it has changed who quotes them."""
    quoting = {page: sorted(used) for page, used in env.result_sources.items()}
    if getattr(env, "quoting_written", None) == quoting:
        return []
    env.quoting_written = quoting
    return [name for name in env.all_docs if name.startswith(f"{NOTEBOOK_PAGES}/")]


def _made_by():
    now = Now()
    digest = now.pages()
    now.save()
    return digest


def setup(app):
    # Sphinx reads every page again when this has changed: it does not look into its extensions by itself.
    app.add_config_value("report_made_by", _made_by(), "env")
    app.add_config_value("report_repository", "", "html")
    app.add_config_value("report_branch", "main", "html")
    app.connect("builder-inited", _warn_of_mixture)
    app.connect("html-page-context", _add_receipt)
    app.connect("env-updated", _renew_notebook_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
