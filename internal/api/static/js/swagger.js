// Starts Swagger UI in the colours that the system asks for.

import { token } from "./csrf.js";

const mount = document.getElementById("swagger-ui");
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const paint = () => document.documentElement.classList.toggle("dark-mode", dark.matches);

paint();
dark.addEventListener("change", paint);

SwaggerUIBundle({
  url: mount.dataset.spec,
  domNode: mount,
  deepLinking: true,
  displayRequestDuration: true,
  validatorUrl: null, // the default sends the document to another origin
  requestInterceptor: (request) => {
    if (token()) request.headers["X-CSRFToken"] = token();
    return request;
  },
});
