package config

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// maxSecretFile is the maximum size of a file with a secret, in bytes.
const maxSecretFile = 64 << 10

// readSecretFiles sets each secret NAME to the content of the file named by
// NAME_FILE: containers and systemd pass secrets as files, which do not appear
// in process listings. It returns an error message for each unreadable file, by
// NAME.
func readSecretFiles(all []setting, values map[string]string) map[string]string {
	faults := map[string]string{}
	for _, s := range all {
		file := strings.TrimSpace(values[s.name+"_FILE"])
		if !s.secret || file == "" {
			continue
		}
		if strings.TrimSpace(values[s.name]) != "" {
			faults[s.name] = fmt.Sprintf("conflicts with %s_FILE; set only one of them", s.name)
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
		err = path.Err // it would repeat the file name
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
