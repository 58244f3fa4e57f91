package api

// Counted is counted.
var Counted = counted
