package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"reflect"
	"strconv"
	"strings"

	"github.com/caarlos0/env/v11"

	"roster/internal/secret"
)

// Level is a log level. It implements slog.Leveler.
type Level slog.Level

// Level returns the level as a slog.Level.
func (l Level) Level() slog.Level { return slog.Level(l) }

// UnmarshalText parses a level, named as in Python's logging or log/slog, in
// any case.
func (l *Level) UnmarshalText(text []byte) error {
	level, ok := levelNames[strings.ToUpper(string(text))]
	if !ok {
		return fmt.Errorf("%s is not a level; use %s", quote(string(text)), levelChoice)
	}
	*l = Level(level)
	return nil
}

// LevelNames returns the names of the levels, the most detailed first.
func LevelNames() []string { return []string{"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"} }

// Name returns the name of a level of LevelNames.
func (l Level) Name() string {
	for _, name := range LevelNames() {
		if levelNames[name] == l.Level() {
			return name
		}
	}
	return l.Level().String()
}

const levelChoice = "DEBUG, INFO, WARNING, ERROR or CRITICAL"

var levelNames = map[string]slog.Level{
	"DEBUG": slog.LevelDebug, "INFO": slog.LevelInfo, "WARNING": slog.LevelWarn, "WARN": slog.LevelWarn,
	"ERROR": slog.LevelError, "CRITICAL": slog.LevelError + 4,
}

// parsers parse the field types of Config. Their errors state what is wrong and
// what is allowed.
var parsers = map[reflect.Type]env.ParserFunc{
	reflect.TypeFor[bool]():                  parser(parseBool),
	reflect.TypeFor[Rate]():                  parser(ParseRate),
	reflect.TypeFor[OptionalRate]():          parser(parseOptionalRate),
	reflect.TypeFor[secret.Text]():           parser(parseSecret),
	reflect.TypeFor[[]secret.Text]():         parser(parseSecrets),
	reflect.TypeFor[[]string]():              parser(parseNames),
	reflect.TypeFor[List]():                  parser(parseList),
	reflect.TypeFor[map[string]slog.Level](): parser(parseLevels),
	reflect.TypeFor[map[string]Rate]():       parser(parseScopeRates),
	reflect.TypeFor[[]netip.Prefix]():        parser(parsePrefixes),
}

func parser[T any](parse func(string) (T, error)) env.ParserFunc {
	return func(text string) (any, error) { return parse(text) }
}

func parseBool(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "true", "1", "yes", "on", "t", "y":
		return true, nil
	case "false", "0", "no", "off", "f", "n":
		return false, nil
	}
	return false, fmt.Errorf("%s is not a boolean; use true or false", quote(text))
}

func parseSecret(text string) (secret.Text, error) { return secret.New(text), nil }

func parseSecrets(text string) ([]secret.Text, error) {
	var secrets []secret.Text
	for _, item := range splitList(text) {
		secrets = append(secrets, secret.New(item))
	}
	return secrets, nil
}

// parseNames parses hosts and origins, which are case-insensitive.
func parseNames(text string) ([]string, error) {
	return splitList(strings.ToLower(text)), nil
}

// List is a comma-separated list whose items keep their case.
type List []string

func parseList(text string) (List, error) { return splitList(text), nil }

// parseLevels parses component=level items. Component names are lower case.
func parseLevels(text string) (map[string]slog.Level, error) {
	levels := map[string]slog.Level{}
	for _, item := range splitList(text) {
		component, name, ok := strings.Cut(item, "=")
		level, known := levelNames[strings.ToUpper(strings.TrimSpace(name))]
		component = strings.ToLower(strings.TrimSpace(component))
		if !ok || !known || component == "" {
			return nil, fmt.Errorf("%s is not of the form component=level with the level %s", quote(item), levelChoice)
		}
		if _, twice := levels[component]; twice {
			return nil, fmt.Errorf("%s is named twice; give it one level", quote(component))
		}
		levels[component] = level
	}
	return levels, nil
}

// parsePrefixes parses CIDRs; a bare address is a network of one.
func parsePrefixes(text string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for _, item := range splitList(text) {
		prefix, err := parsePrefix(item)
		if err != nil {
			return nil, fmt.Errorf("%s is not a network; write a CIDR such as 10.0.0.0/8", quote(item))
		}
		prefixes = append(prefixes, prefix)
	}
	return prefixes, nil
}

func parsePrefix(text string) (netip.Prefix, error) {
	if !strings.Contains(text, "/") {
		addr, err := netip.ParseAddr(text)
		if err != nil || addr.Zone() != "" {
			return netip.Prefix{}, errors.New("not an address")
		}
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	const mapped = 96 // bits before the IPv4 address
	if prefix.Addr().Is4In6() && prefix.Bits() >= mapped {
		prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-mapped)
	}
	return prefix.Masked(), err
}

// splitList returns the trimmed, non-empty items of a comma-separated list.
func splitList(text string) []string {
	var items []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// quote quotes a value for a message: on one line and truncated.
func quote(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strconv.Quote(text)
}
