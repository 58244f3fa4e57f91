package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by the linker for releases; see the Makefile.
var version = ""

// buildVersion is the version of this binary: that of the release, or the
// commit recorded by Go.
func buildVersion() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "dev"
	}
	return info.Main.Version
}

type versionCommand struct{}

// Run prints the version, the compiler and the platform on one line.
func (versionCommand) Run(env *environment) error {
	_, err := fmt.Fprintln(env.Out, versionLine())
	return err
}

func versionLine() string {
	return fmt.Sprintf("roster %s (%s, %s/%s)", buildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
