// Package docs embeds the documentation, which the server shows below /docs/.
package docs

import "embed"

// Files are the documents, as Markdown, with their images.
//
//go:embed *.md adr/*.md api/*.md images/*.png
var Files embed.FS

// Images are the images alone, for httpkit.NewAssets.
//
//go:embed images/*.png
var Images embed.FS
