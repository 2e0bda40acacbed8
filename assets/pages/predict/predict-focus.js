/* The result card stays in view while its column scrolls under it; what has the focus never stands
   behind it, and a card that would take half the window does not stay. */
(function () {
  "use strict";
  const modeldesk = (window.modeldesk = window.modeldesk || {});
  const desk = (modeldesk.predict = modeldesk.predict || {});
  const GAP = 8;
  const MOST = 0.5; // of the window's height
  const card = () => document.getElementById("predict-result");
  let observed = null;

  function fit() {
    const result = card();
    if (result) result.classList.toggle("is-tall", result.offsetHeight > window.innerHeight * MOST);
  }

  /** Follow the card's height from here on. */
  desk.watchCard = function () {
    observed?.disconnect();
    observed = new ResizeObserver(fit);
    observed.observe(card());
    fit();
  };
  window.addEventListener("resize", fit);

  document.addEventListener("focusin", ({ target }) => {
    const result = card();
    if (!result || result.contains(target) || !target.closest(".md-predict-answers")) return;
    requestAnimationFrame(() => {
      if (getComputedStyle(result).position !== "sticky") return;
      const over = result.getBoundingClientRect();
      const hidden = over.bottom + GAP - target.getBoundingClientRect().top;
      if (hidden > 0) window.scrollBy({ top: -hidden, behavior: "instant" });
    });
  });
})();
