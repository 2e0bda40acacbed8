/* Scenarios take the form as it stands, and fill it again; what is kept lives in the session's store. */
(function () {
  "use strict";
  const desk = () => window.modeldesk.predict;

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    modeldesk: Object.assign({}, window.dash_clientside?.modeldesk, {
      /** The form's values now, which may be ahead of what was sent last, under the name given. */
      scenarioTaken(clicks, submits, name) {
        const form = desk().form();
        if ((!clicks && !submits) || !form) return window.dash_clientside.no_update;
        return { model: form.spec.model, version: form.spec.version, values: desk().asked(form.values), seq: Date.now(), name: name || "" };
      },

      /** The records that are compared stand in the address: what names them, never their inputs. */
      predictCompared(refs) {
        const query = new URLSearchParams(window.location.search);
        query.delete("records");
        const named = (refs || []).filter((ref) => /^(row|prediction):[0-9a-f-]+$/i.test(ref)).join(",");
        const parts = [query.toString(), named && `records=${named}`].filter(Boolean).join("&");
        const address = `${window.location.pathname}${parts ? `?${parts}` : ""}${window.location.hash}`;
        window.history.replaceState(window.history.state, "", address);
        return window.dash_clientside.no_update;
      },

      /** Fill the form with the scenario whose button was pressed last. */
      scenarioLoaded(clicks, kept) {
        const [last] = window.dash_clientside.callback_context.triggered;
        if (last && last.value) {
          const { name } = JSON.parse(last.prop_id.slice(0, last.prop_id.lastIndexOf(".")));
          const scenario = (kept || []).find(({ number }) => number === name);
          if (scenario) desk().fill(desk().byName(scenario.values));
        }
        return window.dash_clientside.no_update;
      },
    }),
  });
})();
