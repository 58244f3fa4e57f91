package server

import (
	"fmt"
	"io/fs"
	"os"

	"roster/internal/config"
	"roster/internal/lang"
)

// Languages reads the languages of pages. An error names the setting, the
// file, and the line.
func Languages(conf config.Config) (*lang.Catalog, error) {
	var dir fs.FS
	if conf.LocaleDir != "" {
		dir = os.DirFS(conf.LocaleDir)
	}
	catalog, err := lang.Load(dir)
	if err != nil {
		return nil, fmt.Errorf("LOCALE_DIR: %w", err)
	}
	if catalog, err = catalog.Prefer(conf.LanguageCode); err != nil {
		return nil, fmt.Errorf("LANGUAGE_CODE: %w", err)
	}
	return catalog, nil
}
