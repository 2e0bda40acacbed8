/* The Versions page: the versions that are compared stand in the address. */
(function () {
  "use strict";

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    modeldesk: Object.assign({}, window.dash_clientside?.modeldesk, {
      /** Keep which versions are compared, and on whose rows, in the address. */
      versionsAddress(query) {
        if (query && query.first && /\/versions$/.test(window.location.pathname)) {
          const rows = query.rows ? `&rows=${query.rows}` : "";
          window.history.replaceState({}, "", `${window.location.pathname}?compare=${query.first},${query.second}${rows}`);
        }
        return window.dash_clientside.no_update;
      },

      /** Open the dialog for the decision whose button was pressed, in the words of the page's text.py. */
      versionsDecision() {
        const { triggered, outputs_list: outputs } = window.dash_clientside.callback_context;
        const [last] = triggered;
        if (!last || !last.value) {
          return outputs.map(() => window.dash_clientside.no_update);
        }
        const { part, name: version } = JSON.parse(last.prop_id.slice(0, last.prop_id.lastIndexOf(".")));
        const action = part === "version-rollback" ? "rollback" : "promote";
        const dialog = document.getElementById("versions-dialog");
        const words = JSON.parse(dialog.closest("[data-md-words]").dataset.mdWords);
        const say = (sentence) => sentence.replaceAll("{version}", version);
        dialog.showModal();
        return [
          { action, version },
          say(words[action].title),
          say(words.consequence),
          words[action].confirm,
          `btn ${action === "rollback" ? "btn-danger" : "btn-primary"}`,
          "",
          null,
        ];
      },
    }),
  });
})();
