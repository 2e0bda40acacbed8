/* The Feature importance page: a bar picks its input, and the address keeps what is chosen.
   Ids as in app/modeldesk/web/ui/pages/importance/ids.py. */
(function () {
  "use strict";

  const NARROW = 768;
  const USUAL = { by: "contribution", colour: "auto" };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    modeldesk: Object.assign({}, window.dash_clientside?.modeldesk, {
      /** Both measures side by side; in a narrow window only the one that ranks. */
      driversFit(figure) {
        if (!figure || window.innerWidth >= NARROW || figure.data.length < 2) {
          return figure || window.dash_clientside.no_update;
        }
        const ranked = figure.layout.meta.ranked;
        const axis = ranked ? "x2" : "x";
        const layout = { ...figure.layout };
        const own = layout[ranked ? "xaxis2" : "xaxis"];
        delete layout.xaxis2;
        layout.xaxis = { ...own, domain: [0, 1] };
        layout.annotations = layout.annotations
          .filter((words) => words.xref.split(" ")[0] === axis)
          .map((words) => ({ ...words, xref: words.xref.replace("x2", "x") }));
        return { ...figure, data: [{ ...figure.data[ranked], xaxis: "x" }], layout };
      },

      /** A click on a bar → the input that it is of, where that has values to draw along an axis. */
      driversPick(click, options) {
        const key = click?.points?.[0]?.customdata;
        const known = (options || []).some((option) => option.value === key);
        return known ? key : window.dash_clientside.no_update;
      },

      /** Keep ranking, input, colour and class in the address. */
      driversAddress(by, input, colour, of, ready) {
        if (ready && /\/drivers$/.test(window.location.pathname)) {
          const query = new URLSearchParams();
          for (const [name, value] of Object.entries({ by, input, colour, of })) {
            if (value && value !== USUAL[name]) {
              query.set(name, value);
            }
          }
          const text = query.toString();
          window.history.replaceState({}, "", `${window.location.pathname}${text ? `?${text}` : ""}`);
        }
        return window.dash_clientside.no_update;
      },
    }),
  });
})();
