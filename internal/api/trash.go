package api

import (
	"net/http"

	"roster/internal/access"
	"roster/internal/api/drf"
	"roster/internal/api/work"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/query"
	"roster/internal/user"
)

// trashAnswer is a deleted user as it is answered.
type trashAnswer struct {
	ID        int64       `json:"id"`
	Username  string      `json:"username"`
	Email     string      `json:"email"`
	FirstName string      `json:"first_name"`
	LastName  string      `json:"last_name"`
	DeletedAt work.Time   `json:"deleted_at"`
	DeletedBy string      `json:"deleted_by"`
	Door      access.Door `json:"door"`
	Reason    string      `json:"reason"`
}

func newTrashAnswer(t user.Trashed) trashAnswer {
	return trashAnswer{
		ID: t.ID, Username: t.Username, Email: t.Email, FirstName: t.FirstName, LastName: t.LastName,
		DeletedAt: work.Time(t.At), DeletedBy: t.Actor, Door: t.Door, Reason: t.Reason,
	}
}

// listTrash answers GET /api/trash/.
func (a *API) listTrash(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	var faults fault.Fields
	search, messages := query.ParseSearch(drf.LastValue(r.URL.RawQuery, "search"))
	if faults.Add("search", messages...); len(faults) > 0 {
		return faults.Err()
	}
	total, err := a.Trash.Count(r.Context(), actor, search)
	if err != nil {
		return err
	}
	return a.respondPage(w, r, total, func(offset int64) ([]byte, error) {
		users, err := a.Trash.List(r.Context(), actor, search, offset, a.PageSize)
		results := make([]trashAnswer, len(users))
		for i := range users {
			results[i] = newTrashAnswer(users[i])
		}
		return work.Marshal(results), err
	})
}

// restoreUser answers POST /api/trash/{id}/restore/.
func (a *API) restoreUser(w http.ResponseWriter, r *http.Request, actor access.Actor, id int64) error {
	in, err := a.input(r, form.Partial)
	if err != nil {
		return err
	}
	u, err := a.Trash.Restore(r.Context(), actor, id, in)
	if err != nil {
		return err
	}
	return respondUser(w, http.StatusOK, &u)
}
