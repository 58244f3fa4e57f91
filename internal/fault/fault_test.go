package fault_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/internal/fault"
)

func TestKindOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err  error
		want fault.Kind
	}{
		{nil, fault.Internal},
		{errors.New("plain"), fault.Internal},
		{fault.New(fault.NotFound, "Not found."), fault.NotFound},
		{fmt.Errorf("context: %w", fault.New(fault.Denied, "No.")), fault.Denied},
		{errors.Join(errors.New("first"), fault.New(fault.Full, "Full.")), fault.Full},
		{fault.Wrap(fault.Unavailable, "Later.", fault.New(fault.NotFound, "inner")), fault.Unavailable},
	}
	for _, tt := range tests {
		if got := fault.KindOf(tt.err); got != tt.want {
			t.Errorf("%v: got %d, want %d", tt.err, got, tt.want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	throttled := &fault.Error{Kind: fault.Throttled, Message: "Slow down.", RetryAfter: time.Minute}
	tests := []struct {
		err  error
		want time.Duration
	}{
		{nil, 0},
		{errors.New("plain"), 0},
		{fault.New(fault.Unavailable, "Later."), 0},
		{fmt.Errorf("login: %w", throttled), time.Minute},
	}
	for _, tt := range tests {
		if got := fault.RetryAfter(tt.err); got != tt.want {
			t.Errorf("%v: got %v, want %v", tt.err, got, tt.want)
		}
	}
}

func TestError_Text(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk")
	wrapped := fault.Wrap(fault.Full, "There is no room.", cause)
	if wrapped.Error() != "There is no room.: disk" || !errors.Is(wrapped, cause) {
		t.Errorf("got %q", wrapped)
	}
	var fields fault.Fields
	fields.Add("email", "Bad.")
	if got := fields.Err().Error(); got != "invalid email" {
		t.Errorf("got %q", got)
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	var fields fault.Fields
	if err := fields.Err(); err != nil {
		t.Errorf("none: got %v", err)
	}
	fields.Add("phone")
	fields.Add("username", "one")
	fields.Add("email", "two")
	fields.Add("username", "three", "four")
	want := fault.Fields{{"username", []string{"one", "three", "four"}}, {"email", []string{"two"}}}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Error(diff)
	}
	if !fields.Has("email") || fields.Has("phone") {
		t.Error("Has: wrong")
	}
	if fault.KindOf(fields.Err()) != fault.Invalid {
		t.Errorf("got %v", fields.Err())
	}
}
