// Command dockerfile checks Dockerfiles with BuildKit's parser, planner and linter,
// without an engine and without fetching images: it treats referenced images as
// empty Linux images.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/util/appcontext"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

func main() {
	failed := false
	for _, name := range os.Args[1:] {
		warnings, err := judge(appcontext.Context(), name)
		if err != nil {
			warnings = append(warnings, err.Error())
		}
		for _, warning := range warnings {
			fmt.Fprintf(os.Stderr, "%s: %s\n", name, warning)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}

// judge plans the build of a Dockerfile and returns the linter's warnings.
func judge(ctx context.Context, name string) (warnings []string, err error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	platform := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	caps := pb.Caps.CapSet(pb.Caps.All())
	warn := func(rule, _, _, message string, where []parser.Range) {
		line := 0
		if len(where) > 0 {
			line = int(where[0].Start.Line)
		}
		warnings = append(warnings, fmt.Sprintf("line %d: %s: %s", line, rule, message))
	}
	_, _, _, _, err = dockerfile2llb.Dockerfile2LLB(ctx, text, dockerfile2llb.ConvertOpt{
		MetaResolver:   emptyImages{platform},
		TargetPlatform: &platform,
		Warn:           warn,
		AllStages:      true,
		LLBCaps:        &caps,
	})
	return warnings, err
}

// emptyImages reports every image as existing and empty.
type emptyImages struct{ platform ocispecs.Platform }

func (e emptyImages) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	config, err := json.Marshal(ocispecs.Image{Platform: e.platform})
	return ref, "", config, err
}

var _ llb.ImageMetaResolver = emptyImages{}
