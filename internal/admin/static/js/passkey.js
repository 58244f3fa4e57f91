// Logs in with, confirms by, and adds passkeys (Web Authentication). The server
// puts what navigator.credentials needs into the form, and the answer is sent
// with it. Where browsers have no passkeys, or without scripts, the form stays
// hidden.

const form = document.querySelector("form[data-passkey]");
const creates = form?.dataset.passkey === "create";
const fresh = 4 * 60 * 1000; // milliseconds; the server accepts a challenge for five minutes
let loaded = performance.now();
let waiting = null; // the controller of the request that waits for autofill

const supported = () => "parseRequestOptionsFromJSON" in (window.PublicKeyCredential ?? {}) && "toJSON" in PublicKeyCredential.prototype;

// renew reads a new challenge from the page when the present one is about to expire.
async function renew() {
  if (creates || performance.now() - loaded < fresh) return;
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  const other = page.querySelector("form[data-passkey]");
  if (!other) return location.reload(); // logged in or out meanwhile
  form.dataset.options = other.dataset.options;
  form.elements.challenge.value = other.elements.challenge.value;
  loaded = performance.now();
}

// ask resolves to the answer of an authenticator.
function ask(more) {
  const options = JSON.parse(form.dataset.options);
  if (creates) return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options), ...more });
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options), ...more });
}

function send(answer) {
  form.elements.credential.value = JSON.stringify(answer);
  form.submit();
}

// report shows that there is no answer. Browsers do not distinguish a refusal and a
// timeout.
function report(error) {
  const already = creates && error.name === "InvalidStateError";
  const text = already ? "This device already has a passkey for your account." : "No passkey was used. Try again, or choose another way.";
  form.querySelector("[role=alert]").textContent = creates && !already ? "No passkey was created. Try again." : text;
  form.querySelector("[role=alert]").hidden = false;
}

// suggest lets the browser offer passkeys in the field for the username.
async function suggest() {
  if (!("autofill" in form.dataset) || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  waiting = new AbortController();
  const { signal } = waiting;
  const again = setTimeout(() => {
    waiting.abort();
    renew().then(suggest).catch(() => {});
  }, fresh);
  try {
    const answer = await ask({ mediation: "conditional", signal });
    if (answer) send(answer);
  } catch (error) {
    if (signal.aborted) return;
    clearTimeout(again); // it is refused for now; the button remains
  }
}

if (form && supported()) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    waiting?.abort();
    try {
      await renew();
      send(await ask({}));
    } catch (error) {
      report(error);
      button.disabled = false;
      button.focus();
    }
  });
  suggest();
}
