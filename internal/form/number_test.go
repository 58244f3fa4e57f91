package form_test

import (
	"math"
	"strconv"
	"testing"

	"roster/internal/form"
)

func TestFormatFloat_AsPython(t *testing.T) {
	t.Parallel()
	for _, a := range readAnswers[string](t, "float.jsonl") {
		number, err := strconv.ParseFloat(a.input, 64)
		if err != nil {
			t.Fatal(err)
		}
		if got := form.FormatFloat(number); got != a.want {
			t.Errorf("FormatFloat(%s): got %s, want %s", a.input, got, a.want)
		}
	}
}

func TestFormatFloat_NotFinite(t *testing.T) {
	t.Parallel()
	for number, want := range map[float64]string{math.Inf(1): "inf", math.Inf(-1): "-inf", math.NaN(): "nan"} {
		if got := form.FormatFloat(number); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func FuzzFormatFloat(f *testing.F) {
	for _, seed := range []float64{0, 1e15, 1e16, 1e-4, 9.999999999999999e-05, 5e-324, math.MaxFloat64, math.Inf(-1)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, number float64) {
		text := form.FormatFloat(number)
		back, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatalf("FormatFloat(%v) = %q: %v", number, text, err)
		}
		if back != number && !math.IsNaN(number) {
			t.Errorf("FormatFloat(%v) = %q, which reads back as %v", number, text, back)
		}
	})
}
