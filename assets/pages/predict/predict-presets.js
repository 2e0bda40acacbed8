/* Presets take the form as it stands, and fill it when one is opened; they are kept on the server. */
(function () {
  "use strict";
  const desk = () => window.modeldesk.predict;

  // The button that opens the dialog says what is to be saved.
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-preset-what]");
    if (opener) window.dash_clientside.set_props("preset-what", { value: opener.dataset.presetWhat });
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    modeldesk: Object.assign({}, window.dash_clientside?.modeldesk, {
      /** The form's values now, with what the dialog says. */
      presetTaken(clicks, submits, name, what, shared) {
        const form = desk().form();
        if ((!clicks && !submits) || !form) return window.dash_clientside.no_update;
        const values = desk().asked(form.values);
        return { model: form.spec.model, version: form.spec.version, values, seq: Date.now(), name: name || "", what, shared: Boolean(shared) };
      },

      /** Fill the form with the preset that the address names; inputs in the address lie over it. */
      presetOpened(values) {
        const form = desk().form();
        if (form && values && values.length) {
          const shared = desk().decode(form.spec, window.location.hash).values;
          desk().fill(desk().byName([...values, ...desk().pairs(shared)]));
        }
        return window.dash_clientside.no_update;
      },
    }),
  });
})();
