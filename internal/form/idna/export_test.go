package idna

// Punycode is what the tests look at beneath ToASCII.
var Punycode = punycode
