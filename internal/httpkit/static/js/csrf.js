// token is what the server wants back, in the header X-CSRFToken, from
// whoever has opened its pages and changes something.
export const token = () => document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]*)/)?.[1] ?? "";
