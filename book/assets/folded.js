// Open what is folded around the target of the page's address, in browsers that do not do so by themselves.
(() => {
  function open() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const fold = target?.closest("details:not([open])");
    if (!fold) return;
    fold.open = true;
    target.scrollIntoView();
  }
  addEventListener("DOMContentLoaded", open);
  addEventListener("hashchange", open);
})();
