package httpkit

import (
	"fmt"
	"path"
	"regexp"
	"slices"
)

// importing matches the relative imports of a JavaScript module: lines that
// begin with import or export and end with a relative name in quotes.
var importing = regexp.MustCompile(`(?m)^((?:import|export)\b[^"\n]*")(\.{1,2}/[^"\n]+)(";?)$`)

// linkModules rewrites the relative imports of every .js file to fingerprinted
// names, imported files first, so that browsers can cache modules forever. All
// files must have been measured.
func linkModules(found map[string]*asset) error {
	l := linker{found: found, begun: map[string]bool{}, done: map[string]bool{}}
	for name, f := range found {
		if path.Ext(name) != ".js" || f.name == "" {
			continue
		}
		if err := l.link(name); err != nil {
			return err
		}
	}
	return nil
}

// linker keeps the state of the depth-first walk: a file that is begun and not
// done and comes up again imports itself.
type linker struct {
	found       map[string]*asset
	begun, done map[string]bool
}

// link rewrites a file after the files that it imports.
func (l *linker) link(name string) error {
	f := l.found[name]
	switch {
	case l.done[name]:
		return nil
	case f == nil || f.name == "":
		return fmt.Errorf("the module %s is imported and does not exist", name)
	case l.begun[name]:
		return fmt.Errorf("the module %s imports itself through other modules", name)
	}
	l.begun[name] = true
	source, err := f.read()
	if err != nil {
		return err
	}
	for _, match := range importing.FindAllSubmatch(source, -1) {
		target := path.Join(path.Dir(name), string(match[2]))
		if err := l.link(target); err != nil {
			return err
		}
		f.load(target, l.found[target])
	}
	l.done[name] = true
	if f.imports == nil {
		return nil
	}
	f.content, f.packed = l.rewrite(name, source), ""
	return f.measure()
}

// load records that the module imports another one, and the imports of that one.
func (f *asset) load(name string, other *asset) {
	for _, loaded := range append(slices.Clone(other.imports), name) {
		if !slices.Contains(f.imports, loaded) {
			f.imports = append(f.imports, loaded)
		}
	}
}

// rewrite returns the source of a module with fingerprinted imports.
func (l *linker) rewrite(name string, source []byte) []byte {
	return importing.ReplaceAllFunc(source, func(line []byte) []byte {
		match := importing.FindSubmatch(line)
		relative := string(match[2])
		target := path.Join(path.Dir(name), relative)
		fingerprinted := path.Base(l.found[target].fingerprint(target))
		return slices.Concat(match[1], []byte(relative[:len(relative)-len(path.Base(relative))]+fingerprinted), match[3])
	})
}

// Imports returns the names of the modules that a module imports, directly or
// not, each once and after its own imports.
func (a *Assets) Imports(name string) []string {
	if f := a.plain[name]; f != nil {
		return slices.Clone(f.imports)
	}
	return nil
}
