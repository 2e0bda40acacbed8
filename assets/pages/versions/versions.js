/* The Versions page: the versions that are compared stand in the address. */
(function () {
  "use strict";

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    modeldesk: Object.assign({}, window.dash_clientside?.modeldesk, {
      /** Keep which versions are compared, and on whose rows, in the address. */
      versionsAddress(asked) {
        if (asked && asked.first && /\/versions$/.test(window.location.pathname)) {
          const rows = asked.rows ? `&rows=${asked.rows}` : "";
          window.history.replaceState({}, "", `${window.location.pathname}?compare=${asked.first},${asked.second}${rows}`);
        }
        return window.dash_clientside.no_update;
      },
    }),
  });
})();
