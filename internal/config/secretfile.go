package config

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// maxSecretFile is the largest file with a secret that is read, in bytes.
const maxSecretFile = 64 << 10

// readSecretFiles puts the content of the file that NAME_FILE names in the
// place of NAME, for every secret NAME: containers and systemd hand secrets over
// as files, where no list of processes shows them. It returns a fault for each
// that cannot be read, by NAME.
func readSecretFiles(values map[string]string) map[string]string {
	faults := map[string]string{}
	for _, s := range settings {
		file := strings.TrimSpace(values[s.name+"_FILE"])
		if !s.secret || file == "" {
			continue
		}
		if strings.TrimSpace(values[s.name]) != "" {
			faults[s.name] = fmt.Sprintf("set, and %s_FILE is set too; set one of them", s.name)
			continue
		}
		content, err := readLimited(file, maxSecretFile)
		if fault := secretFileFault(content, err); fault != "" {
			faults[s.name] = fmt.Sprintf("the file %s, which %s_FILE names, %s", quote(file), s.name, fault)
			continue
		}
		values[s.name] = strings.TrimSpace(string(content))
	}
	return faults
}

func secretFileFault(content []byte, err error) string {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err // it says the file's name again
	}
	switch {
	case err != nil:
		return "cannot be read: " + err.Error()
	case strings.TrimSpace(string(content)) == "":
		return "is empty"
	case strings.ContainsAny(strings.TrimSpace(string(content)), "\n\x00"):
		return "has more than one line"
	}
	return ""
}
