// token is what the server wants back, in the header X-CSRFToken, from
// whoever has opened its pages and changes something.
export const token = () => document.cookie.match(/(?:^|; )(?:__Host-)?roster_csrf=([^;]*)/)?.[1] ?? "";

// renew asks for this page once more, after a refusal: another server of this
// host may have set the cookie, or the server's key be a new one. It tells
// whether there is another token now.
export async function renew() {
  const before = token();
  await fetch(location.href, { method: "HEAD", headers: { Accept: "text/html" }, credentials: "same-origin" });
  return token() !== before;
}
