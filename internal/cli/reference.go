package cli

import (
	"roster/internal/cli/reference"
	"roster/internal/config"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish." placeholder:"SHELL"`
}

// Run prints a completion script.
func (c *completionCommand) Run(env *environment) error {
	return reference.Completion(env.Out, c.Shell, env.model)
}

type manCommand struct{}

// Run prints roster(1), with every command, flag and setting.
func (manCommand) Run(env *environment) error {
	standard, err := config.Load(nil, "")
	if err != nil {
		return err
	}
	var settings []reference.Setting
	for _, s := range standard.Dump() {
		settings = append(settings, reference.Setting{Name: s.Name, Default: s.Value})
	}
	return reference.Man(env.Out, env.model, buildVersion(), settings)
}
