// Package oidc logs people in at OpenID Connect providers: discovery, the
// authorization code flow with PKCE, and the verification of ID tokens (OpenID
// Connect Core 1.0, Discovery 1.0, RFC 7636, RFC 9207). It decides nothing about
// accounts.
package oidc
