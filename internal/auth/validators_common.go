package auth

import (
	"bufio"
	"compress/gzip"
	_ "embed" // the list
	"strings"
	"sync"

	"roster/internal/form"
)

// commonPasswords is Django's list; common-passwords.md says where it is from.
//
//go:embed common-passwords.txt.gz
var commonPasswords string

// common is Django's CommonPasswordValidator with the list that Django 4.2 has.
type common struct {
	list func() map[string]bool // reads it once, when first asked
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

// readCommonPasswords panics when the embedded file is damaged, which would be
// a defect of the build: going on would let every common password in.
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
