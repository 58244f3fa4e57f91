package site

import (
	"encoding/binary"
	"encoding/json"
	"net/http"
	"slices"

	"roster/internal/access"
)

// maxUndo is the number of records up to which an action can be undone: a cookie and
// a URL hold their IDs.
const maxUndo = 500

// undoView is the form that reverts an action: the work of the opposite action on
// the records that were changed.
type undoView struct{ URL, Work string }

// undoDelete returns the form that reverts the deletion of a record; nil if the actor
// cannot revert it.
func (s *Site) undoDelete(res *Resource, r *http.Request, actor access.Actor, id int64) *undoView {
	action, err := res.action(res.Undelete)
	if err != nil || !actor.Can(action.Needs) {
		return nil
	}
	k := work{Resource: res.path(), Actor: actor.ID(), List: r.URL.Query().Get(keptFilters), Done: 1, Changed: idList{id}, Finished: true}
	return s.undoOf(res, Action{Undo: action.Name}, k)
}

// undoOf returns the form that reverts a finished action; nil if it cannot be
// reverted.
func (s *Site) undoOf(res *Resource, action Action, k work) *undoView {
	// Without IDs, an action runs on the whole list.
	if action.Undo == "" || !k.Finished || len(k.Changed) == 0 || int64(len(k.Changed)) != k.Done {
		return nil
	}
	signed, err := s.Signer.sign(workPurpose, work{
		Resource: k.Resource, Action: action.Undo, Actor: k.Actor, List: k.List, IDs: k.Changed, Total: k.Done, Reverts: true,
	})
	if err != nil {
		return nil
	}
	return &undoView{URL: res.path() + "actions/" + action.Undo + "/", Work: signed}
}

// idList is a list of positive IDs. Its JSON is short: the sorted differences as
// varints, in base64.
type idList []int64

// MarshalJSON implements json.Marshaler.
func (l idList) MarshalJSON() ([]byte, error) {
	var packed []byte
	last := int64(0)
	for _, id := range slices.Sorted(slices.Values(l)) {
		packed = binary.AppendUvarint(packed, uint64(id-last)) //nolint:gosec // not negative, because the list is sorted
		last = id
	}
	return json.Marshal(packed)
}

// UnmarshalJSON implements json.Unmarshaler.
func (l *idList) UnmarshalJSON(text []byte) error {
	var packed []byte
	if err := json.Unmarshal(text, &packed); err != nil {
		return err
	}
	last := int64(0)
	for *l = nil; len(packed) > 0; {
		step, n := binary.Uvarint(packed)
		if n <= 0 {
			break // signed text is never cut
		}
		last += int64(step) //nolint:gosec // as it was packed
		*l, packed = append(*l, last), packed[n:]
	}
	return nil
}
