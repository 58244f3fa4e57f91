// Package reference generates shell completion scripts and the manual page from
// the model of the command line, so they are always up to date.
package reference

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// command is a command as typed.
type command struct {
	path  string // "task run"; "" for the program itself
	help  string
	args  []*kong.Positional
	flags []*kong.Flag // its own
	below []string     // the names of its subcommands
}

// commands lists the program and every visible command, parents first.
func commands(app *kong.Application) []command { return collect(app.Node, "") }

func collect(node *kong.Node, path string) []command {
	one := command{path: path, help: node.Help, args: node.Positional}
	for _, flag := range node.Flags {
		if !flag.Hidden {
			one.flags = append(one.flags, flag)
		}
	}
	all := []command{one}
	for _, child := range node.Children {
		if child.Hidden {
			continue
		}
		all[0].below = append(all[0].below, child.Name)
		all = append(all, collect(child, strings.TrimSpace(path+" "+child.Name))...)
	}
	return all
}

// words are the words that may follow the command, other than flags:
// subcommands, and the values of its first argument if they are known.
func (c command) words() []string {
	words := slices.Clone(c.below)
	if len(c.args) > 0 && c.args[0].Enum != "" {
		words = append(words, c.args[0].EnumSlice()...)
	}
	return words
}

// takesFile reports whether an argument may be a file name.
func (c command) takesFile() bool {
	return slices.ContainsFunc(c.args, func(a *kong.Positional) bool {
		return a.Enum == "" && (strings.EqualFold(a.Name, "file") || strings.EqualFold(a.Name, "dir"))
	})
}
