// A certified OpenID Connect provider for the tests. It prints its address, and
// POST /test changes it: redirect (the client's), people (claims by account), person
// (who logs in next), tamper (parameters of the next authorization request), and
// rotate (a new key).
import { createServer } from 'node:http';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { Provider } from 'oidc-provider';

const state = { people: {}, person: '', tamper: {}, redirect: '' };
let provider;
let serve;

function newKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' };
}

// start makes the provider again, with a key that no one has seen. Sessions stay.
function start() {
  provider = new Provider(issuer, {
    clients: [{
      client_id: 'roster', client_secret: 'a secret of the tests', redirect_uris: [`${state.redirect}/admin/login/corp/callback/`],
      post_logout_redirect_uris: [`${state.redirect}/admin/login/`],
    }, { client_id: 'script', client_secret: 'secret', grant_types: ['client_credentials'], response_types: [], redirect_uris: [] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['preferred_username', 'given_name', 'family_name'], groups: ['groups'] },
    cookies: { keys: ['a key of the tests'] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: { // access tokens for another service are JSON Web Tokens (RFC 9068)
        enabled: true,
        getResourceServerInfo: (ctx, resource) => ({ scope: '', audience: resource, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }),
      },
      rpInitiatedLogout: {
        logoutSource: (ctx, form) => { ctx.body = page('Log out', `${form}<button form="op.logoutForm" name="logout" value="yes">Yes, log me out</button>`); },
        postLogoutSuccessSource: (ctx) => { ctx.body = page('Logged out', ''); },
      },
    },
    findAccount: (ctx, id) => state.people[id] && { accountId: id, claims: () => ({ sub: id, ...state.people[id] }) },
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    jwks: { keys: [newKey()] },
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({ clientId: 'roster', accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope('openid email profile groups');
      await grant.save();
      return grant;
    },
    pkce: { required: () => true },
    scopes: ['openid', 'email', 'profile', 'groups'],
  });
  serve = provider.callback();
}

function page(title, body) {
  return `<!DOCTYPE html><html lang="en"><title>${title}</title><h1>${title} at the provider</h1>${body}</html>`;
}

// interact asks whether to log in, and logs the person in.
async function interact(request, response) {
  if (request.method === 'POST') {
    await provider.interactionFinished(request, response, { login: { accountId: state.person } });
    return;
  }
  response.setHeader('Content-Type', 'text/html');
  response.end(page('Log in', `<form method="post"><button>Log in as ${state.person}</button></form>`));
}

async function change(request, response) {
  let text = '';
  for await (const chunk of request) text += chunk;
  const { rotate, ...changed } = JSON.parse(text);
  Object.assign(state, changed);
  if (rotate || changed.redirect) start();
  response.end('done');
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, issuer);
  if (url.pathname === '/test') return change(request, response);
  if (url.pathname.startsWith('/interaction/')) return interact(request, response);
  if (url.pathname === '/auth') {
    for (const [name, value] of Object.entries(state.tamper)) url.searchParams.set(name, value);
    state.tamper = {};
    request.url = url.pathname + url.search;
  }
  return serve(request, response);
});

let issuer;
server.listen(0, '127.0.0.1', () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  process.stdout.write(`${issuer}\n`);
});
process.stdin.on('end', () => process.exit()).resume(); // ends with the test
