// token returns the CSRF token, which requests that change something send in the
// header X-CSRFToken.
export const token = () => document.cookie.match(/(?:^|; )(?:__Host-)?roster_csrf=([^;]*)/)?.[1] ?? "";

// renew requests this page again after a refusal: another server of this host may
// have set the cookie, or the server has a new key. It resolves to whether the
// token has changed.
export async function renew() {
  const before = token();
  await fetch(location.href, { method: "HEAD", headers: { Accept: "text/html" }, credentials: "same-origin" });
  return token() !== before;
}
