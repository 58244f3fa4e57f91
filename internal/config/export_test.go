package config

// ParseDotenv is parseDotenv, for the fuzz test.
var ParseDotenv = parseDotenv
