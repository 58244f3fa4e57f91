package oidc

// CheckAddress is checkAddress.
var CheckAddress = checkAddress
