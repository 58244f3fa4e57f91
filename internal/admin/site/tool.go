package site

import (
	"context"
	"net/http"

	"roster/internal/access"
	"roster/internal/httpkit"
)

// Tool is something that can be looked into about all records of a resource,
// by a button of its list.
type Tool struct {
	Name  string // in its URL
	Label string
	Needs access.Permission
	Run   func(ctx context.Context, actor access.Actor) (Finding, error)
}

// Finding is what a tool found.
type Finding struct {
	Good     bool
	Text     string   // a sentence
	Problems []string // each a sentence
}

// findingView is what a tool found, as a page.
type findingView struct {
	head
	Finding

	Resource *Resource
}

// runTool answers POST for the tool that the path names.
func (s *Site) runTool(res *Resource, tool Tool) httpkit.Handler {
	return func(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
		finding, err := tool.Run(r.Context(), actor)
		if err != nil {
			return err
		}
		return s.render(w, r, http.StatusOK, "admin_finding", &findingView{
			head: headOf(res, tool.Label, crumb{tool.Label, ""}), Finding: finding, Resource: res,
		})
	}
}
