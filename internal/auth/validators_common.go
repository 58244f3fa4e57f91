package auth

import (
	"bufio"
	"compress/gzip"
	_ "embed" // the list
	"strings"
	"sync"

	"roster/internal/form"
)

// commonPasswords is Django's list; see common-passwords.md for its source.
//
//go:embed common-passwords.txt.gz
var commonPasswords string

// common is Django's CommonPasswordValidator with the list of Django 4.2.
type common struct {
	list func() map[string]bool // loads it once, on first use
}

func newCommon() common { return common{list: sync.OnceValue(readCommonPasswords)} }

func (c common) weakness(password string, _ Attributes) (Weakness, bool) {
	if !c.list()[form.Strip(form.Lower(password))] {
		return Weakness{}, false
	}
	return Weakness{"password_too_common", "This password is too common."}, true
}

func (c common) help() string {
	return "Your password can’t be a commonly used password."
}

// readCommonPasswords panics if the embedded file is damaged, a defect of the
// build: otherwise every common password would be accepted.
func readCommonPasswords() map[string]bool {
	list := map[string]bool{}
	unpacked, err := gzip.NewReader(strings.NewReader(commonPasswords))
	if err != nil {
		panic("auth: common-passwords.txt.gz: " + err.Error())
	}
	lines := bufio.NewScanner(unpacked)
	for lines.Scan() {
		list[form.Strip(lines.Text())] = true
	}
	if err := lines.Err(); err != nil {
		panic("auth: common-passwords.txt.gz: " + err.Error())
	}
	return list
}
