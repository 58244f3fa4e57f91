package admin

// IsLocal reports whether an address is one of this site.
var IsLocal = isLocal
