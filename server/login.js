"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  let token = "";

  function say(words) {
    $("said").textContent = words;
    $("said").hidden = words === "";
  }
  const why = {
    401: "Name, password or code is wrong.",
    403: "Another page sent this.",
    429: "Too many logins failed, or too many log in at once. Wait and try again.",
  };
  const ask = (method, more) => fetch("api/v1/session", { method, ...more });

  // known shows whose session it is, if there is one.
  async function known() {
    const r = await ask("GET").catch(() => undefined);
    const here = r && r.ok;
    if (here) {
      const s = await r.json();
      token = s.csrf;
      say(`You are logged in as ${s.subject}.`);
    }
    $("form").hidden = here;
    $("session").hidden = !here;
  }
  $("form").addEventListener("submit", async (e) => {
    e.preventDefault();
    $("in").disabled = true;
    say("");
    try {
      const body = { name: $("name").value, password: $("password").value, code: $("code").value.replace(/\s/g, "") };
      const r = await ask("POST", { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
      if (r.ok) return location.assign("dashboard/");
      say(why[r.status] || `This did not work (status ${r.status}).`);
    } catch (e) {
      say(`The service does not answer (${e.message}).`);
    } finally {
      $("in").disabled = false;
    }
    $("code").value = "";
    $("password").select();
  });
  $("out").addEventListener("click", async () => {
    const r = await ask("DELETE", { headers: { "X-Csrf-Token": token } }).catch(() => undefined);
    say(r && r.ok ? "You are logged out." : "This did not work.");
    if (r && r.ok) { $("form").hidden = false; $("session").hidden = true; }
  });
  known();
})();
